namespace Sisa.Readers.OpenWeights;

/// <summary>The marks of a folder, tokens that stand for no text, and the tokens that it adds to its vocabulary.</summary>
/// <remarks>From <c>config.json</c>, <c>tokenizer_config.json</c>, <c>added_tokens.json</c> and <c>tokenizer.json</c>, each of which may be missing.</remarks>
internal sealed class MarkTable
{
    /// <summary>Name of the file with a tokenizer's settings.</summary>
    public const string ConfigFile = "tokenizer_config.json";

    private const string AddedFile = "added_tokens.json";

    // Every one of them is a role that some token plays; a token with a role is a mark.
    private static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"];

    private readonly Lazy<AddedTokens> _added;
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly string? _beginText;
    private readonly string? _endText;
    private readonly bool _hasNoBegin;
    private readonly int? _begin;
    private readonly int? _end;

    private MarkTable(string folder)
    {
        var files = new List<string>();
        if (FolderFile.IsThere(folder, ModelConfig.FileName))
        {
            files.Add(ModelConfig.FileName);
            var config = ModelConfig.Read(folder);
            (_begin, _end, _hasNoBegin, ModelType) = (config.Begin, config.End, config.HasNoBegin, config.ModelType);
        }

        JsonMap? settings = null;
        if (FolderFile.IsThere(folder, ConfigFile))
        {
            files.Add(ConfigFile);
            settings = FolderFile.ReadJson(folder, ConfigFile);
            Class = settings.Text("tokenizer_class");
            _hasNoBegin |= settings.IsNull("bos_token");
            (_beginText, _endText) = (TextOf(settings, "bos_token"), TextOf(settings, "eos_token"));
            _named.UnionWith(Roles.Select(role => TextOf(settings, role)).OfType<string>());
        }

        if (FolderFile.IsThere(folder, AddedFile))
        {
            files.Add(AddedFile);
        }

        Files = files;
        _added = new Lazy<AddedTokens>(() => ReadAdded(folder, settings));
    }

    /// <summary>Names of the files that were read, but for <c>tokenizer.json</c>.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Kind of tokenizer as its settings name it, or <see langword="null"/>.</summary>
    public string? Class { get; }

    /// <summary>Kind of model that it belongs to, or <see langword="null"/>.</summary>
    public string? ModelType { get; }

    /// <summary>Tokens that are added to the vocabulary.</summary>
    /// <exception cref="OpenWeightsException">A file that adds some is malformed.</exception>
    public AddedTokens Added => _added.Value;

    /// <summary>Numbers of tokens that are added to the vocabulary as marks.</summary>
    public IEnumerable<int> Marks => Added.All.Where(token => !IsText(token)).Select(token => token.Number);

    /// <summary>Reads what there is.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">A file is malformed.</exception>
    public static MarkTable Read(string folder) => new(folder);

    /// <summary>The text of a mark, which is a text, or an object that also says how the text around it is stripped; <see langword="null"/> if there is none.</summary>
    /// <param name="file">A file that names marks.</param>
    /// <param name="key">Role of the mark.</param>
    public static string? TextOf(JsonMap file, string key) => file.Find(key) switch
    {
        null => null,
        { ValueKind: System.Text.Json.JsonValueKind.Object } => file.Map(key)!.Text("content"),
        var text => file.TextOf(key, text.Value),
    };

    /// <summary>Tokens that are added to the vocabulary as text. They match wherever their characters occur.</summary>
    /// <param name="vocabulary">Token numbers of the weights; a token beyond them is never used. <see langword="null"/> without weights.</param>
    /// <param name="marks">Numbers that are always marks.</param>
    public IReadOnlyList<AddedToken> Texts(int? vocabulary, params int?[] marks) => [.. Added.All.Where(token => IsText(token) && token.Number < (vocabulary ?? int.MaxValue) && !marks.Contains(token.Number))];

    /// <summary>Number of the mark before a text, or <see langword="null"/> for none.</summary>
    /// <param name="find">Number of a token of the vocabulary by its text.</param>
    /// <param name="standard">That of the vocabulary itself, if it says so.</param>
    public int? Begin(Func<string, int?> find, int? standard = null) => _hasNoBegin ? null : _begin ?? Number(_beginText, find) ?? standard;

    /// <summary>Number of the mark after a text, or <see langword="null"/> if no file gives it.</summary>
    /// <param name="find">Number of a token of the vocabulary by its text.</param>
    /// <param name="standard">That of the vocabulary itself, if it says so.</param>
    public int? End(Func<string, int?> find, int? standard = null) => _end ?? Number(_endText, find) ?? standard;

    private bool IsText(AddedToken token) => token.IsSpecial == false && !_named.Contains(token.Text);

    private int? Number(string? text, Func<string, int?> find) => text is null ? null : Added.Find(text)?.Number ?? find(text);

    // What tokenizer.json says of a vocabulary counts where its vocabulary does.
    private static AddedTokens ReadAdded(string folder, JsonMap? settings)
    {
        var added = new AddedTokens();
        if (ByteLevelFiles.AreThere(folder) && FolderFile.IsThere(folder, PreTokenizerConfig.FileName))
        {
            added.AddList(FolderFile.ReadJson(folder, PreTokenizerConfig.FileName, FolderFile.MaxTableBytes));
        }

        if (settings?.Map("added_tokens_decoder") is { } decoder)
        {
            added.AddDecoder(decoder);
        }

        if (FolderFile.IsThere(folder, AddedFile))
        {
            added.AddTable(FolderFile.ReadJson(folder, AddedFile));
        }

        return added;
    }
}

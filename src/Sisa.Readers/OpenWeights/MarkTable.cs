using System.Globalization;
using System.Text.Json;

namespace Sisa.Readers.OpenWeights;

/// <summary>What a folder says of marks: tokens that stand for no text.</summary>
/// <remarks>From <c>config.json</c>, <c>tokenizer_config.json</c> and <c>added_tokens.json</c>, each of which may be missing.</remarks>
internal sealed class MarkTable
{
    /// <summary>Name of the file with a tokenizer's settings.</summary>
    public const string ConfigFile = "tokenizer_config.json";

    private const string AddedFile = "added_tokens.json";
    private const int MaxNumber = 1 << 24;

    private readonly Dictionary<string, int> _added = new(StringComparer.Ordinal);
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

        if (FolderFile.IsThere(folder, ConfigFile))
        {
            files.Add(ConfigFile);
            var config = FolderFile.ReadJson(folder, ConfigFile);
            Class = config.Text("tokenizer_class");
            _hasNoBegin |= config.IsNull("bos_token");
            (_beginText, _endText) = (TextOf(config, "bos_token"), TextOf(config, "eos_token"));
            AddSpecial(config);
        }

        if (FolderFile.IsThere(folder, AddedFile))
        {
            files.Add(AddedFile);
            var added = FolderFile.ReadJson(folder, AddedFile);
            foreach (var (text, _) in added.Entries)
            {
                _added[text] = added.Integer(text, 0, MaxNumber);
            }
        }

        Files = files;
    }

    /// <summary>Names of the files that were read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Kind of tokenizer as its settings name it, or <see langword="null"/>.</summary>
    public string? Class { get; }

    /// <summary>Kind of model that it belongs to, or <see langword="null"/>.</summary>
    public string? ModelType { get; }

    /// <summary>Numbers of tokens that are added to the vocabulary as marks.</summary>
    public IReadOnlyCollection<int> Added => _added.Values;

    /// <summary>Reads what there is.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="OpenWeightsException">A file is malformed.</exception>
    public static MarkTable Read(string folder) => new(folder);

    /// <summary>Number of the mark before a text, or <see langword="null"/> for none.</summary>
    /// <param name="find">Number of a token of the vocabulary by its text.</param>
    /// <param name="standard">That of the vocabulary itself, if it says so.</param>
    public int? Begin(Func<string, int?> find, int? standard = null) => _hasNoBegin ? null : _begin ?? Number(_beginText, find) ?? standard;

    /// <summary>Number of the mark after a text, or <see langword="null"/> where nothing tells it.</summary>
    /// <param name="find">Number of a token of the vocabulary by its text.</param>
    /// <param name="standard">That of the vocabulary itself, if it says so.</param>
    public int? End(Func<string, int?> find, int? standard = null) => _end ?? Number(_endText, find) ?? standard;

    private int? Number(string? text, Func<string, int?> find) => text is null ? null : _added.TryGetValue(text, out var number) ? number : find(text);

    // A mark is a text, or an object that also says how the text around it is stripped.
    private static string? TextOf(JsonMap config, string key) => config.Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } => config.Map(key)!.Text("content"),
        var text => config.TextOf(key, text.Value),
    };

    private void AddSpecial(JsonMap config)
    {
        if (config.Map("added_tokens_decoder") is not { } decoder)
        {
            return;
        }

        foreach (var (key, value) in decoder.Entries)
        {
            var token = decoder.Map(key);
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MaxNumber || token?.Text("content") is not { } text)
            {
                throw decoder.Refuse(key, value, "the number of a token, with its content");
            }

            _added[text] = number;
        }
    }
}

using System.Globalization;

namespace Sisa.Readers.OpenWeights;

/// <summary>A token that a folder adds to its vocabulary.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Number">Its number.</param>
/// <param name="IsSpecial">Whether it is a mark, which no text becomes; <see langword="null"/> if the file does not say.</param>
/// <param name="IsNormalized">Whether it is looked for after those that are not, in what they left.</param>
internal sealed record AddedToken(string Text, int Number, bool? IsSpecial, bool IsNormalized);

/// <summary>Tokens that the files of a folder add to its vocabulary: in <c>tokenizer.json</c>, <c>tokenizer_config.json</c> and <c>added_tokens.json</c>, which should agree.</summary>
/// <remarks>Meanings: AddedToken of the Python package tokenizers.</remarks>
internal sealed class AddedTokens
{
    private const int MaxNumber = 1 << 24;

    private static readonly KnownKeys Keys = new("the tokens of a text")
    {
        Used = ["id", "content", "lstrip", "rstrip", "single_word", "normalized", "special"],
        Harmless = ["__type"],
    };

    private readonly Dictionary<string, AddedToken> _byText = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _byNumber = [];

    /// <summary>The tokens.</summary>
    public IReadOnlyCollection<AddedToken> All => _byText.Values;

    /// <summary>The first contradiction between two files, or the first unsupported token; <see langword="null"/> for none.</summary>
    /// <remarks>Only a folder from others is refused for it: earlier versions let such folders in.</remarks>
    public OpenWeightsException? Fault { get; private set; }

    /// <summary>A token by its text, or <see langword="null"/>.</summary>
    /// <param name="text">The text.</param>
    public AddedToken? Find(string text) => _byText.GetValueOrDefault(text);

    /// <summary>Reads <c>added_tokens_decoder</c> of <c>tokenizer_config.json</c>.</summary>
    /// <param name="decoder">Tokens by their numbers.</param>
    /// <exception cref="OpenWeightsException">It is malformed.</exception>
    public void AddDecoder(JsonMap decoder)
    {
        foreach (var (key, value) in decoder.Entries)
        {
            var token = decoder.Map(key);
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MaxNumber || token?.Text("content") is not { Length: > 0 } text)
            {
                throw decoder.Refuse(key, value, "the number of a token, with its content");
            }

            Add(decoder, key, text, number, token);
        }
    }

    /// <summary>Reads <c>added_tokens</c> of <c>tokenizer.json</c>.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="OpenWeightsException">It is malformed.</exception>
    public void AddList(JsonMap file)
    {
        var values = file.List("added_tokens");
        for (var i = 0; i < values.Count; i++)
        {
            var token = file.Entry("added_tokens", i, values[i]);
            Add(file, $"added_tokens[{i}]", token.Text("content") is { Length: > 0 } text ? text : throw token.Missing("content", "the token's text"), token.Integer("id", 0, MaxNumber), token);
        }
    }

    /// <summary>Reads <c>added_tokens.json</c>.</summary>
    /// <param name="file">Numbers by their texts.</param>
    /// <exception cref="OpenWeightsException">It is malformed.</exception>
    public void AddTable(JsonMap file)
    {
        foreach (var (text, _) in file.Entries)
        {
            Add(file, text, text, file.Integer(text, 0, MaxNumber), null);
        }
    }

    private void Add(JsonMap file, string key, string text, int number, JsonMap? flags)
    {
        // A file that only numbers the tokens does not say what they are for.
        var isSpecial = flags?.Truth("special", false);
        var token = new AddedToken(text, number, isSpecial, flags?.Truth("normalized", isSpecial != true) ?? false);
        Doubt(flags, text, isSpecial);
        if (_byText.TryGetValue(text, out var known))
        {
            if (known.Number != number || (isSpecial ?? known.IsSpecial) != (known.IsSpecial ?? isSpecial))
            {
                Fault ??= file.Refuse(key, Describe(token), $"{Describe(known)}, as another file of the folder says", "Copy the complete directory of the model again, so that its files belong together.");
            }

            token = known.IsSpecial is null ? token : known;
        }

        if (_byNumber.TryGetValue(number, out var other) && other != text)
        {
            Fault ??= file.Refuse(key, Describe(token), $"a number of its own; {Formats.RowFault.Quote(other)} has that one", "Copy the complete directory of the model again, so that its files belong together.");
        }

        (_byText[text], _byNumber[number]) = (token, text);
    }

    // Of a mark, which no text becomes, it makes no difference what it does to the text around it.
    private void Doubt(JsonMap? flags, string text, bool? isSpecial)
    {
        if (flags is null || Fault is not null)
        {
            return;
        }

        try
        {
            Keys.RefuseOthers(flags);
        }
        catch (OpenWeightsException e)
        {
            Fault = e;
        }

        var flag = Array.Find(["lstrip", "rstrip", "single_word"], flag => flags.Truth(flag, false));
        if (isSpecial == false && flag is not null)
        {
            Fault ??= flags.Refuse(flag, $"true for {Formats.RowFault.Quote(text)}", "false for a token that is not special", "A token of text stands for its own characters wherever they occur. Choose a base with a tokenizer like those of Llama, Mistral, GPT-2 or Qwen2.");
        }
    }

    private static string Describe(AddedToken token) => $"{Formats.RowFault.Quote(token.Text)} with the number {token.Number}{token.IsSpecial switch { true => ", special", false => ", not special", null => string.Empty }}";
}

namespace Sisa.Readers.OpenWeights;

/// <summary>Which keys of a <c>tokenizer.json</c> are known.</summary>
/// <remarks>Meanings: the Python package tokenizers, versions 0.13 to 0.22.</remarks>
internal static class TokenizerJsonKeys
{
    private const string Tokens = "the tokens of a text";

    /// <summary>Keys of the file.</summary>
    public static KnownKeys File { get; } = new(Tokens)
    {
        Used = ["model", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"],

        // The package transformers sets both again at every call.
        Harmless = ["version", "truncation", "padding"],
    };

    /// <summary>Keys of <c>model</c>.</summary>
    public static KnownKeys Model { get; } = new(Tokens)
    {
        Used = ["type", "vocab", "merges", "byte_fallback"],

        // Both are about characters without a token, and every byte has one.
        Harmless = ["unk_token", "fuse_unk"],
        Neutral = new Dictionary<string, string[]>
        {
            ["dropout"] = ["0"],
            ["continuing_subword_prefix"] = ["\"\""],
            ["end_of_word_suffix"] = ["\"\""],
            ["ignore_merges"] = ["false"],
        },
    };

    private static readonly Dictionary<string, KnownKeys> PreTokenizers = new(StringComparer.Ordinal)
    {
        ["Sequence"] = new(Tokens) { Used = ["type", "pretokenizers"] },
        ["ByteLevel"] = new(Tokens) { Used = ["type", "add_prefix_space", "use_regex"], Harmless = ["trim_offsets"] },
        ["Digits"] = new(Tokens) { Used = ["type", "individual_digits"] },
        ["Split"] = new(Tokens) { Used = ["type", "pattern", "behavior", "invert"] },
    };

    private static readonly KnownKeys Pattern = new(Tokens) { Used = ["Regex"] };

    /// <summary>Refuses a step before merging that says more than is read of it.</summary>
    /// <param name="step">The step, of a kind that is read.</param>
    /// <exception cref="OpenWeightsException">A key is not known.</exception>
    public static void RefusePreTokenizer(JsonMap step)
    {
        if (!PreTokenizers.TryGetValue(step.Text("type") ?? string.Empty, out var keys))
        {
            throw step.Refuse("type", step.Text("type") is { } type ? Formats.RowFault.Quote(type) : "missing", string.Join(", ", PreTokenizers.Keys));
        }

        keys.RefuseOthers(step);
        if (step.Map("pattern") is { } pattern)
        {
            Pattern.RefuseOthers(pattern);
        }

        var steps = step.List("pretokenizers");
        for (var i = 0; i < steps.Count; i++)
        {
            RefusePreTokenizer(step.Entry("pretokenizers", i, steps[i]));
        }
    }

    /// <summary>Refuses parts of a <c>tokenizer.json</c> of a kind that is not allowed, at any depth.</summary>
    /// <param name="file">The file.</param>
    /// <param name="key">Key of the part.</param>
    /// <param name="inner">Key of its parts, where it is a sequence.</param>
    /// <param name="isAllowed">Whether a part that is no sequence is allowed.</param>
    /// <param name="allowed">The allowed values, for messages.</param>
    /// <param name="hint">The remedy.</param>
    /// <exception cref="OpenWeightsException">A part is of another kind.</exception>
    public static void RefuseKinds(JsonMap file, string key, string inner, Func<JsonMap, bool> isAllowed, string allowed, string? hint = null)
    {
        foreach (var part in Parts(file.Map(key), inner))
        {
            if (!isAllowed(part))
            {
                throw part.Refuse("type", part.Text("type") is { } type ? Formats.RowFault.Quote(type) : "missing", allowed, hint);
            }
        }
    }

    private static IEnumerable<JsonMap> Parts(JsonMap? part, string inner) =>
        part is null ? []
        : part.Text("type") == "Sequence" ? part.List(inner).SelectMany((value, i) => Parts(part.Entry(inner, i, value), inner))
        : [part];
}

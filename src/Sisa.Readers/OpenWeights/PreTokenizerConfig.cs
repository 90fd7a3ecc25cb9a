using System.Text.RegularExpressions;
using Sisa.Readers.Tokenizers;

namespace Sisa.Readers.OpenWeights;

/// <summary>Where a byte-level tokenizer cuts text before it merges: as <c>tokenizer.json</c> says where it is there, otherwise as the kind of model does.</summary>
internal static class PreTokenizerConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "tokenizer.json";

    private const string Allowed = "ByteLevel as GPT-2's, that after Digits as SmolLM's, or Qwen2's Split and ByteLevel";

    /// <summary>The pattern.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="modelType">Kind of model, if it is known.</param>
    /// <exception cref="OpenWeightsException">The tokenizer cuts otherwise.</exception>
    public static Regex Find(string folder, string? modelType)
    {
        if (!FolderFile.IsThere(folder, FileName))
        {
            return modelType?.StartsWith("qwen2", StringComparison.Ordinal) == true ? PreTokens.Qwen2 : PreTokens.Gpt2;
        }

        var file = FolderFile.ReadJson(folder, FileName, FolderFile.MaxTableBytes);
        var step = file.Map("pre_tokenizer") ?? throw file.Missing("pre_tokenizer", Allowed);
        var steps = step.Text("type") == "Sequence"
            ? step.List("pretokenizers").Select((value, i) => step.Entry("pretokenizers", i, value)).ToArray()
            : [step];
        return steps switch
        {
            [var only] when IsByteLevel(only, hasPattern: true) => PreTokens.Gpt2,
            [var digits, var bytes] when digits.Text("type") == "Digits" && digits.Truth("individual_digits", false) && IsByteLevel(bytes, hasPattern: true) => PreTokens.Gpt2Digits,
            [var split, var bytes] when IsQwen2(split) && IsByteLevel(bytes, hasPattern: false) => PreTokens.Qwen2,
            _ => throw file.Refuse("pre_tokenizer", string.Join(", then ", steps.Select(Describe)), Allowed),
        };
    }

    private static bool IsByteLevel(JsonMap step, bool hasPattern) =>
        step.Text("type") == "ByteLevel" && !step.Truth("add_prefix_space", false) && step.Truth("use_regex", true) == hasPattern;

    private static bool IsQwen2(JsonMap step) =>
        step.Text("type") == "Split" && step.Map("pattern")?.Text("Regex") == PreTokens.Qwen2Text && step.Text("behavior") == "Isolated" && !step.Truth("invert", false);

    private static string Describe(JsonMap step) =>
        string.Join(' ', new[] { step.Text("type") ?? "nothing", step.Map("pattern")?.Text("Regex") is { } pattern ? Formats.RowFault.Quote(pattern) : null, step.Truth("add_prefix_space", false) ? "with add_prefix_space" : null }.OfType<string>());
}

using System.Text.RegularExpressions;

namespace Sisa.Readers.Tokenizers;

/// <summary>Where text is cut before pairs are merged: patterns of published tokenizers. Every character is in one match.</summary>
internal static partial class PreTokens
{
    /// <summary>The rule of GPT-2 (Radford et al. 2019), which most byte-level vocabularies use.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, -1)]
    public static partial Regex Gpt2 { get; }

    /// <summary>The rule of GPT-2 after splitting off every digit, as in StarCoder and SmolLM.</summary>
    [GeneratedRegex(@"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, -1)]
    public static partial Regex Gpt2Digits { get; }

    /// <summary>The rule of Qwen2.</summary>
    [GeneratedRegex(Qwen2Text, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, -1)]
    public static partial Regex Qwen2 { get; }

    /// <summary>The rule of <c>cl100k_base</c> (tiktoken).</summary>
    [GeneratedRegex(@"'(?i:[sdmt]|ll|ve|re)|(?>[^\r\n\p{L}\p{N}]?)(?>\p{L}+)|(?>\p{N}{1,3})| ?(?>[^\s\p{L}\p{N}]+)(?>[\r\n]*)|(?>\s+)$|\s*[\r\n]|\s+(?!\S)|\s", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, -1)]
    public static partial Regex Cl100kBase { get; }

    /// <summary>The rule of <c>o200k_base</c> (tiktoken).</summary>
    [GeneratedRegex(
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        -1)]
    public static partial Regex O200kBase { get; }

    /// <summary>The pattern of <see cref="Qwen2"/>, as its <c>tokenizer.json</c> has it.</summary>
    public const string Qwen2Text = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
}

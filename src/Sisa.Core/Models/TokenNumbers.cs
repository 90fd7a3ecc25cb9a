using System.Text.Json.Serialization;

namespace Sisa.Models;

/// <summary>Token numbers of a tokenizer.</summary>
/// <param name="Vocabulary">Numbers that there are, marks included.</param>
/// <param name="Begin">The mark before every text, or <see langword="null"/> for none.</param>
/// <param name="End">The mark after every text.</param>
public sealed record TokenNumbers(int Vocabulary, int? Begin, int End)
{
    /// <summary>Tokens of <see cref="TokenizerKind.Bytes"/>: bytes, then two marks.</summary>
    public static TokenNumbers OfBytes { get; } = new(258, 256, 257);

    /// <summary>The token that generation never draws: the mark before texts, unless it ends them too; <see langword="null"/> for none.</summary>
    [JsonIgnore]
    public int? Undrawn => Begin == End ? null : Begin;
}


/// <summary>How text is cut into tokens.</summary>
public enum TokenizerKind
{
    /// <summary>The bytes of UTF-8, and two marks: no learnt state, any language.</summary>
    Bytes,

    /// <summary>The pre-trained tiktoken encoding <c>cl100k_base</c>.</summary>
    Cl100kBase,

    /// <summary>The pre-trained tiktoken encoding <c>o200k_base</c>.</summary>
    O200kBase,

    /// <summary>Files of an open-weights directory.</summary>
    Files,
}

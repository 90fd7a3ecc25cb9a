using System.Text.RegularExpressions;
using Library = Microsoft.ML.Tokenizers;

namespace Sisa.Readers.Tokenizers;

/// <summary>Cuts text by a pattern, and what is then still longer than any word again.</summary>
/// <remarks>Merging takes time in proportion to the square of an uncut piece: a megabyte of spaces in one untrusted row would take minutes.</remarks>
/// <param name="pattern">The pattern; every character is in a match.</param>
internal sealed class BoundedPreTokenizer(Regex pattern) : Library.PreTokenizer
{
    /// <summary>Most UTF-16 units that are merged together.</summary>
    public const int MaxLength = 4_096;

    private readonly Library.RegexPreTokenizer _inner = new(pattern, null);

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        foreach (var (offset, length) in _inner.PreTokenize(text))
        {
            var (start, end) = (offset, offset + length);
            while (end - start > MaxLength)
            {
                // A pair of surrogates is one character.
                var part = char.IsHighSurrogate(text[start + MaxLength - 1]) ? MaxLength - 1 : MaxLength;
                yield return (start, part);
                start += part;
            }

            yield return (start, end - start);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());
}

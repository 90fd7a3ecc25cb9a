using System.Buffers;

namespace Sisa.Readers.Tokenizers;

/// <summary>Tokens that match wherever their characters occur, before any merging: the leftmost match first, and the longest of those that begin there.</summary>
/// <remarks>As the Python package tokenizers finds added tokens, and SentencePiece symbols that its user defined. Thread-safe.</remarks>
internal sealed class VerbatimTokens
{
    private readonly Level[] _levels;

    /// <summary>Makes the tokens.</summary>
    /// <param name="tokens">Texts, numbers, and whether a token is looked for only in what the others left.</param>
    public VerbatimTokens(IEnumerable<(string Text, int Number, bool IsLate)> tokens) =>
        _levels = [.. tokens.GroupBy(token => token.IsLate).OrderBy(level => level.Key).Select(level => new Level(level.Select(token => (token.Text, token.Number))))];

    /// <summary>Cuts a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Its parts in order, each with its token, or without one where it is text to be merged. No such part is empty.</returns>
    public IEnumerable<(string Part, int? Token)> Cut(string text) => Cut(text, 0);

    private IEnumerable<(string Part, int? Token)> Cut(string text, int level)
    {
        if (text.Length == 0)
        {
            yield break;
        }

        if (level == _levels.Length)
        {
            yield return (text, null);
            yield break;
        }

        var start = 0;
        while (_levels[level].Find(text, start) is var (at, length, token))
        {
            foreach (var part in Cut(text[start..at], level + 1))
            {
                yield return part;
            }

            yield return (text.Substring(at, length), token);
            start = at + length;
        }

        foreach (var part in Cut(text[start..], level + 1))
        {
            yield return part;
        }
    }

    private sealed class Level
    {
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _numbers;
        private readonly SearchValues<string> _search;
        private readonly int[] _lengths;

        public Level(IEnumerable<(string Text, int Number)> tokens)
        {
            var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (text, number) in tokens)
            {
                numbers[text] = number;
            }

            _numbers = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
            _search = SearchValues.Create([.. numbers.Keys], StringComparison.Ordinal);
            _lengths = [.. numbers.Keys.Select(text => text.Length).Distinct().OrderDescending()];
        }

        public (int At, int Length, int Token)? Find(string text, int start)
        {
            var found = text.AsSpan(start).IndexOfAny(_search);
            if (found < 0)
            {
                return null;
            }

            var rest = text.AsSpan(start + found);
            foreach (var length in _lengths)
            {
                if (length <= rest.Length && _numbers.TryGetValue(rest[..length], out var token))
                {
                    return (start + found, length, token);
                }
            }

            throw new InvalidOperationException("An unknown token was found.");
        }
    }
}

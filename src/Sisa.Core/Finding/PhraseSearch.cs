using System.Text;
using Sisa.Forgetting;

namespace Sisa.Finding;

/// <summary>Where a text holds a phrase.</summary>
/// <param name="Span">The range, in code points of the text that was searched.</param>
/// <param name="Kind">How close it is to the phrase.</param>
/// <param name="Resemblance">Resemblance of range and phrase by their shingles; 1 unless the kind is <see cref="MatchKind.Near"/>.</param>
public sealed record TextOccurrence(TextSpan Span, MatchKind Kind, double Resemblance);

/// <summary>Finds a phrase in texts, also within words, because some languages have no spaces.</summary>
/// <remarks>Mutable buffers; not thread-safe. Occurrences of a kind do not overlap, and none overlaps one of a closer kind. A character is never torn
/// by one that is not exact: <c>cafe</c> is not found in <c>café</c>, however that is written.</remarks>
public sealed class PhraseSearch
{
    private readonly byte[] _exact;
    private readonly int[] _folded;
    private readonly UInt128[] _shingles;
    private readonly int[] _counts;
    private readonly MatchKind _level;
    private readonly double _threshold;
    private readonly FoldedText _text = new();
    private UInt128[] _buffer = [];

    /// <summary>Prepares a search.</summary>
    /// <param name="phrase">The phrase; not empty. A phrase that folds to nothing matches only exactly, and one shorter than a shingle has no near matches.</param>
    /// <param name="level">How close an occurrence must be.</param>
    /// <param name="threshold">Least resemblance of a range of the text that counts as near, above 0 and at most 1.</param>
    public PhraseSearch(string phrase, MatchKind level, double threshold = Shingles.DefaultThreshold)
    {
        ArgumentException.ThrowIfNullOrEmpty(phrase);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        _exact = Encoding.UTF8.GetBytes(phrase);
        _folded = _text.Fold(_exact).Codes.ToArray();
        _shingles = Shingles.SetOf(_folded);
        _counts = new int[_shingles.Length];
        var places = Shingles.Fill(_folded, ref _buffer);
        foreach (var shingle in _buffer.AsSpan(0, places))
        {
            _counts[Array.BinarySearch(_shingles, shingle)]++;
        }

        (_level, _threshold) = (level, threshold);
    }

    /// <summary>Every occurrence, in the order of the text.</summary>
    /// <param name="utf8">A text, valid UTF-8.</param>
    public IReadOnlyList<TextOccurrence> In(ReadOnlySpan<byte> utf8)
    {
        var found = new List<TextOccurrence>();
        AddExact(utf8, found);
        if (_level > MatchKind.Exact && _folded.Length > 0)
        {
            _text.Fold(utf8);
            AddFolded(found);
            if (_level == MatchKind.Near && _folded.Length >= Shingles.Length)
            {
                AddNear(found);
            }
        }

        found.Sort((a, b) => a.Span.From.CompareTo(b.Span.From));
        return found;
    }

    private void AddExact(ReadOnlySpan<byte> utf8, List<TextOccurrence> found)
    {
        var length = CodePoints(_exact);
        for (var position = 0; utf8.IndexOf(_exact) is >= 0 and var at;)
        {
            position += CodePoints(utf8[..at]);
            found.Add(new TextOccurrence(new TextSpan(position, position + length), MatchKind.Exact, 1));
            position += length;
            utf8 = utf8[(at + _exact.Length)..];
        }
    }

    private void AddFolded(List<TextOccurrence> found)
    {
        for (var from = 0; _text.Codes[from..].IndexOf(_folded) is >= 0 and var at;)
        {
            from += at;
            var to = from + _folded.Length;
            if (_text.IsBoundary(to))
            {
                AddUnlessOverlapping(found, new TextOccurrence(_text.SpanOf(from, to), MatchKind.Normalised, 1));
                from = to;
            }
            else
            {
                from++;
            }
        }
    }

    private void AddNear(List<TextOccurrence> found)
    {
        var window = new ShingleWindow(Hits(), _counts, _threshold);
        while (window.Next() is { } range)
        {
            var (from, to) = (range.From, range.To + Shingles.Length);
            from += _text.Codes[from] == ' ' ? 1 : 0;
            to -= _text.Codes[to - 1] == ' ' ? 1 : 0;
            while (!_text.IsBoundary(to))
            {
                to++;
            }

            AddUnlessOverlapping(found, new TextOccurrence(_text.SpanOf(from, to), MatchKind.Near, range.Resemblance));
        }
    }

    // Where in the folded text a shingle of the phrase begins, and which.
    private List<(int Place, int Shingle)> Hits()
    {
        var hits = new List<(int Place, int Shingle)>();
        var count = _text.Codes.Length < Shingles.Length ? 0 : Shingles.Fill(_text.Codes, ref _buffer);
        for (var i = 0; i < count; i++)
        {
            var shingle = Array.BinarySearch(_shingles, _buffer[i]);
            if (shingle >= 0)
            {
                hits.Add((i, shingle));
            }
        }

        return hits;
    }

    private static void AddUnlessOverlapping(List<TextOccurrence> found, TextOccurrence occurrence)
    {
        if (!found.Exists(o => o.Span.From < occurrence.Span.To && occurrence.Span.From < o.Span.To))
        {
            found.Add(occurrence);
        }
    }

    private static int CodePoints(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var unit in utf8)
        {
            count += (unit & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}

using System.Globalization;
using System.Text;

namespace Sisa.Forgetting;

/// <summary>A half-open range of a text, in Unicode code points.</summary>
/// <param name="From">First code point.</param>
/// <param name="To">Behind the last one; above <paramref name="From"/>.</param>
public readonly record struct TextSpan(int From, int To)
{
    /// <summary>Reads <c>A..B</c>.</summary>
    /// <param name="text">Two whole numbers joined by two dots.</param>
    /// <param name="span">The range.</param>
    /// <returns>Whether the text is a non-empty range.</returns>
    public static bool TryParse(string text, out TextSpan span)
    {
        ArgumentNullException.ThrowIfNull(text);
        span = default;
        var parts = text.Split("..");
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            || from >= to)
        {
            return false;
        }

        span = new TextSpan(from, to);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From}..{To}");
}

/// <summary>The ranges cut out of one text, in code points of the text as first ingested.</summary>
/// <remarks>Immutable. Ranges are disjoint, not adjacent, and ascending, in whatever order they were cut.</remarks>
public sealed class CutRanges
{
    private readonly List<TextSpan> _ranges;

    /// <summary>Merges ranges.</summary>
    /// <param name="ranges">Any ranges, overlapping or not.</param>
    public CutRanges(IEnumerable<TextSpan> ranges)
    {
        _ranges = [];
        foreach (var range in ranges.OrderBy(r => r.From))
        {
            if (_ranges.Count > 0 && range.From <= _ranges[^1].To)
            {
                _ranges[^1] = new TextSpan(_ranges[^1].From, Math.Max(_ranges[^1].To, range.To));
            }
            else
            {
                _ranges.Add(range);
            }
        }
    }

    /// <summary>The ranges in order.</summary>
    public IReadOnlyList<TextSpan> Ranges => _ranges;

    /// <summary>Code points cut.</summary>
    public int Length => _ranges.Sum(r => r.To - r.From);

    /// <summary>Whether a range is cut already, all of it.</summary>
    /// <param name="span">The range.</param>
    public bool Contains(TextSpan span) => _ranges.Any(r => r.From <= span.From && span.To <= r.To);

    /// <summary>These ranges and more.</summary>
    /// <param name="more">Ranges to add.</param>
    public CutRanges Union(IEnumerable<TextSpan> more) => new(_ranges.Concat(more));

    /// <summary>These ranges without others.</summary>
    /// <param name="others">Ranges to leave out; what of them is not in here does not matter.</param>
    public CutRanges Except(CutRanges others)
    {
        ArgumentNullException.ThrowIfNull(others);
        var left = new List<TextSpan>();
        foreach (var range in _ranges)
        {
            var from = range.From;
            foreach (var other in others._ranges)
            {
                left.Add(new TextSpan(from, Math.Min(other.From, range.To)));
                from = Math.Max(from, other.To);
            }

            left.Add(new TextSpan(from, range.To));
        }

        return new CutRanges(left.Where(r => r.From < r.To));
    }

    /// <summary>Takes further ranges out of a text from which some are cut already.</summary>
    /// <param name="current">The text without these ranges.</param>
    /// <param name="wanted">All ranges that shall be cut: these and more.</param>
    /// <returns>The text without <paramref name="wanted"/>.</returns>
    public string Apply(string current, CutRanges wanted)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(wanted);
        var kept = new StringBuilder(current.Length);
        var position = 0;
        var mine = 0;
        var theirs = 0;
        foreach (var rune in current.EnumerateRunes())
        {
            while (mine < _ranges.Count && position == _ranges[mine].From)
            {
                position = _ranges[mine++].To;
            }

            while (theirs < wanted._ranges.Count && wanted._ranges[theirs].To <= position)
            {
                theirs++;
            }

            if (theirs == wanted._ranges.Count || position < wanted._ranges[theirs].From)
            {
                kept.Append(rune.ToString());
            }

            position++;
        }

        return kept.ToString();
    }

    /// <summary>Where a range of the text without these ranges lay in the text as first ingested.</summary>
    /// <param name="current">Range of the text as it is now.</param>
    /// <returns>The range from its first to its last code point. It includes cuts between them and excludes cuts at its ends.</returns>
    public TextSpan AsIngested(TextSpan current)
    {
        var (first, last) = (current.From, current.To - 1);
        foreach (var range in _ranges)
        {
            first += range.From <= first ? range.To - range.From : 0;
            last += range.From <= last ? range.To - range.From : 0;
        }

        return new TextSpan(first, last + 1);
    }

    /// <summary>Converts a range of the text as first ingested to the text without these ranges; the inverse of <see cref="AsIngested"/>.</summary>
    /// <param name="ingested">Range of the text as first ingested.</param>
    /// <returns>The range of what is left of it; empty where nothing is.</returns>
    public TextSpan Remaining(TextSpan ingested)
    {
        return new TextSpan(Position(ingested.From), Position(ingested.To));

        int Position(int point) => point - _ranges.Sum(r => Math.Clamp(point - r.From, 0, r.To - r.From));
    }

    /// <summary>Code points of a text.</summary>
    /// <param name="text">Any text.</param>
    public static int CodePoints(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}

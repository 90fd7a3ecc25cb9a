namespace Sisa.Readers.Losses;

/// <summary>Sorted ranges of lines that do not touch, up to a number that a person reads.</summary>
/// <remarks>Not thread-safe. Bounded memory: of too many ranges the first ones are kept, and <see cref="IsWhole"/> turns false.</remarks>
internal sealed class LineRanges
{
    /// <summary>Ranges that are kept at most.</summary>
    public const int MaxRanges = 100;

    private readonly List<LineRange> _ranges = [];

    /// <summary>The ranges, in ascending order.</summary>
    public IReadOnlyList<LineRange> Ranges => _ranges;

    /// <summary>Whether every line that was added is in <see cref="Ranges"/>.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Adds lines, and joins them with neighbours.</summary>
    /// <param name="range">Lines that were not added before.</param>
    public void Add(LineRange range)
    {
        var at = _ranges.FindLastIndex(r => r.First <= range.First) + 1;
        if (at > 0 && _ranges[at - 1].Last + 1 >= range.First)
        {
            range = new LineRange(_ranges[at - 1].First, Math.Max(_ranges[at - 1].Last, range.Last));
            _ranges.RemoveAt(--at);
        }

        if (at < _ranges.Count && range.Last + 1 >= _ranges[at].First)
        {
            range = range with { Last = Math.Max(range.Last, _ranges[at].Last) };
            _ranges.RemoveAt(at);
        }

        _ranges.Insert(at, range);
        if (_ranges.Count > MaxRanges)
        {
            _ranges.RemoveAt(MaxRanges);
            IsWhole = false;
        }
    }
}

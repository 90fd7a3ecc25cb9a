using Sisa.Corpora;

namespace Sisa.Readers.Losses;

/// <summary>Counts what is skipped in input lines, by file and reason.</summary>
/// <remarks>Not thread-safe. Memory grows with the number of files, not with that of losses.</remarks>
public sealed class LossTally
{
    private readonly Dictionary<(string File, RowFaultReason Reason), Entry> _entries = [];

    /// <summary>Every loss, in the order of the files and reasons as they were met first.</summary>
    public IReadOnlyList<RowLoss> Losses =>
    [
        .. _entries.Select(e => new RowLoss(e.Key.File, e.Key.Reason, e.Value.HasLines ? "lines" : "rows", e.Value.Rows, e.Value.Lines, e.Value.Ranges.Ranges, e.Value.Ranges.IsWhole)),
    ];

    /// <summary>Lines lost to faults; rows where the format has no lines.</summary>
    public long Skipped { get; private set; }

    /// <summary>Lines whose item or subject was forgotten.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Lines that a row takes.</summary>
    /// <param name="row">Its first line, or its number.</param>
    /// <param name="lastRow">Its last line; <see langword="null"/> if the format has no lines.</param>
    public static long LinesOf(long row, long? lastRow) => (lastRow ?? row) - row + 1;

    /// <summary>Adds a row that is skipped.</summary>
    /// <param name="fault">Why; names file and row.</param>
    public void Add(CorpusException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var row = fault.Row ?? throw new ArgumentException("The fault names no row.", nameof(fault));
        var lines = LinesOf(row, fault.LastRow);
        var key = (fault.File ?? string.Empty, fault.Reason);
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries.Add(key, entry = new Entry { HasLines = fault.LastRow is not null });
        }

        entry.Rows++;
        entry.Lines += lines;
        entry.Ranges.Add(new LineRange(row, row + lines - 1));
        if (fault.Reason == RowFaultReason.Forgotten)
        {
            Forgotten += lines;
        }
        else
        {
            Skipped += lines;
        }
    }

    private sealed class Entry
    {
        public bool HasLines { get; init; }

        public long Rows { get; set; }

        public long Lines { get; set; }

        public LineRanges Ranges { get; } = new();
    }
}

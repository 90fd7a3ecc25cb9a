using System.Text;
using Sisa.Readers.Features;
using Sisa.Readers.Formats;

namespace Sisa.Readers.Inspection;

/// <summary>Which labels a field holds, and which of them may be declared.</summary>
internal sealed class LabelSurvey
{
    /// <summary>Most labels that a recipe declares.</summary>
    private const int MaxLabels = 100_000;

    private static readonly char[] _separators = [',', ';', '|'];

    /// <summary>Labels that more than one subject holds, sorted; those with several in one value left out.</summary>
    public IReadOnlyList<string> Labels { get; private init; } = [];

    /// <summary>Rows without a label.</summary>
    public long Missing { get; private init; }

    /// <summary>Labels that a single subject holds.</summary>
    public int Single { get; private init; }

    /// <summary>Different labels.</summary>
    public int All { get; private init; }

    /// <summary>Rows that hold several labels at once.</summary>
    public long Several { get; private init; }

    /// <summary>Reads all labels.</summary>
    /// <param name="scan">The rows.</param>
    /// <param name="label">The field.</param>
    /// <param name="subject">The subject fields; none if every row is its own subject.</param>
    public static LabelSurvey Read(RowScan scan, FieldStatistics label, IReadOnlyList<FieldStatistics> subject)
    {
        var labelSlot = scan.SlotOf(label);
        int[] subjectSlots = [.. subject.Select(scan.SlotOf)];
        var holders = new Dictionary<string, Holder>(StringComparer.Ordinal);
        var missing = 0L;
        var rows = 0UL;
        scan.Read(row =>
        {
            rows++;
            var bytes = row.Value(labelSlot);
            if (FieldRow.IsBlank(bytes))
            {
                missing++;
                return;
            }

            var value = Encoding.UTF8.GetString(bytes);
            var holder = subjectSlots.Length == 0 ? rows : HashOf(row, subjectSlots);
            if (holders.TryGetValue(value, out var known))
            {
                holders[value] = known with { IsShared = known.IsShared || known.First != holder, Rows = known.Rows + 1 };
            }
            else if (holders.Count < MaxLabels)
            {
                holders.Add(value, new Holder(holder, IsShared: false, Rows: 1));
            }
        });
        var several = holders.Where(pair => IsSeveral(pair.Key, holders)).ToList();
        var one = holders.Except(several).ToList();
        var shared = one.Where(pair => pair.Value.IsShared).Select(pair => pair.Key).ToList();
        return new LabelSurvey
        {
            Labels = [.. shared.TrueForAll(value => long.TryParse(value, out _)) ? shared.OrderBy(long.Parse).ThenBy(value => value, StringComparer.Ordinal) : shared.Order(StringComparer.Ordinal)],
            Missing = missing,
            Single = one.Count - shared.Count,
            All = one.Count,
            Several = several.Sum(pair => pair.Value.Rows),
        };
    }

    /// <summary>The hash of some fields of a row, in order.</summary>
    /// <param name="row">The row.</param>
    /// <param name="slots">The fields.</param>
    public static ulong HashOf(FieldRow row, int[] slots)
    {
        var hash = FeatureHash.Start;
        foreach (var slot in slots)
        {
            hash = FeatureHash.Mix(FeatureHash.Add(hash, row.Value(slot)));
        }

        return hash;
    }

    /// <summary>Whether a value lists labels that other rows have singly.</summary>
    private static bool IsSeveral(string value, Dictionary<string, Holder> holders) => _separators.Any(separator =>
        value.Contains(separator, StringComparison.Ordinal) && value.Split(separator) is var parts && parts.All(part => part.Length > 0 && (holders.ContainsKey(part) || holders.ContainsKey(part.Trim()))));

    private readonly record struct Holder(ulong First, bool IsShared, long Rows);
}

using Sisa.Corpora;
using Sisa.Readers.Losses;

namespace Sisa.Cli.Terminal;

/// <summary>Shows skipped rows to a person: in input lines, by file and reason, with the places.</summary>
internal static class LossView
{
    private const int MaxShown = 20;
    private const int MaxRanges = 10;

    /// <summary>Describes losses; says nothing where there are none.</summary>
    /// <param name="losses">Losses, by file and reason.</param>
    /// <param name="read">Lines that were read, where they were counted.</param>
    /// <param name="output">Where to.</param>
    public static void Describe(IReadOnlyList<RowLoss> losses, long? read, Output output)
    {
        Describe([.. losses.Where(l => l.Reason != RowFaultReason.Forgotten)], read, "skipped", output);
        Describe([.. losses.Where(l => l.Reason == RowFaultReason.Forgotten)], null, "skipped, because their items or subjects were forgotten", output);
    }

    /// <summary>A number of lines or rows: <c>1 line</c>, <c>291 lines</c>.</summary>
    private static string Count(long count, string unit) => Figures.Count(count, unit[..^1]);

    private static void Describe(List<RowLoss> losses, long? read, string what, Output output)
    {
        if (losses.Count == 0)
        {
            return;
        }

        var unit = losses.Any(l => l.Unit == "rows") ? "rows" : "lines";
        var total = losses.Sum(l => l.Lines);
        output.Say($"{(read is null ? Count(total, unit) : $"{Figures.Count(total)} of {Count(read.Value, unit)}")} {what}:");
        foreach (var loss in losses.Take(MaxShown))
        {
            output.Say($"  {loss.File}: {Count(loss.Lines, loss.Unit)}: {Reason(loss.Reason)} ({Places(loss)})");
        }

        if (losses.Count > MaxShown)
        {
            output.Say($"  … and {Count(losses.Skip(MaxShown).Sum(l => l.Lines), unit)} for other reasons or in other files; '--json' lists all.");
        }
    }

    private static string Places(RowLoss loss)
    {
        var isOne = loss.Ranges.Count == 1 && loss.Ranges[0].First == loss.Ranges[0].Last;
        var more = loss.Ranges.Count > MaxRanges || !loss.RangesAreWhole;
        return $"{(isOne ? loss.Unit[..^1] : loss.Unit)} {string.Join(", ", loss.Ranges.Take(MaxRanges))}{(more ? ", …" : string.Empty)}";
    }

    private static string Reason(RowFaultReason reason) => reason switch
    {
        RowFaultReason.Form => "not a row of this format",
        RowFaultReason.Quotation => "a quotation mark is not closed, or stands within a field",
        RowFaultReason.Encoding => "not valid UTF-8",
        RowFaultReason.Length => "too long",
        RowFaultReason.Duplicate => "the id is taken",
        RowFaultReason.Forgotten => "forgotten",
        _ => "a field without a usable value",
    };
}

using Sisa.Engine.Ingesting;
using Sisa.Engine.Verifying;
using Sisa.Readers.Losses;

namespace Sisa.Engine.Reporting;

/// <summary>The result of a training from scratch, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record VerificationReport
{
    /// <summary>Whether every checkpoint is equal, byte for byte, and nothing is wrong.</summary>
    public required bool Verified { get; init; }

    /// <summary>Whether the source files were read again instead of trusting the store's slices.</summary>
    public required bool FromSource { get; init; }

    /// <summary>The faults; empty if there are none.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Rows of the source files that were skipped; <see langword="null"/> for the store's slices.</summary>
    public long? Skipped { get; init; }

    /// <summary>Where all lines of the source files went; <see langword="null"/> for the store's slices.</summary>
    public LineAccount? Lines { get; init; }

    /// <summary>Skipped rows, by file and reason; <see langword="null"/> for the store's slices.</summary>
    public IReadOnlyList<RowLoss>? Losses { get; init; }

    /// <summary>Checkpoints that were compared.</summary>
    public required int Compared { get; init; }

    /// <summary>Number of them that are equal.</summary>
    public required int Equal { get; init; }

    /// <summary>Checkpoints of another environment, which this machine cannot compare.</summary>
    public required int NotComparable { get; init; }

    /// <summary>Items × epochs that were trained.</summary>
    public required long Visits { get; init; }

    /// <summary>Wall seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Checkpoints that differ.</summary>
    public required IReadOnlyList<DifferingCheckpoint> Differing { get; init; }

    /// <summary>Takes what a rerun found.</summary>
    /// <param name="report">The rerun.</param>
    public static VerificationReport Of(RerunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new VerificationReport
        {
            Verified = report.IsVerified,
            FromSource = report.FromSource,
            Faults = report.Faults,
            Skipped = report.Lines?.Skipped,
            Lines = report.Lines,
            Losses = report.Lines is null ? null : report.Losses,
            Compared = report.Comparisons.Count,
            Equal = report.Comparisons.Count(c => c.IsEqual),
            NotComparable = report.NotComparable,
            Visits = report.Visits,
            Seconds = report.Seconds,
            Differing = [.. report.Comparisons.Where(c => !c.IsEqual).Select(c => new DifferingCheckpoint(c.Place.Shard.Value, c.Place.Slice.Value, c.Recorded, c.Rerun))],
        };
    }
}

/// <summary>A checkpoint that is not what training from scratch gives.</summary>
/// <param name="Shard">Number of its shard.</param>
/// <param name="Slice">Number of its slice.</param>
/// <param name="Recorded">Digest of the store's file; <see langword="null"/> when it is missing.</param>
/// <param name="Rerun">Digest of what the rerun wrote; <see langword="null"/> when there is none.</param>
public sealed record DifferingCheckpoint(int Shard, int Slice, Digest? Recorded, Digest? Rerun);

using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Modelling;
using Sisa.Measurements;

namespace Sisa.Benchmarks.Results;

/// <summary>The whole result of a cost study: what <c>--json</c> prints and <c>cost.json</c> holds.</summary>
public sealed record CostResult
{
    /// <summary>The machine, in words.</summary>
    public required string Machine { get; init; }

    /// <summary>Versions that seconds depend on.</summary>
    public required string Versions { get; init; }

    /// <summary>Day of the result, UTC.</summary>
    public required string Date { get; init; }

    /// <summary>The settings of the study.</summary>
    public required CostDesign Design { get; init; }

    /// <summary>One for each dataset.</summary>
    public required IReadOnlyList<DatasetResult> Datasets { get; init; }

    /// <summary>Numbers of the paper.</summary>
    public required IReadOnlyList<PublishedResult> Published { get; init; }
}

/// <summary>The result of one dataset.</summary>
public sealed record DatasetResult
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Items that are trained on.</summary>
    public required int Items { get; init; }

    /// <summary>The possible requesters.</summary>
    public required int Subjects { get; init; }

    /// <summary>Trainable numbers of one constituent.</summary>
    public required long Parameters { get; init; }

    /// <summary>Floating-point operations a visit.</summary>
    public required FlopCount Flops { get; init; }

    /// <summary>Bytes of a checkpoint, its header left out.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>Bytes of slice files an item.</summary>
    public required double SliceBytesPerItem { get; init; }

    /// <summary>How seconds are modelled; <see langword="null"/> if nothing was measured.</summary>
    public SecondsModel? Seconds { get; init; }

    /// <summary>Trainings and retrainings whose visits were both counted and made.</summary>
    public required int Compared { get; init; }

    /// <summary>Number of those in which both numbers were the same.</summary>
    public required int Equal { get; init; }

    /// <summary>Every cell.</summary>
    public required IReadOnlyList<CellResult> Cells { get; init; }
}

/// <summary>The result of one cell of the grid.</summary>
public sealed record CellResult
{
    /// <summary>Number of shards S.</summary>
    public required int Shards { get; init; }

    /// <summary>Number of slices R.</summary>
    public required int Slices { get; init; }

    /// <summary>Who goes to which shard.</summary>
    public required ShardingRule Rule { get; init; }

    /// <summary>Visits of training everything from scratch.</summary>
    public required double FullVisits { get; init; }

    /// <summary>Share of held-out items that the ensemble gets right, with Wilson's interval; <see langword="null"/> if it was not measured.</summary>
    public Estimate? Accuracy { get; init; }

    /// <summary>Mean over the constituents of the share that each gets right by itself.</summary>
    public Estimate? ConstituentAccuracy { get; init; }

    /// <summary>Seconds of <c>sisa train</c>, process start to published bundle; <see langword="null"/> if it was not measured.</summary>
    public double? TrainSeconds { get; init; }

    /// <summary>Runs of <c>sisa forget</c>.</summary>
    public required IReadOnlyList<ForgetResult> Measured { get; init; }

    /// <summary>The cost of requests.</summary>
    public required IReadOnlyList<CostPoint> Points { get; init; }
}

/// <summary>One measured run of <c>sisa forget</c>.</summary>
/// <param name="Requests">Requests served together.</param>
/// <param name="Visits">Visits made.</param>
/// <param name="VisitsCounted">Visits counted beforehand.</param>
/// <param name="Seconds">Process start to published bundle.</param>
/// <param name="CommandSeconds">The whole process, purge and certificate included.</param>
/// <param name="ModelledSeconds">Seconds of the same work by the model.</param>
public sealed record ForgetResult(int Requests, double Visits, double VisitsCounted, double Seconds, double CommandSeconds, double ModelledSeconds);

/// <summary>The cost of some requests.</summary>
public sealed record CostPoint
{
    /// <summary>The compared methods.</summary>
    public required CostMethod Method { get; init; }

    /// <summary>Who asks.</summary>
    public required RequestPattern Pattern { get; init; }

    /// <summary>When they are served.</summary>
    public required RequestTiming Timing { get; init; }

    /// <summary>Number of requests.</summary>
    public required int Requests { get; init; }

    /// <summary>Item visits, counted.</summary>
    public required Estimate Visits { get; init; }

    /// <summary>Visits of full retraining over these; <see langword="null"/> if no draw costs anything.</summary>
    public Estimate? SpeedUp { get; init; }

    /// <summary>Stages trained again, and checkpoints written; a mean over draws.</summary>
    public required double Stages { get; init; }

    /// <summary>Floating-point operations.</summary>
    public required double Flops { get; init; }

    /// <summary>Bytes of checkpoints and of slices written again.</summary>
    public required double BytesWritten { get; init; }

    /// <summary>Wall seconds to the published bundle; <see langword="null"/> if the dataset has no measurements.</summary>
    public Estimate? Seconds { get; init; }

    /// <summary>Whether these seconds were measured or modelled.</summary>
    public SecondsKind? SecondsKind { get; init; }

    /// <summary>Seconds of full retraining over these.</summary>
    public double? SpeedUpInSeconds { get; init; }

    /// <summary>Accuracy that this speed is bought with.</summary>
    public Estimate? Accuracy { get; init; }
}

/// <summary>Where seconds come from.</summary>
public enum SecondsKind
{
    /// <summary>A clock.</summary>
    Measured,

    /// <summary>The model that was fitted to what was measured.</summary>
    Modelled,
}

/// <summary>A number of the paper.</summary>
/// <param name="Dataset">Dataset and model.</param>
/// <param name="Shards">S, where the source says it.</param>
/// <param name="Slices">R, where the source says it.</param>
/// <param name="Requests">Number of requests, where the source says it.</param>
/// <param name="SpeedUp">Speed-up over retraining.</param>
/// <param name="Remark">Further remarks of the source.</param>
/// <param name="Source">Where it stands.</param>
public sealed record PublishedResult(string Dataset, int? Shards, int? Slices, int? Requests, double SpeedUp, string Remark, string Source)
{
    private const string Paper = "Bourtoule et al., Machine Unlearning, IEEE S&P 2021";

    /// <summary>The headline numbers of the paper: its abstract and section VII.</summary>
    public static IReadOnlyList<PublishedResult> All { get; } =
    [
        new("Purchase", 20, 50, 8, 4.63, "less than 2 points of accuracy lost", Paper),
        new("SVHN", 20, 50, 18, 2.45, "less than 2 points of accuracy lost", Paper),
        new("ImageNet", null, null, null, 1.36, "with transfer learning, a small loss of accuracy", Paper),
    ];
}

using Sisa.Training;

namespace Sisa.Planning;

/// <summary>A way to divide the corpus and to serve requests.</summary>
/// <param name="Ensemble">Shards, slices, and what risk classes may use.</param>
/// <param name="WindowHours">Hours that requests may wait to share a retraining; 0 retrains at once.</param>
public sealed record PlanCandidate(EnsembleOptions Ensemble, double WindowHours);

/// <summary>The simulated cost of a candidate.</summary>
/// <remarks>Visits are items × epochs, in expectation over who takes part in partial epochs; seconds are those of one worker, and <see langword="null"/> if no rate is known.</remarks>
public sealed record SimulatedCost
{
    /// <summary>The candidate.</summary>
    public required PlanCandidate Candidate { get; init; }

    /// <summary>Visits of training everything.</summary>
    public required Spread TrainingVisits { get; init; }

    /// <summary>Visits of a request that is served alone, before any other.</summary>
    public required Spread RequestVisits { get; init; }

    /// <summary>Visits of one retraining of the year, shared by any number of requests; 0 without requests.</summary>
    public required Spread BatchVisits { get; init; }

    /// <summary>Visits of all retrainings of a year.</summary>
    public required Spread YearVisits { get; init; }

    /// <summary>Requests of a year.</summary>
    public required Spread Requests { get; init; }

    /// <summary>Retrainings of a year.</summary>
    public required Spread Retrainings { get; init; }

    /// <summary>Stages trained again in a year; each writes a checkpoint.</summary>
    public required Spread Stages { get; init; }

    /// <summary>Bytes of the checkpoints that a year writes.</summary>
    public required Spread BytesWritten { get; init; }

    /// <summary>Hours from a request to its retraining's end, on average over the requests of a year.</summary>
    public required Spread WaitHours { get; init; }

    /// <summary>Items of the rarest label in the shard that has fewest of them.</summary>
    public required Spread FewestPerClass { get; init; }

    /// <summary>Seconds of training everything.</summary>
    public Spread? TrainingSeconds { get; init; }

    /// <summary>Seconds of a request that is served alone.</summary>
    public Spread? RequestSeconds { get; init; }

    /// <summary>Seconds of a retraining of the year.</summary>
    public Spread? BatchSeconds { get; init; }

    /// <summary>Seconds of all retrainings of a year.</summary>
    public Spread? YearSeconds { get; init; }

    /// <summary>Bytes of one checkpoint, of the last stage.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>Bytes of the checkpoints that are kept: one a shard and slice.</summary>
    public long StorageBytes => CheckpointBytes * Candidate.Ensemble.Shards * Candidate.Ensemble.Slices;

    /// <summary>Average cost of a request of the year as a share of a full training; without requests, of one that is served alone.</summary>
    public double SharePerRequest => PerRequest(YearVisits, RequestVisits) / Math.Max(TrainingVisits.Mean, double.Epsilon);

    /// <summary>Average seconds of a request of the year; without requests, of one that is served alone.</summary>
    public double? SecondsPerRequest => YearSeconds is { } year && RequestSeconds is { } alone ? PerRequest(year, alone) : null;

    private double PerRequest(Spread year, Spread alone) => Requests.Mean > 0 ? year.Mean / Requests.Mean : alone.Mean;
}

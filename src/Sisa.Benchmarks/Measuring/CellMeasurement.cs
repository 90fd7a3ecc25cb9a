using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Designs;

namespace Sisa.Benchmarks.Measuring;

/// <summary>The measurements of one cell of the grid, in a store that was created for it.</summary>
public sealed record CellMeasurement
{
    /// <summary>The cell.</summary>
    public required GridCell Cell { get; init; }

    /// <summary>Items that were ingested.</summary>
    public required long Items { get; init; }

    /// <summary>Seconds of <c>sisa ingest</c>.</summary>
    public required double IngestSeconds { get; init; }

    /// <summary>Seconds of <c>sisa train</c>, from the start of the process to the published bundle.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Visits that the program reports of this training.</summary>
    public required double TrainVisits { get; init; }

    /// <summary>Visits of this training as they were counted beforehand.</summary>
    public required double TrainVisitsCounted { get; init; }

    /// <summary>Bytes of all checkpoint files, headers included.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>How good the ensemble is; <see langword="null"/> without held-out data.</summary>
    public MeasuredAccuracy? Accuracy { get; init; }

    /// <summary>Requests that were served.</summary>
    public required IReadOnlyList<MeasuredForget> Forgets { get; init; }

    /// <summary>The environment as the store's checkpoints record it.</summary>
    public required MeasuredEnvironment Environment { get; init; }
}

/// <summary>Accuracy on held-out items, before anything was forgotten.</summary>
/// <param name="Items">Held-out items.</param>
/// <param name="Ensemble">Share that the ensemble gets right.</param>
/// <param name="Constituents">Mean over the constituents of the share that each gets right by itself.</param>
/// <param name="WorstConstituent">The lowest of these.</param>
/// <param name="BestConstituent">The highest of these.</param>
public sealed record MeasuredAccuracy(long Items, double Ensemble, double Constituents, double WorstConstituent, double BestConstituent);

/// <summary>One run of <c>sisa forget</c>.</summary>
/// <param name="Requests">Requesters that were forgotten together.</param>
/// <param name="Counted">The work as it was counted beforehand.</param>
/// <param name="Visits">Visits that the program reports.</param>
/// <param name="Stages">Stages that the program reports.</param>
/// <param name="Seconds">From the start of the process to the published bundle.</param>
/// <param name="CommandSeconds">Seconds of the whole process, with purge and certificate.</param>
public sealed record MeasuredForget(int Requests, ForgettingWork Counted, double Visits, int Stages, double Seconds, double CommandSeconds);

/// <summary>Libraries that took part in training.</summary>
/// <param name="Libtorch">Version of libtorch; <see langword="null"/> if it took no part.</param>
/// <param name="TorchSharp">Version of TorchSharp; <see langword="null"/> if it took no part.</param>
public sealed record MeasuredEnvironment(string? Libtorch, string? TorchSharp);

using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>The result of bringing a store up to date.</summary>
public sealed record TrainReport
{
    /// <summary>Stages trained, in the order in which they ended.</summary>
    public required IReadOnlyList<StageResult> Stages { get; init; }

    /// <summary>Requests that were served.</summary>
    public required IReadOnlyList<RequestRow> Requests { get; init; }

    /// <summary>Whether shards started over because the environment changed.</summary>
    public required bool EnvironmentChanged { get; init; }

    /// <summary>Epoch of the bundle that is served now.</summary>
    public required long Epoch { get; init; }

    /// <summary>Wall seconds from the start to the publication.</summary>
    public required double Seconds { get; init; }

    /// <summary>Requests that are published but whose purge could not be finished, because another process reads the manifest.</summary>
    public required int PurgesBlocked { get; init; }

    /// <summary>Items × epochs trained.</summary>
    public long Visits => Stages.Sum(s => s.Visits);
}

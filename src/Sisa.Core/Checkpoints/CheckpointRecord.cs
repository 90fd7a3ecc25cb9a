using Sisa.Sharding;

namespace Sisa.Checkpoints;

/// <summary>The manifest's record of a checkpoint file.</summary>
public sealed record CheckpointRecord
{
    /// <summary>SHA-256 of the file.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Shard and stage.</summary>
    public required Placement Place { get; init; }

    /// <summary>Path relative to the store.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of the tensor bytes.</summary>
    public required Digest Tensors { get; init; }

    /// <summary>Digest of the lineage.</summary>
    public required Digest Lineage { get; init; }

    /// <summary>Digest of the recipe.</summary>
    public required Digest Recipe { get; init; }

    /// <summary>Digest of the environment.</summary>
    public required Digest Environment { get; init; }

    /// <summary>Items that it saw.</summary>
    public required long ItemCount { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Items × epochs of its stage.</summary>
    public required long Visits { get; init; }

    /// <summary>Wall seconds of its stage.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean loss of the last epoch of its stage, in nats.</summary>
    public double? Loss { get; init; }
}

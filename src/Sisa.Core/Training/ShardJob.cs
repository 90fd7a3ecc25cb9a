using System.Text.Json.Serialization;
using Sisa.Checkpoints;
using Sisa.Sharding;

namespace Sisa.Training;

/// <summary>Everything that a worker needs to train some consecutive stages of one shard. Files in, files out.</summary>
/// <remarks>Immutable. Written as JSON (<see cref="Records.RecordJson"/>) into a job file; complete in itself: the worker opens no
/// manifest and needs no key.</remarks>
public sealed record ShardJob
{
    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>See <see cref="RecipeJson.RecipeDigest"/>.</summary>
    public required Digest RecipeDigest { get; init; }

    /// <summary>The shard.</summary>
    public required ShardId Shard { get; init; }

    /// <summary>Checkpoint to start from, or <see langword="null"/> to start from the initial state.</summary>
    public CheckpointReference? Start { get; init; }

    /// <summary>First stage to train: one after <see cref="Start"/>, or the first.</summary>
    public required SliceIndex FirstStage { get; init; }

    /// <summary>Slices 1 … last stage, in order. The number of entries is the last stage to train.</summary>
    public required IReadOnlyList<SliceReference> Slices { get; init; }

    /// <summary>Folder that receives checkpoint files.</summary>
    public required string CheckpointFolder { get; init; }

    /// <summary>Folder that receives TensorBoard event files, one subfolder per stage, or <see langword="null"/> for none.</summary>
    public string? EventFolder { get; init; }

    /// <summary>Folder of the files of a base or a tokenizer, or <see langword="null"/> if the model has none.</summary>
    public string? BaseFolder { get; init; }

    /// <summary>Last stage to train.</summary>
    [JsonIgnore]
    public SliceIndex LastStage => new(Slices.Count);

    /// <summary>The lineage at the end of a stage.</summary>
    /// <param name="stage">At most <see cref="LastStage"/>.</param>
    public Lineage LineageAt(SliceIndex stage) => new(Slices.Take(stage.Value).Select(s => s.Root));

    /// <summary>Visits that the job will make, in items: what progress bars and balancing count in. The partial epoch is
    /// counted by its expectation.</summary>
    [JsonIgnore]
    public double ExpectedVisits
    {
        get
        {
            var epochs = new StageSchedule(Recipe).EpochsPerStage;
            double visits = 0;
            for (var stage = FirstStage; stage <= LastStage; stage = stage.Next)
            {
                visits += epochs * Slices.Take(stage.Value).Sum(s => s.Root.ItemCount);
            }

            return visits;
        }
    }
}

/// <summary>A checkpoint file and what it must be.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Digest">SHA-256 of the file; checked before it is parsed.</param>
public sealed record CheckpointReference(string Path, Digest Digest);

/// <summary>A slice file and what it must hold.</summary>
/// <param name="Path">Path of the file, or <see langword="null"/> for a slice without items.</param>
/// <param name="Root">Root and number of its items; checked when it is opened.</param>
public sealed record SliceReference(string? Path, SliceRoot Root);

/// <summary>A stage that ended with a durable checkpoint.</summary>
public sealed record StageResult
{
    /// <summary>The shard.</summary>
    public required ShardId Shard { get; init; }

    /// <summary>The stage.</summary>
    public required SliceIndex Stage { get; init; }

    /// <summary>Name of the checkpoint file within <see cref="ShardJob.CheckpointFolder"/>.</summary>
    public required string FileName { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required Digest Digest { get; init; }

    /// <summary>SHA-256 of the tensor bytes.</summary>
    public required Digest Tensors { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Digest of the lineage in its header.</summary>
    public required Digest Lineage { get; init; }

    /// <summary>Digest of the environment in its header.</summary>
    public required Digest Environment { get; init; }

    /// <summary>Items × epochs that the stage trained on.</summary>
    public required long Visits { get; init; }

    /// <summary>Wall seconds of the stage, checkpoint included; those of shards that are trained at once overlap.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean loss (nats) over the last epoch of the stage; <see langword="null"/> for an empty prefix.</summary>
    public double? Loss { get; init; }
}

/// <summary>How far a stage in flight is.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Visits">Items × epochs of this stage so far.</param>
/// <param name="Loss">Mean loss since the last report, in nats; <see langword="null"/> if nothing was predicted since.</param>
public sealed record StageProgress(ShardId Shard, SliceIndex Stage, long Visits, double? Loss);

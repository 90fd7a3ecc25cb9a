using Sisa.Sharding;

namespace Sisa.Cli.Quickstart;

/// <summary>The results of the quickstart; the document of <c>--json</c>.</summary>
internal sealed record QuickstartReport
{
    /// <summary>Folder of everything.</summary>
    public required string Folder { get; init; }

    /// <summary>Folder of the store.</summary>
    public required string Store { get; init; }

    /// <summary>Items ingested.</summary>
    public required long Items { get; init; }

    /// <summary>Authors of them.</summary>
    public required long Subjects { get; init; }

    /// <summary>Training of everything.</summary>
    public required WorkFigures Training { get; init; }

    /// <summary>The cost of forgetting.</summary>
    public required ForgettingFigures Forgetting { get; init; }

    /// <summary>How good the ensemble was before.</summary>
    public required QualityFigures Before { get; init; }

    /// <summary>How good it is after.</summary>
    public required QualityFigures After { get; init; }

    /// <summary>Whether every checkpoint equals that of a training from scratch without the person.</summary>
    public required bool Verified { get; init; }

    /// <summary>The last checkpoint of every shard.</summary>
    public required IReadOnlyList<DigestRow> Checkpoints { get; init; }

    /// <summary>Wall seconds of the whole quickstart.</summary>
    public required double Seconds { get; init; }
}

/// <summary>Work and its time.</summary>
/// <param name="Visits">Items × epochs.</param>
/// <param name="Seconds">Wall seconds.</param>
internal sealed record WorkFigures(long Visits, double Seconds);

/// <summary>The cost of forgetting.</summary>
/// <param name="Subject">Who was forgotten.</param>
/// <param name="Items">Items of this person.</param>
/// <param name="Shard">Shard that held them.</param>
/// <param name="CleanSlice">Slice of the checkpoint that training restarted from; 0 for the initial state.</param>
/// <param name="Visits">Items × epochs that were trained again.</param>
/// <param name="FullVisits">Items × epochs of a full retraining.</param>
/// <param name="FallbackSeconds">Seconds until nothing that was served had seen the items.</param>
/// <param name="Seconds">Seconds until the retrained shard was served.</param>
internal sealed record ForgettingFigures(
    string Subject, long Items, ShardId Shard, SliceIndex CleanSlice, long Visits, double FullVisits, double FallbackSeconds, double Seconds);

/// <summary>How good the models are.</summary>
/// <param name="HeldOut">Accuracy of the ensemble on held-out texts.</param>
/// <param name="Constituents">Accuracy of each constituent on them, by shard.</param>
/// <param name="Person">Figures on the person's texts.</param>
internal sealed record QualityFigures(double HeldOut, IReadOnlyList<double> Constituents, PersonFigures Person);

/// <summary>SHA-256 of a shard's last checkpoint at three moments.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Before">Before forgetting.</param>
/// <param name="After">After forgetting.</param>
/// <param name="Scratch">Digest of a training from scratch without the person; <see langword="null"/> if it could not be compared.</param>
internal sealed record DigestRow(ShardId Shard, Digest Before, Digest After, Digest? Scratch);

using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Forgetting;

/// <summary>The predicted cost of a request for one shard.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="ItemCount">Items of it that are forgotten or cut.</param>
/// <param name="CleanStage">Stage of the clean checkpoint; <see cref="SliceIndex.Start"/> when the shard starts over.</param>
/// <param name="StageCount">Stages to train again.</param>
/// <param name="Visits">Predicted items × epochs.</param>
public sealed record ShardPlan(ShardId Shard, long ItemCount, SliceIndex CleanStage, int StageCount, double Visits);

/// <summary>The stages that forgetting will retrain, and their predicted cost against a full retraining. A value: it has no effect by itself.</summary>
public sealed record ForgetPlan
{
    /// <summary>The affected shards.</summary>
    public required IReadOnlyList<ShardPlan> Shards { get; init; }

    /// <summary>Predicted items × epochs of forgetting.</summary>
    public double Visits => Shards.Sum(s => s.Visits);

    /// <summary>Predicted items × epochs of training everything again without the items.</summary>
    public required double FullVisits { get; init; }

    /// <summary>Predicted seconds of one worker, from the rate of the stages trained so far; <see langword="null"/> when none was.</summary>
    public double? Seconds { get; init; }

    /// <summary>Share of a full retraining, from 0 to 1.</summary>
    public double Share => FullVisits > 0 ? Visits / FullVisits : 0;

    /// <summary>Makes the plan.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="recipeDigest">Its digest.</param>
    /// <param name="shards">Every shard's history before anything is removed.</param>
    /// <param name="removed">Items to be removed, counted by place.</param>
    /// <param name="touched">Places whose items change: removed or cut.</param>
    public static ForgetPlan Make(
        Recipe recipe,
        Digest recipeDigest,
        IReadOnlyList<ShardHistory> shards,
        IReadOnlyDictionary<Placement, long> removed,
        IReadOnlyDictionary<Placement, long> touched) =>
        new ForgetPlanner(recipe, recipeDigest, shards).Plan(removed, touched);
}

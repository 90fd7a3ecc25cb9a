using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Forgetting;

/// <summary>Plans many requests against the same store: what does not depend on the request is computed once.</summary>
/// <remarks>Pure and immutable.</remarks>
public sealed class ForgetPlanner
{
    private readonly double _epochs;
    private readonly double _full;
    private readonly Dictionary<ShardId, (long[] Counts, int Trained, double Visits)> _shards;
    private readonly double? _secondsPerVisit;

    /// <summary>Prepares plans.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="recipeDigest">Its digest.</param>
    /// <param name="shards">Every shard's history before anything is removed.</param>
    public ForgetPlanner(Recipe recipe, Digest recipeDigest, IReadOnlyList<ShardHistory> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        _epochs = new StageSchedule(recipe).EpochsPerStage;
        _shards = shards.ToDictionary(s => s.Shard, s =>
        {
            long[] counts = [.. s.Slices.Select(slice => slice.ItemCount)];
            return (counts, s.Chain(recipeDigest, null).Count, StageVisits(counts, 1));
        });
        _full = _shards.Values.Sum(s => s.Visits);
        var trained = shards.SelectMany(s => s.Checkpoints).ToArray();
        var visits = trained.Sum(c => c.Visits);
        _secondsPerVisit = visits > 0 ? trained.Sum(c => c.Seconds) / visits : null;
    }

    /// <summary>Makes the plan of a request, or of several that share a retraining.</summary>
    /// <param name="removed">Items to be removed, counted by place.</param>
    /// <param name="touched">Places whose items change: removed or cut.</param>
    public ForgetPlan Plan(IReadOnlyDictionary<Placement, long> removed, IReadOnlyDictionary<Placement, long> touched)
    {
        var plans = new List<ShardPlan>();
        var full = _full;
        foreach (var shard in touched.GroupBy(t => t.Key.Shard).OrderBy(g => g.Key))
        {
            var (before, trained, visits) = _shards[shard.Key];
            long[] counts = [.. before.Select((count, i) => count - removed.GetValueOrDefault(new Placement(shard.Key, new SliceIndex(i + 1))))];
            var clean = Math.Min(shard.Min(t => t.Key.Slice.Value) - 1, trained);
            plans.Add(new ShardPlan(shard.Key, shard.Sum(t => t.Value), new SliceIndex(clean), counts.Length - clean, StageVisits(counts, clean + 1)));
            full += StageVisits(counts, 1) - visits;
        }

        // What is left of a sum from which everything was taken away may be a little below nothing.
        var plan = new ForgetPlan { Shards = plans, FullVisits = Math.Max(0, full) };
        return plan with { Seconds = plan.Visits * _secondsPerVisit };
    }

    // Stage k visits the items of slices 1 … k.
    private double StageVisits(long[] counts, int firstStage)
    {
        double visits = 0;
        long prefix = 0;
        for (var k = 1; k <= counts.Length; k++)
        {
            prefix += counts[k - 1];
            visits += k >= firstStage ? _epochs * prefix : 0;
        }

        return visits;
    }
}

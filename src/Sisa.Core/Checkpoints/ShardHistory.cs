using Sisa.Sharding;

namespace Sisa.Checkpoints;

/// <summary>The slices of one shard as they are now, and every checkpoint that is kept of it.</summary>
/// <remarks>Pure and immutable. Answers the two questions that everything rests on: from where must training restart, and which
/// checkpoint has not seen what is to be forgotten (Bourtoule et al. 2021, section IV).</remarks>
public sealed class ShardHistory
{
    private readonly IReadOnlyList<Lineage> _lineages;

    /// <summary>Creates the history.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="slices">Its slices, from the first, as they are now.</param>
    /// <param name="checkpoints">Its checkpoints, of any lineage, recipe and environment.</param>
    public ShardHistory(ShardId shard, IReadOnlyList<SliceRoot> slices, IReadOnlyList<CheckpointRecord> checkpoints)
    {
        ArgumentNullException.ThrowIfNull(slices);
        Shard = shard;
        Slices = slices;
        Checkpoints = checkpoints;
        _lineages = Lineage.OfEveryStage(slices);
    }

    /// <summary>The shard.</summary>
    public ShardId Shard { get; }

    /// <summary>Its slices as they are now.</summary>
    public IReadOnlyList<SliceRoot> Slices { get; }

    /// <summary>Its checkpoints.</summary>
    public IReadOnlyList<CheckpointRecord> Checkpoints { get; }

    /// <summary>Items of the shard.</summary>
    public long ItemCount => Slices.Sum(s => s.ItemCount);

    /// <summary>The lineage that a checkpoint of a stage must have now.</summary>
    /// <param name="stage">From the first to the last.</param>
    public Lineage LineageAt(SliceIndex stage) => _lineages[stage.Value - 1];

    /// <summary>The checkpoints that training from scratch would write, from the first stage to the last one without a gap.</summary>
    /// <param name="recipe">Digest of the recipe.</param>
    /// <param name="environment">Digest of the environment, or <see langword="null"/> for that of the longest chain.</param>
    public IReadOnlyList<CheckpointRecord> Chain(Digest recipe, Digest? environment)
    {
        if (environment is null)
        {
            return Checkpoints
                .Where(c => c.Recipe == recipe)
                .Select(c => c.Environment)
                .Distinct()
                .Order()
                .Select(e => Chain(recipe, e))
                .MaxBy(chain => chain.Count) ?? [];
        }

        var chain = new List<CheckpointRecord>();
        for (var k = 1; k <= Slices.Count; k++)
        {
            var stage = new SliceIndex(k);
            var current = Checkpoints.FirstOrDefault(c =>
                c.Place.Slice == stage && c.Lineage == LineageAt(stage).Digest && c.Recipe == recipe && c.Environment == environment);
            if (current is null)
            {
                break;
            }

            chain.Add(current);
        }

        return chain;
    }

    /// <summary>The newest checkpoint whose lineage holds nothing that pending requests name.</summary>
    /// <param name="recipe">Digest of the recipe.</param>
    /// <param name="pending">Slices of this shard that pending requests name, and whether each has been rewritten already.</param>
    /// <returns>The clean checkpoint, or <see langword="null"/> if the first slice is tainted.</returns>
    public CheckpointRecord? Clean(Digest recipe, IReadOnlyCollection<(SliceIndex Slice, bool Rewritten)> pending) => Checkpoints
        .Where(c => c.Recipe == recipe && c.ItemCount > 0 && IsClean(c, pending))

        // Prefer the current checkpoint of a stage, then the lowest digest, so that the choice does not depend on row order.
        .OrderByDescending(c => c.Place.Slice)
        .ThenByDescending(c => c.Lineage == LineageAt(c.Place.Slice).Digest)
        .ThenBy(c => c.Digest)
        .FirstOrDefault();

    // A checkpoint behind a named slice is clean only if the slice was rewritten and the checkpoint was trained on the result.
    private bool IsClean(CheckpointRecord checkpoint, IReadOnlyCollection<(SliceIndex Slice, bool Rewritten)> pending)
    {
        var isCurrent = checkpoint.Lineage == LineageAt(checkpoint.Place.Slice).Digest;
        return pending.All(p => p.Slice > checkpoint.Place.Slice || (p.Rewritten && isCurrent));
    }
}

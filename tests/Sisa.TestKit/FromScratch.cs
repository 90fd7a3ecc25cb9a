using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.TestKit;

/// <summary>What somebody would have who never held anything but these rows: A(D; ρ, κ) of the exactness contract.</summary>
public static class FromScratch
{
    /// <summary>Bytes of every checkpoint file.</summary>
    /// <param name="recipe">ρ.</param>
    /// <param name="key">κ.</param>
    /// <param name="rows">D.</param>
    /// <param name="trainer">The environment of the fake trainer.</param>
    /// <param name="realTrainer">Who trains instead of the fake trainer.</param>
    public static IReadOnlyDictionary<Placement, byte[]> Checkpoints(Recipe recipe, AssignmentKey key, IReadOnlyCollection<TestRow> rows, FakeTrainer? trainer = null, IShardTrainer? realTrainer = null)
    {
        trainer ??= new FakeTrainer();
        if (rows.Count == 0)
        {
            return OfNothing(recipe, key, realTrainer ?? new FakeTrainer { Fingerprint = trainer.Fingerprint });
        }

        using var store = new TestStore(recipe, key) { Trainer = new FakeTrainer { Fingerprint = trainer.Fingerprint }, RealTrainer = realTrainer };
        store.Ingest(rows);
        store.Train();
        return store.Checkpoints();
    }

    // A store cannot be made of no rows: the jobs are written by hand.
    private static Dictionary<Placement, byte[]> OfNothing(Recipe recipe, AssignmentKey key, IShardTrainer again)
    {
        using var folder = new TempFolder();
        var observer = new Collector();
        var jobs = Enumerable.Range(0, recipe.Ensemble.Shards).Select(shard => new ShardJob
        {
            Recipe = recipe,
            RecipeDigest = RecipeJson.RecipeDigest(recipe, key.Commitment),
            Shard = new ShardId(shard),
            FirstStage = SliceIndex.First,
            Slices = [.. Enumerable.Repeat(new SliceReference(null, SliceRoot.Empty), recipe.Ensemble.Slices)],
            CheckpointFolder = folder[$"{shard}"],
        });
        again.Train([.. jobs], observer, CancellationToken.None);
        return observer.Results.ToDictionary(
            r => new Placement(r.Shard, r.Stage),
            r => File.ReadAllBytes(Path.Combine(folder[$"{r.Shard.Value}"], r.FileName)));
    }

    private sealed class Collector : ITrainingObserver
    {
        public List<StageResult> Results { get; } = [];

        public bool Accept(StageResult result)
        {
            Results.Add(result);
            return true;
        }

        public void Progress(StageProgress progress)
        {
            // The fake trainer reports none.
        }
    }
}

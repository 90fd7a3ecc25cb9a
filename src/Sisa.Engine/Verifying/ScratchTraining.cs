using Sisa.Engine.Training;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Engine.Verifying;

/// <summary>Trains every shard from its initial state, in a folder that is thrown away.</summary>
internal static class ScratchTraining
{
    /// <summary>Trains all shards.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="recipeDigest">Its digest.</param>
    /// <param name="slices">Slices of every shard.</param>
    /// <param name="scratch">Folder for checkpoints.</param>
    /// <param name="progress">Receives progress; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The result of each stage.</returns>
    public static IReadOnlyDictionary<Placement, StageResult> Run(
        IShardTrainer trainer,
        Recipe recipe,
        Digest recipeDigest,
        IReadOnlyDictionary<ShardId, SliceReference[]> slices,
        string scratch,
        ITrainingProgress? progress,
        CancellationToken cancellation)
    {
        ShardJob[] jobs =
        [
            .. slices
                .Select(s => new ShardJob
                {
                    Recipe = recipe,
                    RecipeDigest = recipeDigest,
                    BaseFolder = recipe.BaseFolder,
                    Shard = s.Key,
                    FirstStage = SliceIndex.First,
                    Slices = s.Value,
                    CheckpointFolder = Path.Combine(scratch, "checkpoints", s.Key.ToString()),
                })
                .OrderByDescending(j => j.ExpectedVisits)
                .ThenBy(j => j.Shard),
        ];
        var collector = new Collector(progress);
        progress?.Begin(jobs, false);
        trainer.Train(jobs, collector, cancellation);
        return collector.Results;
    }

    private sealed class Collector(ITrainingProgress? progress) : ITrainingObserver
    {
        public Dictionary<Placement, StageResult> Results { get; } = [];

        public bool Accept(StageResult result)
        {
            Results[new Placement(result.Shard, result.Stage)] = result;
            progress?.Finished(result);
            return true;
        }

        void ITrainingObserver.Progress(StageProgress stage) => progress?.Progress(stage);
    }
}

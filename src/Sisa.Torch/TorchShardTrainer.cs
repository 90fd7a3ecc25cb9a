using Sisa.Checkpoints;
using Sisa.Torch.Fusion;
using Sisa.Torch.Native;
using Sisa.Torch.Perceptron;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>Trains shards in this process, one after another, or several at once where that pays (<see cref="ShardFusion"/>); a worker process is this class behind a
/// command line.</summary>
/// <remarks>Not thread-safe. The first recipe pins the process (see <see cref="NativeRuntime"/>). Bytes of checkpoints depend on each
/// job alone, not on the jobs before it.</remarks>
/// <param name="time">Measures durations; the system's clock where it is left out.</param>
public sealed class TorchShardTrainer(TimeProvider? time = null) : IShardTrainer
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>How many of so many jobs to train at once; a test asks for more than pays here. From two on every job is trained by libtorch, also on the processor.</summary>
    internal Func<Recipe, int, int> Fusion { get; init; } = (recipe, jobs) => ShardFusion.Together(recipe, jobs);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The process is pinned to another numeric profile or number of threads.</exception>
    public EnvironmentFingerprint Environment(Recipe recipe, CancellationToken cancellation = default) => Constituent.EnvironmentOf(recipe);

    /// <summary>Makes ready for jobs of a recipe, while there is nothing else to do.</summary>
    /// <param name="recipe">The recipe.</param>
    public static void Prepare(Recipe recipe)
    {
        if (PerceptronConstituent.Trains(recipe))
        {
            PerceptronConstituent.Prepare();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A job starts at a stage that its start checkpoint does not lead to.</exception>
    public void Train(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(observer);
        if (jobs.Count == 0)
        {
            return;
        }

        var together = Fusion(jobs[0].Recipe, jobs.Count);
        foreach (var group in jobs.Chunk(together))
        {
            cancellation.ThrowIfCancellationRequested();
            Array.ForEach(group, RefuseUnreachable);
            if (together == 1)
            {
                using var training = new ShardTraining(group[0], Constituent.Create(group[0]), observer, _time);
                training.Run(cancellation);
            }
            else
            {
                using var training = new ShardGroup(group, observer, _time, new FusionProof(group[0].Recipe));
                training.Run(cancellation);
            }
        }
    }

    private static void RefuseUnreachable(ShardJob job)
    {
        if (job.FirstStage < Sharding.SliceIndex.First || (job.Start is null && job.FirstStage != Sharding.SliceIndex.First))
        {
            throw new ArgumentException($"A job of {job.Shard} without a start checkpoint begins at {job.FirstStage}, expected the first slice.", nameof(job));
        }
    }
}

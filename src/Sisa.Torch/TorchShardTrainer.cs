using Sisa.Checkpoints;
using Sisa.Torch.Native;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>Trains shards in this process, one after another; a worker process is this class behind a command line.</summary>
/// <remarks>Not thread-safe. The first recipe pins the process (see <see cref="NativeRuntime"/>). Bytes of checkpoints depend on each
/// job alone, not on the jobs before it.</remarks>
/// <param name="time">Measures durations; the system's clock where it is left out.</param>
public sealed class TorchShardTrainer(TimeProvider? time = null) : IShardTrainer
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The process is pinned to another numeric profile or number of threads.</exception>
    public EnvironmentFingerprint Environment(Recipe recipe, CancellationToken cancellation = default) => Constituent.EnvironmentOf(recipe);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A job starts at a stage that its start checkpoint does not lead to.</exception>
    public void Train(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(observer);
        foreach (var job in jobs)
        {
            cancellation.ThrowIfCancellationRequested();
            if (job.FirstStage < Sharding.SliceIndex.First || (job.Start is null && job.FirstStage != Sharding.SliceIndex.First))
            {
                throw new ArgumentException($"A job of {job.Shard} without a start checkpoint begins at {job.FirstStage}, expected the first slice.", nameof(jobs));
            }

            using var training = new ShardTraining(job, observer, _time);
            training.Run(cancellation);
        }
    }
}

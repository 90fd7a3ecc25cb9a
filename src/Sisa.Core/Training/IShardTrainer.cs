using Sisa.Checkpoints;

namespace Sisa.Training;

/// <summary>Trains shards: in this process, or in worker processes.</summary>
/// <remarks>Not thread-safe.</remarks>
public interface IShardTrainer
{
    /// <summary>The environment in which <see cref="Train"/> will train under a recipe; waits for the first worker if need be.</summary>
    /// <param name="recipe">Device, threads and numeric profile are read.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    EnvironmentFingerprint Environment(Recipe recipe, CancellationToken cancellation = default);

    /// <summary>Trains jobs of different shards, in any order, possibly in parallel. The bytes of a shard depend only on its job.</summary>
    /// <param name="jobs">At most one job a shard, all of one recipe.</param>
    /// <param name="observer">Told of progress and of every finished stage.</param>
    /// <param name="cancellation">Ends the work soon. Accepted stages remain.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="SisaException">A job could not be done.</exception>
    void Train(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation);
}

/// <summary>Hears what trainers do. Called by one thread at a time.</summary>
public interface ITrainingObserver
{
    /// <summary>A stage ended and its checkpoint is durable.</summary>
    /// <param name="result">The stage.</param>
    /// <returns>Whether to go on with the shard; <see langword="false"/> when a new request has tainted the stage.</returns>
    bool Accept(StageResult result);

    /// <summary>A stage in flight got on.</summary>
    /// <param name="progress">How far.</param>
    void Progress(StageProgress progress);
}

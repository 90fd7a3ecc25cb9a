using Sisa.Engine.Stores;

namespace Sisa.Engine.Training.Launching;

/// <summary>Workers that start while a command does its first work. A failure to start is reported only when they are needed.</summary>
/// <remarks>Not thread-safe. Owns the pool.</remarks>
/// <param name="command">How to start one.</param>
/// <param name="most">Most workers.</param>
/// <param name="shards">Expected number of shards to train, at least 1.</param>
public sealed class StartingWorkers(WorkerCommand command, int most, long shards) : IDisposable
{
    private Task<WorkerPool> _pool = Task.Run(() => new WorkerPool(command, most, (int)Math.Clamp(shards, 1, most)));

    /// <summary>Sends them the recipe as soon as they have started.</summary>
    /// <param name="store">The store.</param>
    public void Begin(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var starting = _pool;
        var (layout, recipe) = (store.Layout, store.Recipe);
        _pool = Task.Run(async () =>
        {
            var pool = await starting.ConfigureAwait(false);
            pool.Begin(layout, recipe);
            return pool;
        });
    }

    /// <summary>The workers, once they are there.</summary>
    /// <exception cref="EnvironmentException">The program could not be started.</exception>
    public WorkerPool Pool() => _pool.GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IAsyncResult)_pool).AsyncWaitHandle.WaitOne();
        if (_pool.IsCompletedSuccessfully)
        {
            _pool.Result.Dispose();
        }

        // The caller who needed them has the exception.
        _ = _pool.Exception;
    }
}

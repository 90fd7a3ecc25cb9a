using Sisa.Engine;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;

namespace Sisa.Cli.Terminal;

/// <summary>Workers that start beside whatever a command does first. That they cannot start is said when they are needed, and not before.</summary>
/// <remarks>Not thread-safe. Owns the pool.</remarks>
/// <param name="most">Most workers.</param>
/// <param name="shards">Shards that will be trained, as far as can be told; at least 1.</param>
internal sealed class StartingWorkers(int most, long shards) : IDisposable
{
    private Task<WorkerPool> _pool = Task.Run(() => new WorkerPool(CommonOptions.OwnProgram(), most, (int)Math.Clamp(shards, 1, most)));

    /// <summary>Tells them what they will train, as soon as they are there.</summary>
    /// <param name="store">The store.</param>
    public void Begin(Store store)
    {
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

        // Whoever needed them was told.
        _ = _pool.Exception;
    }
}

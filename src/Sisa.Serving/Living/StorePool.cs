using System.Collections.Concurrent;
using Sisa.Engine.Stores;
using Sisa.Storage.Manifest;

namespace Sisa.Serving.Living;

/// <summary>Openings of one store, for callers of any thread: each has one for itself while it asks, and waits no longer than it wants to.</summary>
/// <param name="open">Opens the store.</param>
/// <param name="most">Openings that are kept for the next caller.</param>
internal sealed class StorePool(Func<Store> open, int most) : IDisposable
{
    private readonly ConcurrentBag<Store> _free = [];
    private volatile bool _isClosed;

    /// <summary>Uses an opening.</summary>
    /// <param name="timeout">How long a statement may wait for another connection that writes.</param>
    /// <param name="use">The work. It must not keep the store.</param>
    /// <exception cref="StoreBusyException">Another process wrote for longer than that.</exception>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public T Use<T>(TimeSpan timeout, Func<Store, T> use)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(SisaStore));
        var store = _free.TryTake(out var free) ? free : open();
        var isWhole = false;
        try
        {
            store.Manifest.Timeout = timeout;
            var result = use(store);

            // Whatever an exception leaves behind goes with the opening.
            isWhole = true;
            return result;
        }
        catch (Exception e) when (SqliteCode.IsBusy(e))
        {
            throw new StoreBusyException($"The manifest {store.Manifest.FilePath} was busy for longer than {timeout.TotalSeconds:0.#} s.", "Another process writes to it; ask again.");
        }
        finally
        {
            GiveBack(store, isWhole);
        }
    }

    /// <summary>Closes unused openings. Those in use are closed when they are returned.</summary>
    public void Dispose()
    {
        _isClosed = true;
        while (_free.TryTake(out var store))
        {
            store.Dispose();
        }
    }

    private void GiveBack(Store store, bool isWhole)
    {
        if (!isWhole || _isClosed || _free.Count >= most)
        {
            store.Dispose();
            return;
        }

        _free.Add(store);
        if (_isClosed)
        {
            Dispose();
        }
    }
}

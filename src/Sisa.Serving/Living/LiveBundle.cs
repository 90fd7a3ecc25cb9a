using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Serving.Bundles;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Serving.Living;

/// <summary>The bundle of a store, for a thread that answers for months.</summary>
/// <remarks>
/// The answering thread looks before every batch. Where something was taken out of service, it changes over before it answers. Where only something newer is served, it goes on with what it has until another
/// thread has read and checked the new constituents (<see cref="Prepare"/>), and takes all of them over in one step. <see cref="Refresh"/> belongs to the answering thread and <see cref="Prepare"/> to one other.
/// </remarks>
/// <param name="store">The store, for the answering thread only. This object takes ownership of it.</param>
internal sealed class LiveBundle(Store store) : IBundleSource
{
    private const int MaxAttempts = 4;

    private readonly ServedBundleQuery _query = new(store);
    private readonly Lock _gate = new();
    private volatile LoadedConstituents? _ensemble;
    private volatile ServedCheckpoints? _loaded;
    private PreparedBundle? _prepared;
    private long _failedEpoch = -1;

    /// <inheritdoc/>
    public Recipe Recipe => store.Recipe;

    /// <inheritdoc/>
    public long Refresh(LoadedConstituents ensemble)
    {
        for (var attempt = 1; ; attempt++)
        {
            var loaded = ReferenceEquals(ensemble, _ensemble) ? _loaded : null;
            var served = _query.Look(loaded);
            if (served.IsSuspended || ReferenceEquals(served, loaded))
            {
                return _query.Require(served).Epoch;
            }

            var prepared = Take(served.Epoch);
            if (prepared is null && loaded is { Checkpoints.Count: > 0, IsSuspended: false } && loaded.Epoch >= served.WithdrawnAt && IsBeingPrepared(served.Epoch))
            {
                return loaded.Epoch;
            }

            // A checkpoint can be purged between reading its name and opening it; its successor is published by then.
            using (prepared)
            {
                if (TryChange(ensemble, served, prepared, mayFail: attempt < MaxAttempts))
                {
                    return _query.Require(served).Epoch;
                }
            }
        }
    }

    /// <summary>Reads and checks, on another thread, the checkpoints that the answering thread lacks.</summary>
    /// <param name="served">The bundle.</param>
    /// <param name="own">The store as the calling thread has it.</param>
    public void Prepare(ServedCheckpoints served, Store own)
    {
        if (_ensemble is not { } ensemble || _loaded is not { } loaded || loaded.Epoch >= served.Epoch || served.IsSuspended)
        {
            return;
        }

        var prepared = new PreparedBundle(served.Epoch);
        try
        {
            var present = loaded.Checkpoints.Select(c => (c.Place.Shard, c.Digest)).ToHashSet();
            foreach (var (shard, file) in served.Files(own).Where(f => !present.Contains((f.Key, f.Value.Digest))))
            {
                prepared.Constituents.Add(shard, ensemble.Prepare(shard, file));
            }

            Offer(prepared);
        }
        catch (SisaException)
        {
            // The answering thread checks by itself, and reports faults to its callers.
            prepared.Dispose();
            lock (_gate)
            {
                _failedEpoch = served.Epoch;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Offer(null);
        store.Dispose();
    }

    private void Offer(PreparedBundle? prepared)
    {
        PreparedBundle? old;
        lock (_gate)
        {
            (old, _prepared) = (_prepared, prepared);
        }

        old?.Dispose();
    }

    private PreparedBundle? Take(long epoch)
    {
        lock (_gate)
        {
            if (_prepared?.Epoch != epoch)
            {
                return null;
            }

            var prepared = _prepared;
            _prepared = null;
            return prepared;
        }
    }

    private bool IsBeingPrepared(long epoch)
    {
        lock (_gate)
        {
            return _failedEpoch != epoch;
        }
    }

    private bool TryChange(LoadedConstituents ensemble, ServedCheckpoints served, PreparedBundle? prepared, bool mayFail)
    {
        try
        {
            var files = served.Files(store);

            // Until all of it is there, nothing of it is said to be loaded.
            _loaded = null;
            foreach (var shard in ensemble.Shards.Where(s => !files.ContainsKey(s)).ToArray())
            {
                ensemble.Remove(shard);
            }

            foreach (var (shard, file) in files.Where(f => !ensemble.Holds(f.Key, f.Value.Digest)))
            {
                if (prepared?.Constituents.GetValueOrDefault(shard) is { } ready && ready.Digest == file.Digest)
                {
                    ensemble.Adopt(ready);
                }
                else
                {
                    ensemble.Set(shard, file);
                }
            }

            (_loaded, _ensemble) = (served, ensemble);
            return true;
        }
        catch (StoreException) when (mayFail && store.Manifest.Settings.Epoch != served.Epoch)
        {
            return false;
        }
    }

    // Constituents of one epoch that wait to be adopted.
    private sealed class PreparedBundle(long epoch) : IDisposable
    {
        public long Epoch { get; } = epoch;

        public Dictionary<ShardId, PreparedConstituent> Constituents { get; } = [];

        public void Dispose()
        {
            foreach (var constituent in Constituents.Values)
            {
                constituent.Dispose();
            }
        }
    }
}

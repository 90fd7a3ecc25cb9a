using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Serving.Bundles;

/// <summary>The bundle of a store. It is read again at every batch, so that no bundle answers after it was taken out of service.</summary>
/// <remarks>Not thread-safe. Disposing closes the store.</remarks>
/// <param name="store">The store. This object takes ownership of it.</param>
public sealed class StoreBundle(Store store) : IBundleSource
{
    private const int MaxAttempts = 4;

    private readonly ServedBundleQuery _query = new(store);
    private ServedCheckpoints? _served;
    private LoadedConstituents? _loaded;

    /// <inheritdoc/>
    public Recipe Recipe => store.Recipe;

    /// <inheritdoc/>
    public long Refresh(LoadedConstituents ensemble)
    {
        for (var attempt = 1; ; attempt++)
        {
            var known = ReferenceEquals(ensemble, _loaded) ? _served : null;
            var served = _query.Look(known);
            if (served.IsSuspended)
            {
                _query.Require(served);
            }

            // A checkpoint can be purged between reading its name and opening it; its successor is published by then.
            if (ReferenceEquals(served, known) || TryLoad(ensemble, served, mayFail: attempt < MaxAttempts))
            {
                (_served, _loaded) = (served, ensemble);
                return _query.Require(served).Epoch;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();

    private bool TryLoad(LoadedConstituents ensemble, ServedCheckpoints served, bool mayFail)
    {
        try
        {
            var files = served.Files(store);
            foreach (var shard in ensemble.Shards.Where(s => !files.ContainsKey(s)).ToArray())
            {
                ensemble.Remove(shard);
            }

            foreach (var (shard, checkpoint) in files)
            {
                ensemble.Set(shard, checkpoint);
            }

            return true;
        }
        catch (StoreException) when (mayFail && store.Manifest.Settings.Epoch != served.Epoch)
        {
            return false;
        }
    }
}

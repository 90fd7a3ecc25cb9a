using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Serving.Bundles;

/// <summary>The bundle of a store at one moment. It answers as long as its files exist, even if another bundle is served by then.</summary>
/// <remarks>For measurements only. <see cref="StoreBundle"/> answers users.</remarks>
public sealed class ServedBundle : IBundleSource
{
    private readonly long _epoch;
    private readonly IReadOnlyDictionary<ShardId, CheckpointReference> _checkpoints;

    /// <summary>Takes note of what is served now.</summary>
    /// <param name="store">The store. The caller keeps it, and disposes of it.</param>
    public ServedBundle(Store store)
    {
        Recipe = store.Recipe;
        var served = new ServedBundleQuery(store).Look();
        (_epoch, _checkpoints) = (served.Epoch, served.Files(store));
    }

    /// <summary>Whether there is nothing that could answer.</summary>
    public bool IsEmpty => _checkpoints.Count == 0;

    /// <inheritdoc/>
    public Recipe Recipe { get; }

    /// <inheritdoc/>
    public long Refresh(LoadedConstituents ensemble)
    {
        foreach (var (shard, checkpoint) in _checkpoints)
        {
            ensemble.Set(shard, checkpoint);
        }

        return _epoch;
    }

    /// <summary>Loads the constituent of one shard, and no other.</summary>
    /// <param name="ensemble">The ensemble; what else it holds is left out.</param>
    /// <param name="shard">The shard.</param>
    /// <returns>Whether the shard was served.</returns>
    public bool LoadAlone(LoadedConstituents ensemble, ShardId shard)
    {
        foreach (var other in ensemble.Shards.Where(s => s != shard))
        {
            ensemble.Remove(other);
        }

        if (_checkpoints.TryGetValue(shard, out var checkpoint))
        {
            ensemble.Set(shard, checkpoint);
            return true;
        }

        ensemble.Remove(shard);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The store is the caller's.
    }
}

using Sisa.Engine;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Cli.Serving;

/// <summary>The bundle of a store. Read again at every batch, so that nothing answers that has been taken out of service.</summary>
internal sealed class StoreBundle(Store store) : IBundleSource
{
    private long _epoch = -1;
    private EnsembleModel? _loaded;

    public Recipe Recipe => store.Recipe;

    public long Refresh(EnsembleModel ensemble)
    {
        if (store.Manifest.Settings["suspended"] is not null)
        {
            throw new NotFoundException("The ensemble is suspended until a request to forget is served.", "Run 'sisa train', or wait for the process that does.");
        }

        var epoch = store.Manifest.Settings.Epoch;
        if (epoch == _epoch && ReferenceEquals(ensemble, _loaded))
        {
            return epoch;
        }

        // A checkpoint can be purged between reading its name and opening it; its successor is published by then.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Load(ensemble);
                break;
            }
            catch (StoreException) when (attempt < 3 && store.Manifest.Settings.Epoch != epoch)
            {
                epoch = store.Manifest.Settings.Epoch;
            }
        }

        _epoch = epoch;
        _loaded = ensemble;
        return ensemble.Shards.Count > 0
            ? epoch
            : throw new NotFoundException($"Nothing is served at epoch {epoch}.", "Run 'sisa train'.");
    }

    public void Dispose() => store.Dispose();

    private void Load(EnsembleModel ensemble)
    {
        var served = store.Manifest.Bundle.Served();
        var files = store.Manifest.Checkpoints.All().ToDictionary(c => c.Digest);
        foreach (var shard in ensemble.Shards.Where(s => !served.ContainsKey(s)).ToArray())
        {
            ensemble.Remove(shard);
        }

        foreach (var (shard, digest) in served.Where(s => files.ContainsKey(s.Value)))
        {
            ensemble.Set(shard, new CheckpointReference(store.Layout.Absolute(files[digest].File), digest));
        }
    }
}

using Sisa.Engine;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Cli.Serving;

/// <summary>The bundle of a store. Read again at every batch, so that nothing answers that has been taken out of service.</summary>
internal sealed class StoreBundle(Store store) : IBundleSource
{
    private const int MaxAttempts = 4;

    private long _epoch = -1;
    private LoadedConstituents? _loaded;

    public Recipe Recipe => store.Recipe;

    public long Refresh(LoadedConstituents ensemble)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = ReferenceEquals(ensemble, _loaded) ? _epoch : -1;
            var served = store.Manifest.Read(() => Look(current));
            if (served.IsSuspended)
            {
                throw new NotFoundException("The ensemble is suspended until a request to forget is served.", $"Run {Step.Train}, or wait for the process that does.");
            }

            // A checkpoint can be purged between reading its name and opening it; its successor is published by then.
            if (served.Epoch == current || TryLoad(ensemble, served, mayFail: attempt < MaxAttempts))
            {
                (_epoch, _loaded) = (served.Epoch, ensemble);
                return ensemble.Shards.Count > 0 ? served.Epoch : throw new NotFoundException($"Nothing is served at epoch {served.Epoch}.", store.Manifest.Items.Count > 0 ? Remedy.Of($"Run {Step.Train}.") : Remedy.Of($"The store holds no items; run {Step.Ingest}, then {Step.Train}."));
            }
        }
    }

    public void Dispose() => store.Dispose();

    // One moment: epoch and checkpoints belong together, and so does the suspension.
    private Served Look(long known)
    {
        var epoch = store.Manifest.Settings.Epoch;
        var isSuspended = store.Manifest.Settings["suspended"] is not null;
        if (epoch == known || isSuspended)
        {
            return new Served(epoch, isSuspended, []);
        }

        var files = store.Manifest.Checkpoints.All().ToDictionary(c => c.Digest, c => store.Layout.Absolute(c.File));
        return new Served(epoch, isSuspended, store.Manifest.Bundle.Served().ToDictionary(s => s.Key, s => new CheckpointReference(files[s.Value], s.Value)));
    }

    private bool TryLoad(LoadedConstituents ensemble, Served served, bool mayFail)
    {
        try
        {
            foreach (var shard in ensemble.Shards.Where(s => !served.Checkpoints.ContainsKey(s)).ToArray())
            {
                ensemble.Remove(shard);
            }

            foreach (var (shard, checkpoint) in served.Checkpoints)
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

    private sealed record Served(long Epoch, bool IsSuspended, Dictionary<ShardId, CheckpointReference> Checkpoints);
}

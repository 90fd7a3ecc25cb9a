using Sisa.Engine;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Cli.Serving;

/// <summary>What a store served at one moment. It answers from that for as long as the files are there, whatever is served since.</summary>
/// <remarks>For measurements alone: what answers users is <see cref="StoreBundle"/>.</remarks>
internal sealed class ServedBundle : IBundleSource
{
    private readonly long _epoch;
    private readonly Dictionary<ShardId, CheckpointReference> _checkpoints;

    /// <summary>Takes note of what is served now.</summary>
    public ServedBundle(Store store)
    {
        Recipe = store.Recipe;
        var files = store.Manifest.Checkpoints.All().ToDictionary(c => c.Digest, c => store.Layout.Absolute(c.File));
        (_epoch, _checkpoints) = store.Manifest.Read(() => (
            store.Manifest.Settings.Epoch,
            store.Manifest.Bundle.Served().Where(s => files.ContainsKey(s.Value)).ToDictionary(s => s.Key, s => new CheckpointReference(files[s.Value], s.Value))));
    }

    /// <summary>Whether there is nothing that could answer.</summary>
    public bool IsEmpty => _checkpoints.Count == 0;

    public Recipe Recipe { get; }

    public long Refresh(LoadedConstituents ensemble)
    {
        foreach (var (shard, checkpoint) in _checkpoints)
        {
            ensemble.Set(shard, checkpoint);
        }

        return _epoch;
    }

    public void Dispose()
    {
        // The store is the caller's.
    }
}

using Sisa.Checkpoints;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Engine.Publishing;

/// <summary>The served state of a store at one moment: epoch, suspension and checkpoints belong together.</summary>
/// <param name="Epoch">Epoch of the bundle.</param>
/// <param name="IsSuspended">Whether nothing may answer.</param>
/// <param name="Checkpoints">The checkpoint of each shard that is in the bundle, by shard.</param>
public sealed record ServedCheckpoints(long Epoch, bool IsSuspended, IReadOnlyList<CheckpointRecord> Checkpoints)
{
    /// <summary>Epoch of the last publication that took something out of service: what was loaded before it must not answer any more.</summary>
    public required long WithdrawnAt { get; init; }

    /// <summary>The checkpoints as files, by shard.</summary>
    /// <param name="store">The store whose bundle this is.</param>
    public IReadOnlyDictionary<ShardId, CheckpointReference> Files(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Checkpoints.ToDictionary(c => c.Place.Shard, c => new CheckpointReference(store.Layout.Absolute(c.File), c.Digest));
    }
}

/// <summary>Answers what a store serves now. Needs no lock.</summary>
/// <param name="store">The store.</param>
public sealed class ServedBundleQuery(Store store)
{
    /// <summary>Takes note of what is served now.</summary>
    /// <param name="known">The served state at the caller's last look, if any.</param>
    /// <returns><paramref name="known"/> itself where nothing has changed since; then two values are read, and no rows.</returns>
    public ServedCheckpoints Look(ServedCheckpoints? known = null) => store.Manifest.Read(() => LookWithin(known));

    /// <summary>The same for a caller that is in a transaction.</summary>
    /// <param name="known">The served state at the caller's last look, if any.</param>
    internal ServedCheckpoints LookWithin(ServedCheckpoints? known = null)
    {
        var (epoch, isSuspended) = (store.Manifest.Settings.Epoch, store.Manifest.Settings.IsSuspended);
        return known?.Epoch == epoch && known.IsSuspended == isSuspended ? known
            : new ServedCheckpoints(epoch, isSuspended, store.Manifest.Checkpoints.Served()) { WithdrawnAt = store.Manifest.Settings.WithdrawnAt };
    }

    /// <summary>Refuses a bundle that answers nothing, and says why.</summary>
    /// <param name="served">The served state.</param>
    /// <returns><paramref name="served"/>, which holds at least one checkpoint.</returns>
    /// <exception cref="NotFoundException">The ensemble is suspended, or no shard is served.</exception>
    public ServedCheckpoints Require(ServedCheckpoints served)
    {
        ArgumentNullException.ThrowIfNull(served);
        if (served.IsSuspended)
        {
            throw new NotFoundException("The ensemble is suspended until a request to forget is served.", $"Run {Step.Train}, or wait for the process that runs it.");
        }

        return served.Checkpoints.Count > 0
            ? served
            : throw new NotFoundException($"Nothing is served at epoch {served.Epoch}.", store.Manifest.Items.Count > 0 ? Remedy.Of($"Run {Step.Train}.") : Remedy.Of($"The store holds no items. Run {Step.Ingest}, then {Step.Train}."));
    }
}

using Sisa.Checkpoints;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Recovering;

/// <summary>The result of a recovery.</summary>
/// <param name="FilesRemoved">Files that an interrupted operation left behind.</param>
/// <param name="FallbacksPublished">Requests whose fallback had not been published yet.</param>
/// <param name="Purged">Requests whose purge was finished.</param>
/// <param name="DamagedCheckpoints">Checkpoints whose file is missing or differs from its digest; dropped, to be trained again.</param>
/// <param name="DamagedSlices">Faults of missing or damaged slices, which the store cannot repair; <see langword="null"/> if there are none, or if they were not checked.</param>
public sealed record RecoveryReport(int FilesRemoved, int FallbacksPublished, int Purged, int DamagedCheckpoints = 0, IReadOnlyList<string>? DamagedSlices = null);

/// <summary>Finishes what was interrupted, by the functions of the normal path. Doing it twice changes nothing.</summary>
/// <param name="store">The store.</param>
public sealed class Recovery(Store store)
{
    /// <summary>Threads that search for what was purged. By default one a processor.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    /// <summary>Finishes everything but training.</summary>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <param name="cancellation">Stops a purge before it removes anything; a later call begins it again.</param>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RecoveryReport Run(TimeSpan patience, CancellationToken cancellation = default)
    {
        var fallbacks = new BundlePublisher(store).PublishFallbacks();
        using var held = StoreLock.Acquire(store.Layout, patience, cancellation: cancellation);
        store.Log.RequireWhole();
        var damaged = DropCheckpoints(c => !IsIntact(c));
        var slices = DamagedSlices();
        return RunHeld(cancellation) with { FallbacksPublished = fallbacks, DamagedCheckpoints = damaged, DamagedSlices = slices.Count > 0 ? slices : null };
    }

    private List<string> DamagedSlices()
    {
        var faults = new List<string>();
        foreach (var slice in store.Manifest.Slices.All().Where(s => s.File is not null))
        {
            try
            {
                SliceFile.Open(store.Layout.Absolute(slice.File!), slice.Root).Dispose();
            }
            catch (StoreException e)
            {
                faults.Add($"{slice.Place}: {e.Message}");
            }
        }

        // A purge goes on without it, but searches for less.
        foreach (var old in new GarbageCollector(store).Kept())
        {
            try
            {
                SliceFile.OpenOld(store.Layout.Absolute(old)).Dispose();
            }
            catch (StoreException e)
            {
                faults.Add($"The search for the names of a request is incomplete: {e.Message}");
            }
        }

        return faults;
    }

    private int DropCheckpoints(Func<CheckpointRecord, bool> isLost)
    {
        var lost = store.Manifest.Checkpoints.All().Where(isLost).ToArray();
        if (lost.Length > 0)
        {
            new BundlePublisher(store).DropCheckpoints(lost);
        }

        return lost.Length;
    }

    private bool IsIntact(CheckpointRecord checkpoint)
    {
        try
        {
            return CheckpointFile.HashOf(store.Layout.Absolute(checkpoint.File)) == checkpoint.Digest;
        }
        catch (StoreException)
        {
            // It is missing.
            return false;
        }
    }

    /// <summary>The same for a caller that holds the lock.</summary>
    internal RecoveryReport RunHeld(CancellationToken cancellation = default)
    {
        var fallbacks = new BundlePublisher(store).PublishFallbacks();
        OwnerOnly.Tighten(store.Layout);

        // A look at each file costs little. An explicit recovery, and each load, hash every byte.
        DropCheckpoints(c => !File.Exists(store.Layout.Absolute(c.File)));
        var removed = new GarbageCollector(store).CollectOrphans();
        var purged = new Purge(store) { Degree = Degree }.Run(cancellation);
        removed += new GarbageCollector(store).Collect();
        return new RecoveryReport(removed, fallbacks, purged.Count);
    }
}

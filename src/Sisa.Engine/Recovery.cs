using Sisa.Checkpoints;
using Sisa.Engine.Forgetting;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;
using Sisa.Storage.Slices;

namespace Sisa.Engine;

/// <summary>What recovery did.</summary>
/// <param name="FilesRemoved">Files that an interrupted operation left behind.</param>
/// <param name="FallbacksPublished">Requests whose fallback had not been published yet.</param>
/// <param name="Purged">Requests whose purge was finished.</param>
/// <param name="DamagedCheckpoints">Checkpoints whose file is missing or differs from its digest; dropped, to be trained again.</param>
/// <param name="DamagedSlices">What is wrong with slices that are missing or damaged; the store cannot mend them. <see langword="null"/> where there is nothing, or nobody looked.</param>
public sealed record RecoveryReport(int FilesRemoved, int FallbacksPublished, int Purged, int DamagedCheckpoints = 0, IReadOnlyList<string>? DamagedSlices = null);

/// <summary>Finishes what was interrupted, by the functions of the normal path. Doing it twice changes nothing.</summary>
/// <param name="store">The store.</param>
public sealed class Recovery(Store store)
{
    /// <summary>Finishes what needs no training: fallbacks of received requests. Needs no lock, so every open does it.</summary>
    /// <returns>Number of requests.</returns>
    public int PublishFallbacks()
    {
        long[] received = [.. store.Manifest.Requests.Pending().Where(r => r.State == RequestState.Received).Select(r => r.Number)];
        if (received.Length > 0)
        {
            new Forgetter(store).PublishFallbacks(received);
        }

        return received.Length;
    }

    /// <summary>Finishes everything but training.</summary>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public RecoveryReport Run(TimeSpan patience)
    {
        var fallbacks = PublishFallbacks();
        using var held = StoreLock.Acquire(store.Layout, patience);
        var damaged = DropCheckpoints(c => !IsIntact(c));
        var slices = DamagedSlices();
        return RunHeld() with { FallbacksPublished = fallbacks, DamagedCheckpoints = damaged, DamagedSlices = slices.Count > 0 ? slices : null };
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
                faults.Add($"What a request named can no longer be searched for in whole: {e.Message}");
            }
        }

        return faults;
    }

    // What is served falls back to the newest intact checkpoint of its shard that may be served.
    private int DropCheckpoints(Func<CheckpointRecord, bool> isLost)
    {
        var damaged = store.Manifest.Checkpoints.All().Where(isLost).ToArray();
        if (damaged.Length == 0)
        {
            return 0;
        }

        store.Manifest.Write(() =>
        {
            var served = store.Manifest.Bundle.Served();
            var lost = damaged.Where(c => served.TryGetValue(c.Place.Shard, out var digest) && digest == c.Digest).Select(c => c.Place.Shard).ToHashSet();
            foreach (var shard in lost)
            {
                store.Manifest.Bundle.Set(shard, null);
            }

            foreach (var checkpoint in damaged)
            {
                store.Manifest.Checkpoints.Delete(checkpoint.Digest);
                store.Manifest.Garbage.Add(checkpoint.File);
            }

            var pending = store.Manifest.Requests.Targets().ToLookup(t => t.Place.Shard, t => (t.Place.Slice, t.Applied));
            foreach (var history in store.Histories().Where(h => lost.Contains(h.Shard)))
            {
                store.Manifest.Bundle.Set(history.Shard, history.Clean(store.RecipeDigest, [.. pending[history.Shard]])?.Digest);
            }

            store.Manifest.Settings.NextEpoch();
            store.Log.Record(LogEvent.BundlePublished, entry => entry);
        });
        return damaged.Length;
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
    internal RecoveryReport RunHeld()
    {
        var fallbacks = PublishFallbacks();
        OwnerOnly.Tighten(store.Layout);

        // A look at each file costs nothing; every byte of them is hashed by an explicit recovery, and by whoever loads them.
        DropCheckpoints(c => !File.Exists(store.Layout.Absolute(c.File)));
        var removed = new GarbageCollector(store).CollectOrphans();
        var purged = new Purge(store).Run();
        removed += new GarbageCollector(store).Collect();
        return new RecoveryReport(removed, fallbacks, purged.Count);
    }
}

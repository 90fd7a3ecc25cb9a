using Sisa.Engine.Forgetting;
using Sisa.Forgetting;
using Sisa.Storage.Files;

namespace Sisa.Engine;

/// <summary>What recovery did.</summary>
/// <param name="FilesRemoved">Files that an interrupted operation left behind.</param>
/// <param name="FallbacksPublished">Requests whose fallback had not been published yet.</param>
/// <param name="Purged">Requests whose purge was finished.</param>
public sealed record RecoveryReport(int FilesRemoved, int FallbacksPublished, int Purged);

/// <summary>Finishes what was interrupted, by the functions of the normal path. Doing it twice changes nothing.</summary>
/// <param name="store">The store.</param>
public sealed class Recovery(Store store)
{
    /// <summary>Finishes what needs no training: fallbacks of received requests. Needs no lock, so every open does it.</summary>
    /// <returns>Number of requests.</returns>
    public int PublishFallbacks()
    {
        var received = store.Manifest.Requests.Pending().Where(r => r.State == RequestState.Received).ToArray();
        var forgetter = new Forgetter(store);
        foreach (var request in received)
        {
            forgetter.PublishFallback(request.Number);
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
        return RunHeld() with { FallbacksPublished = fallbacks };
    }

    /// <summary>The same for a caller that holds the lock.</summary>
    internal RecoveryReport RunHeld()
    {
        var fallbacks = PublishFallbacks();
        var purged = new Purge(store).Run();
        var collector = new GarbageCollector(store);
        var removed = collector.Collect() + collector.CollectOrphans();
        return new RecoveryReport(removed, fallbacks, purged.Count);
    }
}

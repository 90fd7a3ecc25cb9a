using Sisa.Checkpoints;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Publishing;

/// <summary>Changes what is served. No other code points the bundle at checkpoints or raises the epoch.</summary>
/// <remarks>
/// Each method is one transaction and a commit point: after it, readers see the new epoch with the new checkpoints, and before it the old ones.
/// Every transaction ends with <see cref="TaintedService.Refuse"/>, so that a publication that would serve a tainted checkpoint is rolled back.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class BundlePublisher(Store store)
{
    /// <summary>Publishes the fallback of every received request that has none yet, for instance after a process died. Needs no lock.</summary>
    /// <returns>Number of requests.</returns>
    public int PublishFallbacks()
    {
        long[] received = [.. store.Manifest.Requests.Pending().Where(r => r.State == RequestState.Received).Select(r => r.Number)];
        if (received.Length > 0)
        {
            PublishFallbacks(received);
        }

        return received.Length;
    }

    /// <summary>Takes what received requests name out of what is served: the bundle falls back to checkpoints that never saw it. Doing it twice changes nothing.</summary>
    /// <param name="numbers">Numbers of the requests.</param>
    /// <returns>The requests as they are then, in the same order.</returns>
    public IReadOnlyList<RequestRow> PublishFallbacks(IReadOnlyList<long> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        return Publish(() =>
        {
            var unpublished = Unpublished().ToDictionary(r => r.Number);

            // Another process may have finished a request since, and purged it.
            RequestRow[] received = [.. numbers.Distinct().Order().Where(unpublished.ContainsKey).Select(n => unpublished[n]).Where(r => r.State == RequestState.Received)];
            if (received.Length > 0)
            {
                FallBack(received, unpublished);
            }

            return numbers.Select(store.Manifest.Requests.Get).ToArray();
        });
    }

    /// <summary>Serves what training has brought up to date, and moves on the requests that waited for it.</summary>
    /// <param name="environment">Digest of the environment that trained; <see langword="null"/> if nothing was trained.</param>
    /// <returns>The requests that are published with it.</returns>
    /// <exception cref="StoreException">A shard lacks checkpoints.</exception>
    /// <remarks>A shard that a later request has tainted again stays at its fallback, and the requests that need it keep waiting.</remarks>
    public IReadOnlyList<RequestRow> PublishTrained(Digest? environment) => Publish(() =>
    {
        var targets = store.Manifest.Requests.Targets();
        var lateShards = targets.Where(t => !t.Applied).Select(t => t.Place.Shard).ToHashSet();
        var chains = store.Histories().Where(h => !lateShards.Contains(h.Shard)).ToDictionary(h => h, h => Complete(h, environment));
        var isChanged = ServeLast(chains);

        // A request waits for all of its shards, also where it was a later one that tainted the stages.
        var late = targets.Where(t => lateShards.Contains(t.Place.Shard)).Select(t => t.Request).ToHashSet();
        var unpublished = Unpublished();
        RequestRow[] done = [.. unpublished.Where(r => !late.Contains(r.Number))];
        if (!unpublished.Except(done).Any(r => r.Policy == ForgetPolicy.Suspend))
        {
            store.Manifest.Settings.IsSuspended = false;
        }

        return isChanged || done.Length > 0 ? Finish(done, targets.ToLookup(t => t.Request), chains) : [];
    });

    /// <summary>Drops lost checkpoints. A shard that served one falls back to the newest remaining checkpoint that may be served.</summary>
    /// <param name="lost">Checkpoints whose file is missing or damaged.</param>
    public void DropCheckpoints(IReadOnlyCollection<CheckpointRecord> lost)
    {
        ArgumentNullException.ThrowIfNull(lost);
        Publish(() =>
        {
            var served = store.Manifest.Bundle.Served();
            var shards = lost.Where(c => served.TryGetValue(c.Place.Shard, out var digest) && digest == c.Digest).Select(c => c.Place.Shard).ToHashSet();
            foreach (var shard in shards)
            {
                // The bundle may refer only to recorded checkpoints.
                store.Manifest.Bundle.Set(shard, null);
            }

            Discard(lost);
            var pending = store.Manifest.Requests.Targets().ToLookup(t => t.Place.Shard, t => (t.Place.Slice, t.Applied));
            foreach (var history in store.Histories().Where(h => shards.Contains(h.Shard)))
            {
                store.Manifest.Bundle.Set(history.Shard, history.Clean(store.RecipeDigest, [.. pending[history.Shard]])?.Digest);
            }

            store.Manifest.Settings.WithdrawnAt = store.Manifest.Settings.NextEpoch();
            store.Log.Record(LogEvent.BundlePublished, entry => entry);
            return true;
        });
    }

    private T Publish<T>(Func<T> changes) => store.Manifest.Write(() =>
    {
        var result = changes();
        TaintedService.Refuse(store.Manifest);
        return result;
    });

    private RequestRow[] Unpublished() => [.. store.Manifest.Requests.Pending().Where(r => r.State < RequestState.Published)];

    private void FallBack(RequestRow[] received, Dictionary<long, RequestRow> unpublished)
    {
        var numbers = received.Select(r => r.Number).ToHashSet();
        var targets = store.Manifest.Requests.Targets().Where(t => unpublished.ContainsKey(t.Request)).ToArray();
        var places = targets.Where(t => numbers.Contains(t.Request)).Select(t => t.Place).ToHashSet();
        var served = store.Manifest.Bundle.Served();
        var affected = places.Select(p => p.Shard).Where(served.ContainsKey).ToHashSet();
        var byShard = targets.ToLookup(t => t.Place.Shard);
        foreach (var history in store.Histories().Where(h => affected.Contains(h.Shard)))
        {
            var isExcluded = byShard[history.Shard].Any(t => unpublished[t.Request].Policy == ForgetPolicy.Exclude);
            var clean = history.Clean(store.RecipeDigest, [.. byShard[history.Shard].Select(t => (t.Place.Slice, t.Applied)).Distinct()]);
            store.Manifest.Bundle.Set(history.Shard, isExcluded ? null : clean?.Digest);
        }

        if (received.Any(r => r.Policy == ForgetPolicy.Suspend))
        {
            store.Manifest.Settings.IsSuspended = true;
        }

        foreach (var place in places)
        {
            store.Manifest.Exports.Recall(place);
        }

        var epoch = store.Manifest.Settings.WithdrawnAt = store.Manifest.Settings.NextEpoch();
        var before = BundleDigest.Of(served).ToBytes();
        Record(LogEvent.FallbackPublished, [.. received.Select(request => request with
        {
            State = RequestState.FallbackPublished,
            Epoch = epoch,

            // The previous bundle was tainted, and its record must reveal nothing: its nonce is drawn and discarded here (rule E9).
            Summary = request.Summary with { BundleBefore = Digest.Keyed(Convert.FromHexString(RequesterCopy.NewCode()), before) },
        })]);
    }

    private IReadOnlyList<CheckpointRecord> Complete(ShardHistory history, Digest? environment)
    {
        // A shard that was up to date may stand in an older environment; a retrained one stands in this one.
        var chain = environment is { } current && history.Chain(store.RecipeDigest, current) is { } here && here.Count == history.Slices.Count
            ? here
            : history.Chain(store.RecipeDigest, null);
        return chain.Count == history.Slices.Count
            ? chain
            : throw new StoreException($"{history.Shard} has {chain.Count} of {history.Slices.Count} checkpoints after training.", $"Run {Step.Train} again; if the fault repeats, report it.");
    }

    // Points the shards at the end of their chains, and drops every checkpoint that is in none.
    private bool ServeLast(Dictionary<ShardHistory, IReadOnlyList<CheckpointRecord>> chains)
    {
        var served = store.Manifest.Bundle.Served();
        var isChanged = false;
        foreach (var (history, chain) in chains)
        {
            Digest? last = history.ItemCount > 0 ? chain[^1].Digest : null;
            isChanged |= served.TryGetValue(history.Shard, out var before) ? before != last : last is not null;
            store.Manifest.Bundle.Set(history.Shard, last);
            var kept = chain.Select(c => c.Digest).ToHashSet();
            Discard(history.Checkpoints.Where(c => !kept.Contains(c.Digest)));
        }

        return isChanged;
    }

    private RequestRow[] Finish(RequestRow[] done, ILookup<long, TargetRow> targets, Dictionary<ShardHistory, IReadOnlyList<CheckpointRecord>> chains)
    {
        var epoch = store.Manifest.Settings.NextEpoch();
        var now = store.Now;
        var byShard = chains.ToDictionary(c => c.Key.Shard, c => c.Value);
        RequestRow[] published = [.. done.Select(r => r with
        {
            State = RequestState.Published,
            Epoch = epoch,

            // Days may lie between the two, and the clock may have been set back since.
            Summary = r.Summary with { Visits = Visits(targets[r.Number], byShard), Seconds = Math.Max(0, (now - r.Entered).TotalSeconds) },
        })];
        Record(LogEvent.Published, published);
        if (published.Length == 0)
        {
            store.Log.Record(LogEvent.BundlePublished, entry => entry);
        }

        return published;
    }

    // The visits of all stages that had seen the request's items, over all runs, shared or not.
    private static long Visits(IEnumerable<TargetRow> targets, Dictionary<ShardId, IReadOnlyList<CheckpointRecord>> chains) => targets
        .GroupBy(t => t.Place.Shard)
        .Sum(shard => chains[shard.Key].Where(c => c.Place.Slice >= shard.Min(t => t.Place.Slice)).Sum(c => c.Visits));

    private void Record(LogEvent step, RequestRow[] requests)
    {
        store.Manifest.Requests.Update(requests);
        Array.ForEach(requests, request => store.Log.Record(step, entry => entry with { Request = request.Id }));
    }

    private void Discard(IEnumerable<CheckpointRecord> checkpoints)
    {
        foreach (var checkpoint in checkpoints)
        {
            store.Manifest.Checkpoints.Delete(checkpoint.Digest);
            store.Manifest.Garbage.Add(checkpoint.File);
        }
    }
}

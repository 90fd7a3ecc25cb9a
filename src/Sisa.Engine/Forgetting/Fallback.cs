using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>Takes what received requests name out of what is served: one transaction, whatever their number.</summary>
/// <param name="store">The store.</param>
internal sealed class Fallback(Store store)
{
    /// <summary>Points the bundle at checkpoints that never saw what requests name. Doing it twice changes nothing.</summary>
    /// <param name="numbers">Numbers of the requests.</param>
    /// <returns>The requests as they are then, in the same order.</returns>
    public IReadOnlyList<RequestRow> Publish(IReadOnlyList<long> numbers) => store.Manifest.Write(() =>
    {
        var unpublished = store.Manifest.Requests.Pending().Where(r => r.State < RequestState.Published).ToDictionary(r => r.Number);

        // Another process may have served a request since, and purged it.
        var received = numbers.Where(n => unpublished.TryGetValue(n, out var r) && r.State == RequestState.Received).ToHashSet();
        if (received.Count > 0)
        {
            Publish(received, unpublished);
        }

        return numbers.Select(store.Manifest.Requests.Get).ToArray();
    });

    private void Publish(HashSet<long> received, Dictionary<long, RequestRow> unpublished)
    {
        var targets = store.Manifest.Requests.Targets().Where(t => unpublished.ContainsKey(t.Request)).ToArray();
        var mine = targets.Where(t => received.Contains(t.Request)).Select(t => t.Place).ToHashSet();
        var served = store.Manifest.Bundle.Served();
        PointAtClean(targets, mine.Select(place => place.Shard).ToHashSet(), unpublished);
        if (received.Any(number => unpublished[number].Policy == ForgetPolicy.Suspend))
        {
            store.Manifest.Settings["suspended"] = "1";
        }

        foreach (var place in mine)
        {
            store.Manifest.Exports.Recall(place);
        }

        var epoch = store.Manifest.Settings.NextEpoch();
        var before = BundleDigest.Of(served).ToBytes();
        RequestRow[] done =
        [
            .. received.Order().Select(number => unpublished[number]).Select(request => request with
            {
                State = RequestState.FallbackPublished,
                Epoch = epoch,

                // The bundle before was tainted: what is kept of it must tell nothing, so its nonce is drawn and forgotten here (rule E9).
                Summary = request.Summary with { BundleBefore = Digest.Keyed(Convert.FromHexString(RequesterCopy.NewCode()), before) },
            }),
        ];
        store.Manifest.Requests.Update(done);
        Array.ForEach(done, request => store.Log.Record(LogEvent.FallbackPublished, entry => entry with { Request = request.Id }));
    }

    private void PointAtClean(TargetRow[] targets, HashSet<Sharding.ShardId> affected, Dictionary<long, RequestRow> unpublished)
    {
        var served = store.Manifest.Bundle.Served();
        var byShard = targets.ToLookup(t => t.Place.Shard);
        foreach (var history in store.Histories().Where(h => affected.Contains(h.Shard) && served.ContainsKey(h.Shard)))
        {
            var excluded = byShard[history.Shard].Any(t => unpublished[t.Request].Policy == ForgetPolicy.Exclude);
            var clean = history.Clean(store.RecipeDigest, [.. byShard[history.Shard].Select(t => (t.Place.Slice, t.Applied)).Distinct()]);
            store.Manifest.Bundle.Set(history.Shard, excluded ? null : clean?.Digest);
        }
    }
}

using Sisa.Checkpoints;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Publishing;

/// <summary>Invariant 4: once a request's fallback is published, no served checkpoint was trained on what the request names.</summary>
/// <remarks>It reads only rows and shares nothing with the code that chooses checkpoints.</remarks>
internal static class TaintedService
{
    /// <summary>Refuses to serve what a pending request names; part of the transaction that publishes.</summary>
    /// <param name="manifest">The manifest, within that transaction.</param>
    /// <exception cref="StoreException">A served checkpoint has seen an item or a span that a pending request names.</exception>
    public static void Refuse(SqliteManifest manifest)
    {
        var received = manifest.Requests.Pending().Where(r => r.State == RequestState.Received).Select(r => r.Number).ToHashSet();
        var named = manifest.Requests.Targets().Where(t => !received.Contains(t.Request)).ToLookup(t => t.Place.Shard);
        if (named.Count == 0)
        {
            return;
        }

        var slices = manifest.Slices.All().ToLookup(s => s.Place.Shard, s => s.Root);
        foreach (var served in manifest.Checkpoints.Served())
        {
            var (shard, stage) = (served.Place.Shard, served.Place.Slice);
            var seen = named[shard].Where(t => t.Place.Slice <= stage).ToArray();
            if (seen.Length == 0)
            {
                continue;
            }

            // Rewritten slices no longer hold what was named, and a checkpoint of today's lineage was trained on them.
            var isCurrent = Lineage.OfEveryStage([.. slices[shard]])[stage.Value - 1].Digest == served.Lineage;
            if (seen.FirstOrDefault(t => !t.Applied || !isCurrent) is { } tainted)
            {
                throw new StoreException(
                    $"Checkpoint {served.Digest.ToShortString()}… of {served.Place} would be served, although it was trained on {tainted.Place} as it was before request '{manifest.Requests.Get(tainted.Request).Id}'. Nothing was published.",
                    "This is a fault of the program. Please report it.");
            }
        }
    }
}

using System.Text;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Retained items from the shards of forgotten ones, which forgetting must not change.</summary>
/// <param name="store">The store.</param>
public sealed class RetainedRecords(Store store)
{
    /// <summary>Some retained items of a shard, chosen by keyed hash: the same ones before a forgetting and after it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="count">Most items.</param>
    /// <param name="bytes">Most bytes of their features.</param>
    /// <returns>Their encoded features. What a pending request names is left out, and what it only cuts a span from.</returns>
    /// <exception cref="StoreException">A slice is missing or damaged.</exception>
    public IReadOnlyList<byte[]> Choose(ShardId shard, int count, long bytes)
    {
        var named = store.Manifest.Requests.Targets().Where(t => t.Place.Shard == shard).Select(t => t.Item).ToHashSet(StringComparer.Ordinal);
        var chosen = new KeyedSample<byte[]>(Seeds.Derive(store.Recipe.Training.Seed, "measured/neighbours", shard.Value), count, bytes);
        foreach (var slice in store.Manifest.Slices.All().Where(s => s.Place.Shard == shard && s.File is not null))
        {
            using var file = SliceFile.Open(store.Layout.Absolute(slice.File!), slice.Root);
            for (var i = 0; i < file.Count; i++)
            {
                var id = file.Id(i).Span;
                var index = i;
                if (named.Count == 0 || !named.Contains(Encoding.UTF8.GetString(id)))
                {
                    chosen.Offer(id, file.Features(i).Length, () => file.Features(index).ToArray());
                }
            }
        }

        return chosen.Items;
    }
}

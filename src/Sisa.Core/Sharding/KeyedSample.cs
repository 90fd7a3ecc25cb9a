using System.Text;

namespace Sisa.Sharding;

/// <summary>A sample of items, chosen by keyed hashes of their ids, independent of their order and of other items (rule E2).</summary>
/// <remarks>Takes items in the order of their hashes until their number or their size is reached, and always the first. Holds no more than it has taken. Not thread-safe.</remarks>
/// <typeparam name="T">What the caller keeps of an item.</typeparam>
/// <param name="key">Key of the hashes, from <see cref="Seeds.Derive"/>.</param>
/// <param name="count">Most items, at least one.</param>
/// <param name="size">Most size of all items together.</param>
public sealed class KeyedSample<T>(Digest key, int count, long size)
{
    private readonly byte[] _key = key.ToBytes();
    private readonly HashSet<Digest> _hashes = [];

    // The largest hash comes out first.
    private readonly PriorityQueue<(Digest Hash, long Size, T Item), Digest> _taken = new(Comparer<Digest>.Create((a, b) => b.CompareTo(a)));
    private long _size;

    // The first hash that there was no room for; nothing behind it is taken, or the choice would depend on the order.
    private Digest? _bound;

    /// <summary>The sample, in the order of the hashes.</summary>
    public IReadOnlyList<T> Items => [.. _taken.UnorderedItems.Select(taken => taken.Element).OrderBy(taken => taken.Hash).Select(taken => taken.Item)];

    /// <summary>Offers an item.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="itemSize">Its size, in the unit of the limit.</param>
    /// <param name="item">Asked for what to keep, where the item is taken for now.</param>
    public void Offer(ReadOnlySpan<byte> id, long itemSize, Func<T> item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var hash = Digest.Keyed(_key, id);
        if (hash >= _bound || !_hashes.Add(hash))
        {
            return;
        }

        _size += itemSize;
        _taken.Enqueue((hash, itemSize, item()), hash);
        while (_taken.Count > 1 && (_taken.Count > count || _size > size))
        {
            var last = _taken.Dequeue();
            _hashes.Remove(last.Hash);
            _size -= last.Size;
            _bound = last.Hash;
        }
    }

    /// <summary>Offers an item.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="itemSize">Its size, in the unit of the limit.</param>
    /// <param name="item">Asked for what to keep, where the item is taken for now.</param>
    public void Offer(string id, long itemSize, Func<T> item) => Offer(Encoding.UTF8.GetBytes(id), itemSize, item);
}

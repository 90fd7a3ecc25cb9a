namespace Sisa.Sharding;

/// <summary>In which order the items of a stage take part in an epoch, and which sit out its last, partial one (rule E2).</summary>
/// <remarks>Each item gets 64 bits from SHA-256(epoch seed, id) and items are sorted by them, so that removing one does not
/// move the others. Equal bits, one chance in 2⁶⁴ a pair, fall back to the order of the ids. Immutable and thread-safe.</remarks>
public sealed class ItemOrder
{
    private readonly ulong _seed;
    private readonly ShardId _shard;

    /// <summary>Creates the order of one shard.</summary>
    /// <param name="seed">The recipe's <c>training.seed</c>.</param>
    /// <param name="shard">The shard.</param>
    public ItemOrder(ulong seed, ShardId shard) => (_seed, _shard) = (seed, shard);

    /// <summary>Orders the items of one epoch.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="epoch">The epoch within the stage, from 0.</param>
    /// <param name="fraction">Above 0, at most 1: the share of items that takes part.</param>
    /// <param name="ids">UTF-8 ids of the items of slices 1 … stage, in any order; the order must not matter to the caller.</param>
    /// <returns>Indices into <paramref name="ids"/>: who takes part, in training order.</returns>
    public int[] Epoch(SliceIndex stage, int epoch, double fraction, IReadOnlyList<ReadOnlyMemory<byte>> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var ranks = new ulong[ids.Count];
        var indices = new int[ids.Count];
        var lot = Lot(stage, epoch, fraction);
        var count = 0;
        for (var i = 0; i < ids.Count; i++)
        {
            if (lot.Draw(ids[i].Span) is not { } rank)
            {
                continue;
            }

            ranks[count] = rank;
            indices[count++] = i;
        }

        Sort(ranks.AsSpan(0, count), indices.AsSpan(0, count), ids);
        return indices[..count];
    }

    /// <summary>The hash that decides whether an item takes part in an epoch, and its place in the order.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="epoch">The epoch within the stage, from 0.</param>
    /// <param name="fraction">Above 0, at most 1: the share of items that takes part.</param>
    public EpochLot Lot(SliceIndex stage, int epoch, double fraction) => new(Seeds.Derive(_seed, "order", _shard.Value, stage.Value, epoch), fraction);

    /// <summary>Sorts by rank, and by id where ranks are equal.</summary>
    /// <param name="ranks">Rank of each index; sorted as well.</param>
    /// <param name="indices">Indices into <paramref name="ids"/>.</param>
    /// <param name="ids">UTF-8 ids.</param>
    internal static void Sort(Span<ulong> ranks, Span<int> indices, IReadOnlyList<ReadOnlyMemory<byte>> ids)
    {
        ranks.Sort(indices);
        Comparison<int> byId = (a, b) => ids[a].Span.SequenceCompareTo(ids[b].Span);
        for (int start = 0, end; start < ranks.Length; start = end)
        {
            end = start + 1;
            while (end < ranks.Length && ranks[end] == ranks[start])
            {
                end++;
            }

            indices[start..end].Sort(byId);
        }
    }
}

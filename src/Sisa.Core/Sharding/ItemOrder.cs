using System.Buffers;

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
        Span<byte> prefix = stackalloc byte[Digest.SizeBytes];
        Seeds.Derive(_seed, "order", _shard.Value, stage.Value, epoch).CopyTo(prefix);
        var takesPart = fraction >= 1 ? ulong.MaxValue : (ulong)(fraction * 18446744073709551616.0);
        var count = 0;
        byte[]? rented = null;
        Span<byte> buffer = stackalloc byte[256];
        prefix.CopyTo(buffer);
        for (var i = 0; i < ids.Count; i++)
        {
            var id = ids[i].Span;
            var length = Digest.SizeBytes + id.Length;
            if (length > buffer.Length)
            {
                if (rented is not null)
                {
                    ArrayPool<byte>.Shared.Return(rented);
                }

                rented = ArrayPool<byte>.Shared.Rent(length);
                buffer = rented;
                prefix.CopyTo(buffer);
            }

            id.CopyTo(buffer[Digest.SizeBytes..]);
            var hash = Digest.Of(buffer[..length]);

            // Two independent words: whether an item takes part says nothing about its rank among those who do.
            if (fraction < 1 && hash.Low64 >= takesPart)
            {
                continue;
            }

            ranks[count] = hash.High64;
            indices[count++] = i;
        }

        Array.Sort(ranks, indices, 0, count);
        OrderTies(ranks.AsSpan(0, count), indices.AsSpan(0, count), ids);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return indices[..count];
    }

    private static void OrderTies(ReadOnlySpan<ulong> ranks, Span<int> indices, IReadOnlyList<ReadOnlyMemory<byte>> ids)
    {
        for (var start = 0; start < ranks.Length - 1;)
        {
            var end = start + 1;
            while (end < ranks.Length && ranks[end] == ranks[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                indices[start..end].Sort((a, b) => ids[a].Span.SequenceCompareTo(ids[b].Span));
            }

            start = end;
        }
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Sisa.Sharding;

/// <summary>Derives every stream of randomness from the recipe's seed (rule E3): nothing is carried, nothing is global.</summary>
public static class Seeds
{
    /// <summary>SHA-256 over a seed, a purpose and numbers, each in a fixed, unambiguous encoding.</summary>
    /// <param name="seed">The recipe's <c>training.seed</c>.</param>
    /// <param name="purpose">Name of the stream, at most 200 UTF-8 bytes: <c>order</c>, <c>init/layer.weight</c>.</param>
    /// <param name="path">Everything on which the stream depends: shard, stage, epoch.</param>
    public static Digest Derive(ulong seed, string purpose, params ReadOnlySpan<long> path)
    {
        Span<byte> buffer = stackalloc byte[8 + 4 + 200 + (8 * path.Length)];
        BinaryPrimitives.WriteUInt64BigEndian(buffer, seed);
        var length = Encoding.UTF8.GetBytes(purpose, buffer[12..212]);
        BinaryPrimitives.WriteInt32BigEndian(buffer[8..], length);
        var end = 12 + length;
        foreach (var step in path)
        {
            BinaryPrimitives.WriteInt64BigEndian(buffer[end..], step);
            end += 8;
        }

        return Digest.Of(buffer[..end]);
    }

    /// <summary>Maps 64 uniform bits onto 0 … <paramref name="count"/> − 1 by multiply-shift.</summary>
    /// <param name="bits">Uniform bits.</param>
    /// <param name="count">Above zero.</param>
    public static long Scale(ulong bits, long count) => (long)(((UInt128)bits * (ulong)count) >> 64);
}

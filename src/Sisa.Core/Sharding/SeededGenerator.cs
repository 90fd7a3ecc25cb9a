using System.Numerics;

namespace Sisa.Sharding;

/// <summary>The project's own integer generator: xoshiro256**, seeded by a digest (rule E3).</summary>
/// <remarks>Same numbers on every machine, which libtorch's generators do not promise. Not thread-safe; make one per stream.
/// Not for secrets. Source: Blackman and Vigna, <i>Scrambled linear pseudorandom number generators</i>, ACM TOMS 47(4), 2021.</remarks>
public sealed class SeededGenerator
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Starts a stream.</summary>
    /// <param name="seed">The 256 bits of state, usually from <see cref="Seeds.Derive"/>.</param>
    public SeededGenerator(Digest seed)
    {
        Span<byte> bytes = stackalloc byte[Digest.SizeBytes];
        seed.CopyTo(bytes);
        _s0 = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _s1 = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _s2 = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _s3 = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
        if ((_s0 | _s1 | _s2 | _s3) == 0)
        {
            _s0 = 1;
        }
    }

    /// <summary>The next 64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 up to, not including, a bound.</summary>
    /// <param name="exclusiveBound">Above zero.</param>
    /// <remarks>Multiply-shift; the bias is at most <paramref name="exclusiveBound"/> / 2⁶⁴.</remarks>
    public int NextInt32(int exclusiveBound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveBound);
        return (int)Seeds.Scale(NextUInt64(), exclusiveBound);
    }

    /// <summary>A number in [0, 1): 53 random bits.</summary>
    public double NextUnit() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Fills with numbers in [-bound, bound): 24 random bits each, one rounding each.</summary>
    /// <param name="destination">Receives the numbers.</param>
    /// <param name="bound">Half the width of the interval.</param>
    public void FillUniform(Span<float> destination, float bound)
    {
        var unit = bound / (1 << 23);
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = ((int)(NextUInt64() >> 40) - (1 << 23)) * unit;
        }
    }
}

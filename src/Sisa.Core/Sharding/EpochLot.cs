using System.Buffers;

namespace Sisa.Sharding;

/// <summary>Draws for each item whether it takes part in an epoch, and its rank among the participants, from the epoch's seed and its id only (rule E2).</summary>
/// <remarks>Not thread-safe: it keeps one buffer for reuse.</remarks>
public sealed class EpochLot
{
    private readonly byte[] _seed;
    private readonly ulong? _bound;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    internal EpochLot(Digest seed, double fraction)
    {
        _seed = seed.ToBytes();
        _bound = fraction < 1 ? (ulong)(fraction * 18446744073709551616.0) : null;
    }

    /// <summary>Draws for one item.</summary>
    /// <param name="id">UTF-8 id.</param>
    /// <returns>Its rank, or <see langword="null"/> if it sits the epoch out.</returns>
    public ulong? Draw(ReadOnlySpan<byte> id)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write(_seed);
        _buffer.Write(id);
        var hash = Digest.Of(_buffer.WrittenSpan);

        // Two independent words: whether an item takes part says nothing about its rank among those who do.
        return hash.Low64 >= _bound ? null : hash.High64;
    }
}

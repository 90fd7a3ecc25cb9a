namespace Sisa.Readers.Features;

/// <summary>The hash behind feature hashing: a fixed function, so that features mean the same on every machine and in every store.</summary>
/// <remarks>FNV-1a with 64 bits (Fowler, Noll and Vo; RFC 9923), taken over bytes or over code points, then the finalizer of
/// MurmurHash3 (Appleby) since FNV alone leaves the high bits weak, then the high half of hash · buckets. Not keyed: whoever chooses
/// texts can make them collide, which costs accuracy and nothing else. Changing anything here changes every encoded item.</remarks>
internal static class FeatureHash
{
    /// <summary>The hash of nothing.</summary>
    public const ulong Start = 14695981039346656037;

    private const ulong Prime = 1099511628211;

    /// <summary>Adds one symbol.</summary>
    /// <param name="hash">The hash so far.</param>
    /// <param name="symbol">A byte or a code point.</param>
    public static ulong Add(ulong hash, uint symbol) => unchecked((hash ^ symbol) * Prime);

    /// <summary>Adds bytes.</summary>
    /// <param name="hash">The hash so far.</param>
    /// <param name="bytes">The bytes.</param>
    public static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            hash = Add(hash, b);
        }

        return hash;
    }

    /// <summary>Spreads a hash over all its bits.</summary>
    /// <param name="hash">Any hash.</param>
    public static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash ^= hash >> 33;
            hash *= 0xFF51AFD7ED558CCD;
            hash ^= hash >> 33;
            hash *= 0xC4CEB9FE1A85EC53;
            return hash ^ (hash >> 33);
        }
    }

    /// <summary>The bucket of a hash.</summary>
    /// <param name="hash">Any hash.</param>
    /// <param name="buckets">Number of buckets.</param>
    public static int Bucket(ulong hash, int buckets) => (int)Math.BigMul(Mix(hash), (ulong)buckets, out _);
}

namespace Sisa.Evidence;

/// <summary>Merkle tree hash of RFC 6962, section 2.1.</summary>
/// <remarks>Pure. The root of no leaves is SHA-256 of nothing; a leaf is hashed behind a zero byte, an inner node behind a one.</remarks>
public static class MerkleTree
{
    /// <summary>Root over leaves that are already hashed (<see cref="LeafOf"/>).</summary>
    /// <param name="leafHashes">Leaf hashes in order.</param>
    public static Digest Root(IEnumerable<Digest> leafHashes)
    {
        ArgumentNullException.ThrowIfNull(leafHashes);
        var builder = new MerkleBuilder();
        foreach (var leaf in leafHashes)
        {
            builder.Add(leaf);
        }

        return builder.Root();
    }

    /// <summary>Hash of a leaf: SHA-256(0x00 ‖ data).</summary>
    /// <param name="data">The leaf's bytes.</param>
    public static Digest LeafOf(ReadOnlySpan<byte> data)
    {
        var buffer = new byte[1 + data.Length];
        data.CopyTo(buffer.AsSpan(1));
        return Digest.Of(buffer);
    }

    /// <summary>Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).</summary>
    /// <param name="left">Root of the left subtree.</param>
    /// <param name="right">Root of the right subtree.</param>
    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> buffer = stackalloc byte[1 + (2 * Digest.SizeBytes)];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + Digest.SizeBytes)..]);
        return Digest.Of(buffer);
    }

    /// <summary>Root of a tree without leaves.</summary>
    internal static Digest Empty => Digest.Of([]);
}

/// <summary>Builds a Merkle root leaf by leaf, in memory logarithmic in their number.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class MerkleBuilder
{
    // Roots of complete subtrees, largest first, each with its height.
    private readonly Stack<(Digest Root, int Height)> _peaks = new();

    /// <summary>Adds the next leaf.</summary>
    /// <param name="leafHash">See <see cref="MerkleTree.LeafOf"/>.</param>
    public void Add(Digest leafHash)
    {
        var (root, height) = (leafHash, 0);
        while (_peaks.TryPeek(out var peak) && peak.Height == height)
        {
            _peaks.Pop();
            root = MerkleTree.Node(peak.Root, root);
            height++;
        }

        _peaks.Push((root, height));
    }

    /// <summary>The root over the leaves added so far.</summary>
    public Digest Root()
    {
        Digest? root = null;
        foreach (var (peak, _) in _peaks)
        {
            root = root is null ? peak : MerkleTree.Node(peak, root.Value);
        }

        return root ?? MerkleTree.Empty;
    }
}

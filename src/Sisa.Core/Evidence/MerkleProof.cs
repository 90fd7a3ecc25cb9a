namespace Sisa.Evidence;

/// <summary>Proofs over an append-only Merkle tree: that it holds an entry, and that an older tree is its beginning.</summary>
/// <remarks>Pure. RFC 6962, section 2.1; the checks are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2.</remarks>
public static class MerkleProof
{
    /// <summary>Makes the audit path of a leaf.</summary>
    /// <param name="leaves">Every leaf hash of the tree, in order.</param>
    /// <param name="index">Number of the leaf, from 0.</param>
    /// <returns>Hashes from the leaf's sibling upwards; none in a tree of one leaf.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static IReadOnlyList<Digest> Inclusion(IReadOnlyList<Digest> leaves, long index) =>
        new MerkleNodes(leaves).Inclusion(index);

    /// <summary>Checks that a leaf is in a tree.</summary>
    /// <param name="leaf">Hash of the leaf; see <see cref="MerkleTree.LeafOf"/>.</param>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="size">Number of leaves of the tree.</param>
    /// <param name="path">Output of <see cref="Inclusion"/>.</param>
    /// <param name="root">Root of the tree.</param>
    public static bool IsIncluded(Digest leaf, long index, long size, IReadOnlyList<Digest> path, Digest root)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in path)
        {
            if (last == 0)
            {
                return false;
            }

            hash = IsRight(node, last) ? MerkleTree.Node(sibling, hash) : MerkleTree.Node(hash, sibling);
            (node, last) = Parent(node, last);
        }

        return last == 0 && hash == root;
    }

    /// <summary>Makes the proof that the first leaves of a tree are an older tree.</summary>
    /// <param name="leaves">Every leaf hash of the tree, in order.</param>
    /// <param name="oldSize">Number of leaves of the older tree; 0 and the whole number need no hashes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree never had that size.</exception>
    public static IReadOnlyList<Digest> Consistency(IReadOnlyList<Digest> leaves, long oldSize)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, leaves.Count);
        var proof = new List<Digest>();
        if (oldSize == 0 || oldSize == leaves.Count)
        {
            return proof;
        }

        // SUBPROOF of RFC 6962: down the tree to where the older one ends; a complete part that both share is left out at the very beginning.
        var (start, count, old, isWhole) = (0, leaves.Count, (int)oldSize, true);
        while (old != count)
        {
            var left = LargestPowerBelow(count);
            if (old <= left)
            {
                proof.Add(Root(leaves, start + left, count - left));
                count = left;
            }
            else
            {
                proof.Add(Root(leaves, start, left));
                (start, count, old, isWhole) = (start + left, count - left, old - left, false);
            }
        }

        if (!isWhole)
        {
            proof.Add(Root(leaves, start, count));
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>Checks that an older tree is the beginning of a newer one.</summary>
    /// <param name="oldSize">Number of leaves of the older tree.</param>
    /// <param name="oldRoot">Its root.</param>
    /// <param name="size">Number of leaves of the newer tree.</param>
    /// <param name="root">Its root.</param>
    /// <param name="proof">Output of <see cref="Consistency"/>.</param>
    public static bool IsConsistent(long oldSize, Digest oldRoot, long size, Digest root, IReadOnlyList<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(proof);
        if (oldSize < 0 || oldSize > size)
        {
            return false;
        }

        if (oldSize == 0 || oldSize == size)
        {
            return proof.Count == 0 && (oldSize == 0 ? oldRoot == MerkleTree.Empty : oldRoot == root);
        }

        var isPower = (oldSize & (oldSize - 1)) == 0;
        if (!isPower && proof.Count == 0)
        {
            return false;
        }

        var (node, last) = (oldSize - 1, size - 1);
        while ((node & 1) == 1)
        {
            (node, last) = Up(node, last);
        }

        var first = isPower ? oldRoot : proof[0];
        var (oldHash, hash) = (first, first);
        foreach (var next in isPower ? proof : proof.Skip(1))
        {
            if (last == 0)
            {
                return false;
            }

            (oldHash, hash) = IsRight(node, last) ? (MerkleTree.Node(next, oldHash), MerkleTree.Node(next, hash)) : (oldHash, MerkleTree.Node(hash, next));
            (node, last) = Parent(node, last);
        }

        return last == 0 && oldHash == oldRoot && hash == root;
    }

    // The last node of a level has its sibling on the left, though perhaps levels above.
    private static bool IsRight(long node, long last) => (node & 1) == 1 || node == last;

    // Not for the root, which has no parent.
    private static (long Node, long Last) Parent(long node, long last)
    {
        while (node == last && (node & 1) == 0)
        {
            (node, last) = Up(node, last);
        }

        return Up(node, last);
    }

    private static (long Node, long Last) Up(long node, long last) => (node >> 1, last >> 1);

    internal static int LargestPowerBelow(int count)
    {
        var power = 1;
        while (power * 2L < count)
        {
            power *= 2;
        }

        return power;
    }

    private static Digest Root(IReadOnlyList<Digest> leaves, int start, int count)
    {
        var builder = new MerkleBuilder();
        for (var i = start; i < start + count; i++)
        {
            builder.Add(leaves[i]);
        }

        return builder.Root();
    }
}

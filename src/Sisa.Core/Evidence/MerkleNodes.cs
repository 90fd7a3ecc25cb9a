namespace Sisa.Evidence;

/// <summary>Every complete subtree of a tree, so that many proofs over it cost no more than their own length.</summary>
/// <remarks>Immutable and thread-safe. As many hashes as leaves. RFC 6962, section 2.1.</remarks>
public sealed class MerkleNodes
{
    // By height: node i of height h is over leaves i·2^h up to (i + 1)·2^h, where all of them are there.
    private readonly List<Digest[]> _levels = [];
    private readonly int _count;

    /// <summary>Hashes a tree.</summary>
    /// <param name="leaves">Every leaf hash, in order.</param>
    public MerkleNodes(IReadOnlyList<Digest> leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        _count = leaves.Count;
        for (Digest[] level = [.. leaves]; level.Length > 0; level = [.. Enumerable.Range(0, level.Length / 2).Select(i => MerkleTree.Node(_levels[^1][2 * i], _levels[^1][(2 * i) + 1]))])
        {
            _levels.Add(level);
        }
    }

    /// <summary>Makes the audit path of a leaf; see <see cref="MerkleProof.Inclusion"/>.</summary>
    /// <param name="index">Number of the leaf, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public IReadOnlyList<Digest> Inclusion(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _count);
        var path = new List<Digest>();
        for (var (start, count) = (0, _count); count > 1;)
        {
            var left = MerkleProof.LargestPowerBelow(count);
            if (index - start < left)
            {
                path.Add(Root(start + left, count - left));
                count = left;
            }
            else
            {
                path.Add(Root(start, left));
                (start, count) = (start + left, count - left);
            }
        }

        path.Reverse();
        return path;
    }

    // The part begins where a complete subtree of its size, or of its left half's, begins.
    private Digest Root(int start, int count)
    {
        if (int.IsPow2(count))
        {
            var height = int.Log2(count);
            return _levels[height][start >> height];
        }

        var left = MerkleProof.LargestPowerBelow(count);
        return MerkleTree.Node(Root(start, left), Root(start + left, count - left));
    }
}

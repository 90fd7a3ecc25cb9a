using System.Security.Cryptography;

namespace Sisa.Checker;

/// <summary>The tree hash of RFC 6962, section 2.1, by its recursive definition.</summary>
internal static class MerkleHash
{
    public static byte[] Leaf(ReadOnlySpan<byte> data) => SHA256.HashData([0, .. data]);

    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length <= 1)
        {
            return leaves.Length == 0 ? SHA256.HashData([]) : leaves[0];
        }

        var left = 1;
        while (left * 2 < leaves.Length)
        {
            left *= 2;
        }

        return Node(Root(leaves[..left]), Root(leaves[left..]));
    }

    /// <summary>The root that an audit path leads to (RFC 9162, section 2.1.3.2), or <see langword="null"/> where the path has another length.</summary>
    public static byte[]? Climb(byte[] leaf, long index, long size, IReadOnlyList<byte[]> path)
    {
        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in path)
        {
            if (last == 0)
            {
                return null;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = Node(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                hash = Node(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 ? hash : null;
    }

    private static byte[] Node(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);
}

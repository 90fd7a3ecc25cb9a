using System.Text;

namespace Sisa.Evidence;

/// <summary>The entries of a log, and whether heads that were seen earlier are heads of this very log.</summary>
/// <remarks>Immutable. Whoever has the entries needs no proof of consistency: the root of the first n is computed again.</remarks>
public sealed class LogHistory
{
    private readonly Digest[] _leaves;

    /// <summary>Hashes the entries.</summary>
    /// <param name="lines">The entries, oldest first.</param>
    public LogHistory(IReadOnlyList<string> lines)
        : this(lines, Hashed(lines))
    {
    }

    private LogHistory(IReadOnlyList<string> lines, Digest[] leaves) => (Lines, _leaves) = (lines, leaves);

    /// <summary>The entries, oldest first.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Leaf hashes of the entries, oldest first.</summary>
    public IReadOnlyList<Digest> Leaves => _leaves;

    /// <summary>Number of entries.</summary>
    public int Count => _leaves.Length;

    /// <summary>The log after more entries; those before are not hashed again.</summary>
    /// <param name="lines">The entries that were added.</param>
    public LogHistory With(IReadOnlyList<string> lines) => new([.. Lines, .. lines], [.. _leaves, .. Hashed(lines)]);

    /// <summary>Whether the log begins with what a head covers: nothing of it was taken out, altered or put in since.</summary>
    /// <param name="head">A head that was signed at some time.</param>
    public bool BeginsWith(LogCheckpoint head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return head.Size >= 0 && head.Size <= Count && MerkleTree.Root(_leaves.Take((int)head.Size)) == head.Root;
    }

    private static Digest[] Hashed(IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var leaves = new Digest[lines.Count];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = MerkleTree.LeafOf(Encoding.UTF8.GetBytes(lines[i]));
        }

        return leaves;
    }
}

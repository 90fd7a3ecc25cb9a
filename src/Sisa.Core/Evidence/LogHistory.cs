using System.Text;

namespace Sisa.Evidence;

/// <summary>The entries of a log, and whether heads that were seen earlier are heads of this very log.</summary>
/// <param name="lines">Its entries, oldest first.</param>
/// <remarks>Immutable. Whoever has the entries needs no proof of consistency: the root of the first n is computed anew.</remarks>
public sealed class LogHistory(IReadOnlyList<string> lines)
{
    private readonly Digest[] _leaves = [.. lines.Select(line => MerkleTree.LeafOf(Encoding.UTF8.GetBytes(line)))];

    /// <summary>The entries, oldest first.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>Leaf hashes of the entries, oldest first.</summary>
    public IReadOnlyList<Digest> Leaves => _leaves;

    /// <summary>Number of entries.</summary>
    public int Count => _leaves.Length;

    /// <summary>Whether the log begins with what a head covers: nothing of it was taken out, altered or put in since.</summary>
    /// <param name="head">A head that was signed at some time.</param>
    public bool BeginsWith(LogCheckpoint head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return head.Size >= 0 && head.Size <= Count && MerkleTree.Root(_leaves.Take((int)head.Size)) == head.Root;
    }
}

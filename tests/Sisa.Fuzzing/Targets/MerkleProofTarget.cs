using System.Buffers.Binary;
using Sisa.Evidence;
using Sisa.Fuzzing.Engine;

namespace Sisa.Fuzzing.Targets;

/// <summary>Proofs over trees of up to 32 leaves: no input makes a check throw, and none passes but the one proof that is true.</summary>
/// <remarks>The input: leaves of the tree (1 byte), index or older size (8), size as claimed (8), leaf or older root (32), hashes (32 each).</remarks>
internal sealed class MerkleProofTarget() : FuzzTarget("merkle-proof")
{
    private const int HeadBytes = 17;

    private static readonly Digest[] Leaves = [.. Enumerable.Range(0, 32).Select(i => Digest.Of([(byte)i]))];

    private static readonly Digest[] Roots = [.. Enumerable.Range(0, Leaves.Length + 1).Select(count => MerkleTree.Root(Leaves.Take(count)))];

    public override int MaxBytes => HeadBytes + (12 * Digest.SizeBytes);

    public override IReadOnlyList<byte[]> Tokens { get; } = [.. Leaves.Take(8).Concat(Roots).Select(digest => digest.ToBytes())];

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var (count, number) in ((int, int)[])[(1, 0), (2, 1), (7, 5), (8, 3), (13, 12), (32, 16)])
        {
            yield return Input(count, number, Leaves[number], MerkleProof.Inclusion(Leaves[..count], number));
            yield return Input(count, number, Roots[number], MerkleProof.Consistency(Leaves[..count], number));
        }
    }

    protected override void Run(byte[] input)
    {
        if (input.Length < HeadBytes + Digest.SizeBytes)
        {
            return;
        }

        var count = 1 + (input[0] % Leaves.Length);
        var number = BinaryPrimitives.ReadInt64LittleEndian(input.AsSpan(1));
        var claimed = BinaryPrimitives.ReadInt64LittleEndian(input.AsSpan(9));
        var digests = input.AsSpan(HeadBytes).ToArray().Chunk(Digest.SizeBytes).Where(chunk => chunk.Length == Digest.SizeBytes).Select(chunk => new Digest(chunk)).ToArray();
        var (first, proof) = (digests[0], digests[1..]);
        _ = MerkleProof.IsIncluded(first, number, claimed, proof, Roots[count]);
        _ = MerkleProof.IsConsistent(number, first, claimed, Roots[count], proof);

        // Size and root are signed together, so only the true size is a claim that anybody could be shown.
        Check(!MerkleProof.IsIncluded(first, number, count, proof, Roots[count]) || (first == Leaves[number] && proof.SequenceEqual(MerkleProof.Inclusion(Leaves[..count], number))), "only a leaf of the tree is proved to be in it");
        Check(!MerkleProof.IsConsistent(number, first, count, Roots[count], proof) || (first == Roots[number] && proof.SequenceEqual(MerkleProof.Consistency(Leaves[..count], number))), "only a beginning of the tree is proved to be one");
    }

    protected override bool IsDocumented(Exception e) => false;

    private static byte[] Input(int count, long number, Digest first, IReadOnlyList<Digest> proof)
    {
        var head = new byte[HeadBytes];
        head[0] = (byte)(count - 1);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), number);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(9), count);
        return [.. head, .. first.ToBytes(), .. proof.SelectMany(digest => digest.ToBytes())];
    }
}

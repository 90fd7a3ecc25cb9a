using CsCheck;
using Sisa.Evidence;

namespace Sisa.Core.Tests.Evidence;

public sealed class MerkleProofTests
{
    // The eight leaves of the test data of certificate-transparency-go, and the roots over the first 1 … 8 of them.
    private static readonly Digest[] Leaves =
    [
        .. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }
            .Select(hex => MerkleTree.LeafOf(Convert.FromHexString(hex))),
    ];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_are_those_of_the_published_test_data()
    {
        for (var size = 1; size <= Leaves.Length; size++)
        {
            Assert.Equal(Roots[size - 1], MerkleTree.Root(Leaves.Take(size)).ToString());
        }
    }

    [Fact]
    public void The_audit_path_of_the_published_test_data()
    {
        Assert.Equal(
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
            MerkleProof.Inclusion(Leaves, 0).Select(d => d.ToString()));
        Assert.Equal(
            ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", Roots[3]],
            MerkleProof.Consistency(Leaves, 6).Select(d => d.ToString()));
    }

    [Fact]
    public void Every_leaf_of_every_tree_is_shown_to_be_in_it_and_no_other()
    {
        for (var size = 1; size <= 40; size++)
        {
            var leaves = Many(size);
            var root = MerkleTree.Root(leaves);
            for (var index = 0; index < size; index++)
            {
                var path = MerkleProof.Inclusion(leaves, index);
                Assert.True(MerkleProof.IsIncluded(leaves[index], index, size, path, root));
                Assert.False(MerkleProof.IsIncluded(leaves[index], index + 1, size, path, root));
                Assert.False(MerkleProof.IsIncluded(leaves[index], index, size * 2, path, root));
                Assert.False(MerkleProof.IsIncluded(leaves[(index + 1) % size], index, size, path, root) && size > 1);
                Assert.False(MerkleProof.IsIncluded(leaves[index], index, size, [.. path, root], root));
                Assert.False(path.Count > 0 && MerkleProof.IsIncluded(leaves[index], index, size, [.. path.Skip(1)], root));
            }
        }
    }

    [Fact]
    public void Every_tree_is_shown_to_begin_with_every_older_one()
    {
        for (var size = 0; size <= 40; size++)
        {
            var leaves = Many(size);
            var root = MerkleTree.Root(leaves);
            for (var old = 0; old <= size; old++)
            {
                var oldRoot = MerkleTree.Root(leaves.Take(old));
                var proof = MerkleProof.Consistency(leaves, old);
                Assert.True(MerkleProof.IsConsistent(old, oldRoot, size, root, proof));
                Assert.False(MerkleProof.IsConsistent(old, Digest.Of([1]), size, root, proof));
                Assert.False(old > 0 && MerkleProof.IsConsistent(old, oldRoot, size, Digest.Of([1]), proof));
                Assert.False(old > 0 && MerkleProof.IsConsistent(old - 1, oldRoot, size, root, proof));
                Assert.False(MerkleProof.IsConsistent(old, oldRoot, size, root, [.. proof, root]));
            }
        }
    }

    [Fact]
    public void A_larger_tree_is_no_beginning_of_a_smaller_one_although_their_roots_were_the_same()
    {
        for (var size = 0; size <= 8; size++)
        {
            var root = MerkleTree.Root(Many(size));
            Assert.False(MerkleProof.IsConsistent(size + 1, root, size, root, []));
            Assert.False(MerkleProof.IsConsistent(-1, root, size, root, []));
        }
    }

    [Fact]
    public void Of_what_a_tree_does_not_hold_no_proof_is_made()
    {
        var leaves = Many(3);

        Assert.Throws<ArgumentOutOfRangeException>("index", () => MerkleProof.Inclusion(leaves, -1));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => MerkleProof.Inclusion(leaves, 3));
        Assert.Throws<ArgumentOutOfRangeException>("oldSize", () => MerkleProof.Consistency(leaves, -1));
        Assert.Throws<ArgumentOutOfRangeException>("oldSize", () => MerkleProof.Consistency(leaves, 4));
        Assert.False(MerkleProof.IsIncluded(leaves[0], -1, 3, MerkleProof.Inclusion(leaves, 0), MerkleTree.Root(leaves)));
    }

    [Fact]
    public void A_changed_proof_shows_nothing() => Gen.Select(Gen.Int[2, 60], Gen.Int[0, 59], Gen.Int[0, 8], Gen.Int[0, 255]).Sample((size, index, place, bit) =>
    {
        var leaves = Many(size);
        var root = MerkleTree.Root(leaves);
        index %= size;
        var path = MerkleProof.Inclusion(leaves, index).ToArray();
        path[place % path.Length] = Flip(path[place % path.Length], bit);
        var proof = MerkleProof.Consistency(leaves, index).ToArray();
        if (proof.Length > 0)
        {
            proof[place % proof.Length] = Flip(proof[place % proof.Length], bit);
        }

        return !MerkleProof.IsIncluded(leaves[index], index, size, path, root)
            && (proof.Length == 0 || !MerkleProof.IsConsistent(index, MerkleTree.Root(leaves.Take(index)), size, root, proof));
    });

    private static Digest[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => MerkleTree.LeafOf([(byte)i, (byte)(i >> 8)]))];

    private static Digest Flip(Digest digest, int bit)
    {
        var bytes = digest.ToBytes();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return new Digest(bytes);
    }
}

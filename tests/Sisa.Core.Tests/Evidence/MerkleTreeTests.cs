using System.Security.Cryptography;
using CsCheck;
using Sisa.Evidence;

namespace Sisa.Core.Tests.Evidence;

public sealed class MerkleTreeTests
{
    // The leaves and roots by which Certificate Transparency implementations are tested.
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_the_published_ones(int count, string root) =>
        Assert.Equal(root, MerkleTree.Root(Leaves.Take(count).Select(hex => new Digest(SHA256.HashData([0, .. Convert.FromHexString(hex)])))).ToString());

    [Fact]
    public void Roots_of_any_size_follow_the_definition() => Gen.Byte.Array[32].List[0, 70].Sample(leaves =>
        MerkleTree.Root(leaves.Select(l => new Digest(l))).ToBytes().AsSpan().SequenceEqual(Recursive(leaves)), iter: 200);

    [Fact]
    public void A_leaf_is_hashed_behind_a_zero_byte() =>
        Assert.Equal(new Digest(SHA256.HashData([0, .. Digest.Of("x"u8).ToBytes()])), MerkleTree.LeafOf(Digest.Of("x"u8).ToBytes()));

    // RFC 6962, section 2.1, as it is written.
    private static byte[] Recursive(List<byte[]> leaves)
    {
        if (leaves.Count == 0)
        {
            return SHA256.HashData([]);
        }

        if (leaves.Count == 1)
        {
            return leaves[0];
        }

        var split = 1;
        while (split * 2 < leaves.Count)
        {
            split *= 2;
        }

        return SHA256.HashData([1, .. Recursive(leaves[..split]), .. Recursive(leaves[split..])]);
    }
}

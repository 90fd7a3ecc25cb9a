using System.Numerics;
using CsCheck;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Sharding;

public sealed class SeedsTests
{
    // Computed with another program: SHA-256 over seed (8 bytes), length of the purpose (4), purpose, each step (8), all big-endian.
    [Fact]
    public void Streams_are_the_documented_digests()
    {
        Assert.Equal("8cc1c4dd6918efb011c96afb98c5bddd2ea9bd4939f63bf23b64922ab5ef1674", Seeds.Derive(17, "order", 1, 2, 3).ToString());
        Assert.Equal("15ec7bf0b50732b49f8228e07d24365338f9e3ab994b00af08e5a3bffe55fd8b", Seeds.Derive(0, string.Empty).ToString());
        Assert.Equal("0f40419816730480a3d22f2ebab3535a580e66a9920e706d8dfd466aba73d3e9", Seeds.Derive(ulong.MaxValue, "init/layer.weight", -1).ToString());
    }

    [Fact]
    public void Streams_of_other_purposes_and_paths_differ()
    {
        Digest[] streams =
        [
            Seeds.Derive(1, "a"), Seeds.Derive(2, "a"), Seeds.Derive(1, "b"), Seeds.Derive(1, "a", 0), Seeds.Derive(1, "a", 1), Seeds.Derive(1, "a", 0, 1), Seeds.Derive(1, "a", 1, 0),
        ];

        Assert.Equal(streams.Length, streams.Distinct().Count());
    }

    [Fact]
    public void Scale_is_the_exact_product() => Gen.Select(Gen.ULong, Gen.Long[1, long.MaxValue]).Sample((bits, count) =>
        Seeds.Scale(bits, count) == (long)((new BigInteger(bits) * count) >> 64));
}

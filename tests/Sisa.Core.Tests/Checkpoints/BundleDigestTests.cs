using System.Text;
using Sisa.Checkpoints;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Checkpoints;

public sealed class BundleDigestTests
{
    private static readonly Digest A = Digest.Of("a"u8);
    private static readonly Digest B = Digest.Of("b"u8);

    [Fact]
    public void It_is_the_hash_of_a_line_for_each_shard_in_the_order_of_their_numbers() =>
        Assert.Equal(Digest.Of(Encoding.UTF8.GetBytes($"2 {A}\n10 {B}\n")), BundleDigest.Of(Served((10, B), (2, A))));

    [Fact]
    public void Any_other_shard_or_checkpoint_is_another_bundle()
    {
        Digest[] bundles = [BundleDigest.Of(Served()), BundleDigest.Of(Served((0, A))), BundleDigest.Of(Served((1, A))), BundleDigest.Of(Served((0, B))), BundleDigest.Of(Served((0, A), (1, A)))];

        Assert.Equal(bundles.Length, bundles.Distinct().Count());
    }

    private static Dictionary<ShardId, Digest> Served(params (int Shard, Digest Checkpoint)[] served) => served.ToDictionary(s => new ShardId(s.Shard), s => s.Checkpoint);
}

using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Core.Tests.Sharding;

public sealed class IdentifierTests
{
    [Fact]
    public void Shards_and_slices_are_ordered_by_number()
    {
        Assert.True(new ShardId(9) < new ShardId(10) && new ShardId(10) > new ShardId(9) && new ShardId(9) <= new ShardId(9) && new ShardId(9) >= new ShardId(9));
        Assert.True(new SliceIndex(9) < new SliceIndex(10) && new SliceIndex(10) > new SliceIndex(9) && new SliceIndex(9) <= new SliceIndex(9) && new SliceIndex(9) >= new SliceIndex(9));
    }

    [Fact]
    public void Places_are_ordered_by_shard_and_then_by_slice()
    {
        var (a, b, c) = (Place(1, 9), Place(2, 1), Place(2, 2));

        Assert.True(a < b && b < c && c > a && a <= b && c >= b && b <= Place(2, 1) && b >= Place(2, 1));
    }

    [Fact]
    public void Nothing_is_before_or_after_itself()
    {
        var (shard, slice, place) = (new ShardId(9), new SliceIndex(9), Place(2, 1));
        var (sameShard, sameSlice, samePlace) = (new ShardId(9), new SliceIndex(9), Place(2, 1));

        Assert.False(shard < sameShard || shard > sameShard);
        Assert.False(slice < sameSlice || slice > sameSlice);
        Assert.False(place < samePlace || place > samePlace);
    }

    [Fact]
    public void The_start_is_before_the_first_slice()
    {
        Assert.Equal(SliceIndex.First, SliceIndex.Start.Next);
        Assert.Equal(SliceIndex.Start, SliceIndex.First.Previous);
        Assert.Equal(default, SliceIndex.Start);
    }

    [Fact]
    public void A_key_comes_back_from_its_file_and_does_not_show_itself()
    {
        var key = AssignmentKey.Create();

        Assert.Equal(key.Commitment, AssignmentKey.Parse($"  {key.ToText()}\r\n", "key").Commitment);
        Assert.Equal(65, key.ToFileBytes().Length);
        Assert.DoesNotContain(key.ToText().Trim(), key.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(key.Commitment.ToShortString(), key.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(key.Commitment, AssignmentKey.Create().Commitment);
        Assert.False(key.LeafBytes.SequenceEqual(Convert.FromHexString(key.ToText().Trim())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("not hexadecimal at all, and of the wrong length")]
    public void Anything_else_is_no_key(string text)
    {
        var fault = Assert.Throws<StoreException>(() => AssignmentKey.Parse(text, "keys/a.key"));

        Assert.Contains("keys/a.key", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AssignmentKey(new byte[5]));
    }

    [Fact]
    public void Keys_of_the_test_kit_differ() => Assert.NotEqual(SmallRecipes.Key(1).Commitment, SmallRecipes.Key(2).Commitment);

    private static Placement Place(int shard, int slice) => new(new ShardId(shard), new SliceIndex(slice));
}

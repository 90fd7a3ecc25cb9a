using System.Text;
using CsCheck;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Sharding;

public sealed class ItemOrderTests
{
    private static readonly ItemOrder Order = new(17, new ShardId(2));

    [Fact]
    public void Removing_an_item_does_not_reorder_the_rest() => Gen.Select(Gen.Int[1, 60], Gen.Int[0, 59], Gen.Double[0.05, 1], Gen.Int[0, 5]).Sample((count, gone, fraction, epoch) =>
    {
        string[] ids = [.. Enumerable.Range(0, count).Select(i => $"item {i}")];
        string[] rest = [.. ids.Where((_, i) => i != gone)];
        var expected = Names(ids, 3, epoch, fraction).Where(id => gone >= count || id != ids[gone]);
        return Names(rest, 3, epoch, fraction).SequenceEqual(expected);
    });

    [Fact]
    public void The_order_in_which_items_are_given_does_not_matter()
    {
        string[] ids = [.. Enumerable.Range(0, 100).Select(i => $"item {i}")];

        Assert.Equal(Names(ids, 1, 0, 0.6), Names([.. ids.Reverse()], 1, 0, 0.6));
    }

    [Fact]
    public void It_is_the_order_of_the_keyed_hashes()
    {
        string[] ids = ["a", "b", "c", "d", "e", new('x', 400), new('y', 500)];
        var seed = Seeds.Derive(17, "order", 2, 1, 0).ToBytes();

        Assert.Equal(ids.OrderBy(id => Digest.Of([.. seed, .. Encoding.UTF8.GetBytes(id)]).High64), Names(ids, 1, 0, 1));
    }

    [Fact]
    public void Every_stage_epoch_shard_and_seed_has_its_own_order()
    {
        string[] ids = [.. Enumerable.Range(0, 30).Select(i => $"item {i}")];
        string[] orders =
        [
            string.Join(' ', Names(ids, 1, 0, 1)),
            string.Join(' ', Names(ids, 2, 0, 1)),
            string.Join(' ', Names(ids, 1, 1, 1)),
            string.Join(' ', Names(new ItemOrder(17, new ShardId(3)), ids, 1, 0, 1)),
            string.Join(' ', Names(new ItemOrder(18, new ShardId(2)), ids, 1, 0, 1)),
        ];

        Assert.Equal(orders.Length, orders.Distinct().Count());
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.784)]
    public void The_fraction_is_the_share_that_takes_part(double fraction)
    {
        string[] ids = [.. Enumerable.Range(0, 20_000).Select(i => $"item {i}")];

        Assert.InRange(Names(ids, 1, 0, fraction).Count / 20_000.0, fraction - 0.015, fraction + 0.015);
    }

    [Fact]
    public void A_smaller_fraction_is_part_of_a_greater_one()
    {
        string[] ids = [.. Enumerable.Range(0, 500).Select(i => $"item {i}")];

        Assert.Subset(Names(ids, 1, 0, 0.7).ToHashSet(), Names(ids, 1, 0, 0.3).ToHashSet());
        Assert.Equal(500, Names(ids, 1, 0, 1).Count);
        Assert.Empty(Names([], 1, 0, 1));
    }

    [Fact]
    public void Who_takes_part_does_not_decide_the_rank()
    {
        string[] ids = [.. Enumerable.Range(0, 4_000).Select(i => $"item {i}")];
        var all = Names(ids, 1, 0, 1);
        var half = Names(ids, 1, 0, 0.5).ToHashSet();

        Assert.InRange(all.Take(2_000).Count(half.Contains), 900, 1_100);
    }

    [Fact]
    public void Equal_ids_keep_both_their_places()
    {
        // The same id twice has the same rank: the tie is decided, and neither is lost.
        var indices = Order.Epoch(SliceIndex.First, 0, 1, Bytes(["same", "other", "same"]));

        Assert.Equal([0, 1, 2], indices.Order());
    }

    [Fact]
    public void Equal_ranks_are_ordered_by_id_wherever_they_stand() => Gen.Select(Gen.ULong[0, 4].Array[0, 30], Gen.Int[0, 1000]).Sample((ranks, seed) =>
    {
        var ids = ranks.Select((_, i) => $"{Seeds.Derive((ulong)seed, "id", i)}").ToArray();
        int[] indices = [.. Enumerable.Range(0, ranks.Length)];
        var expected = indices.OrderBy(i => ranks[i]).ThenBy(i => ids[i], StringComparer.Ordinal).ToArray();

        ItemOrder.Sort(ranks.ToArray(), indices, Bytes(ids));
        return indices.SequenceEqual(expected);
    });

    private static List<string> Names(IReadOnlyList<string> ids, int stage, int epoch, double fraction) => Names(Order, ids, stage, epoch, fraction);

    private static List<string> Names(ItemOrder order, IReadOnlyList<string> ids, int stage, int epoch, double fraction) =>
        [.. order.Epoch(new SliceIndex(stage), epoch, fraction, Bytes(ids)).Select(i => ids[i])];

    private static ReadOnlyMemory<byte>[] Bytes(IEnumerable<string> ids) => [.. ids.Select(id => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(id))];
}

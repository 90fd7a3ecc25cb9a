using Sisa.Engine.Publishing;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>What the bundle serves at each moment of a request.</summary>
public sealed class ServingTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(3, 3).ByBatch());

    public ServingTests()
    {
        _store.Ingest(TestRow.Many(45, authors: 9).Select((row, i) => row with { Batch = $"b{1 + (i % 3)}" }));
        _store.Train();
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void The_fallback_is_the_newest_clean_checkpoint(int slice, int? served)
    {
        var (item, shard) = ItemOfSlice(slice);
        var epoch = _store.Store.Manifest.Settings.Epoch;

        _store.Receive(_store.Request(item));

        Assert.Equal(served, Served(shard));
        Assert.Equal(epoch + 1, _store.Store.Manifest.Settings.Epoch);
        _store.CheckInvariants(isAtRest: false);
        _store.Train();
        Assert.Equal(3, Served(shard));
        Assert.Equal(epoch + 2, _store.Store.Manifest.Settings.Epoch);
    }

    [Fact]
    public void Exclude_leaves_the_shard_out_until_it_is_retrained()
    {
        var (item, shard) = ItemOfSlice(3);

        _store.Receive(_store.Request(item) with { Policy = ForgetPolicy.Exclude });
        Assert.Null(Served(shard));

        // A later request with another policy does not bring it back.
        _store.Receive(_store.Request(OtherItemOf(shard, item)));
        Assert.Null(Served(shard));
        _store.Train();
        Assert.Equal(3, Served(shard));
    }

    [Fact]
    public void Suspend_answers_nothing_until_the_request_is_served()
    {
        var (item, _) = ItemOfSlice(3);

        _store.Receive(_store.Request(item) with { Policy = ForgetPolicy.Suspend });
        Assert.True(Engine.Reporting.StatusReport.Of(_store.Store).Suspended);
        _store.Train();
        Assert.False(Engine.Reporting.StatusReport.Of(_store.Store).Suspended);
    }

    [Fact]
    public void Requests_of_one_shard_together_fall_back_behind_the_first_of_their_slices()
    {
        var (item, shard) = ItemOfSlice(3);
        _store.Receive(_store.Request(item));
        _store.Receive(_store.Request(OtherItemOf(shard, item, slice: 2)));

        Assert.Equal(1, Served(shard));
        _store.CheckInvariants(isAtRest: false);
    }

    [Fact]
    public void Doing_the_fallback_twice_changes_nothing()
    {
        var (item, _) = ItemOfSlice(2);
        var number = _store.Receive(_store.Request(item)).Recorded!.Number;
        var (epoch, served) = (_store.Store.Manifest.Settings.Epoch, _store.Store.Manifest.Bundle.Served());

        Assert.Equal(RequestState.FallbackPublished, new BundlePublisher(_store.Store).PublishFallbacks([number])[0].State);
        Assert.Equal(epoch, _store.Store.Manifest.Settings.Epoch);
        Assert.Equal(served, _store.Store.Manifest.Bundle.Served());

        // Also after another process has served the request in the meantime.
        _store.Train();
        epoch = _store.Store.Manifest.Settings.Epoch;
        Assert.Equal(RequestState.Purged, new BundlePublisher(_store.Store).PublishFallbacks([number])[0].State);
        Assert.Equal(epoch, _store.Store.Manifest.Settings.Epoch);
    }

    [Fact]
    public void A_request_before_the_first_training_serves_nothing_and_leaves_nothing_behind()
    {
        using var store = new TestStore();
        store.Ingest(TestRow.Many(20));

        store.Receive(store.Request("item-00001"));
        Assert.Empty(store.Store.Manifest.Bundle.Served());
        store.CheckInvariants(isAtRest: false);
        store.Train();
        store.CheckInvariants();
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(store.Store.Recipe, store.Store.Key, TestRow.Many(20).Where(r => r.Id != "item-00001").ToArray()), store.Checkpoints()));
    }

    [Fact]
    public void A_shard_without_items_abstains()
    {
        using var store = new TestStore(SmallRecipes.Text(3, 2));
        store.Ingest([TestRow.One(1, "author-001")]);
        store.Train();
        var only = Assert.Single(store.Store.Manifest.Bundle.Served());
        Assert.Equal(store.PlaceOf("item-00001").Shard, only.Key);

        store.Forget("item-00001");
        Assert.Empty(store.Store.Manifest.Bundle.Served());
        Assert.Equal(6, store.Checkpoints().Count);
        store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();

    private (string Item, ShardId Shard) ItemOfSlice(int slice)
    {
        // In a shard that has items in every slice.
        var shard = _store.Store.Histories().First(h => h.Slices.All(s => s.ItemCount > 0)).Shard;
        return (_store.Store.Manifest.Items.IdsOf(new Placement(shard, new SliceIndex(slice)))[0], shard);
    }

    private string OtherItemOf(ShardId shard, string item, int slice = 3) =>
        _store.Store.Manifest.Items.IdsOf(new Placement(shard, new SliceIndex(slice))).First(id => id != item);

    private int? Served(ShardId shard) => Engine.Reporting.StatusReport.Of(_store.Store).Shards[shard.Value].Served;
}

using Sisa.Checkpoints;
using Sisa.Engine.Publishing;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Publishing;

/// <summary>No publication serves what a pending request names, however it came into the bundle.</summary>
public sealed class BundlePublisherTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(3, 3));
    private readonly CheckpointRecord _tainted;

    public BundlePublisherTests()
    {
        _store.Ingest(TestRow.Many(45, authors: 9));
        _store.Train();
        var item = _store.ItemIds().First(id => _store.PlaceOf(id).Slice.Value == 2);
        var shard = _store.PlaceOf(item).Shard;
        _tainted = _store.Store.Manifest.Checkpoints.Served().Single(c => c.Place.Shard == shard);
        _store.Receive(_store.Request(item));
    }

    [Fact]
    public void A_fallback_is_rolled_back_while_a_tainted_checkpoint_is_served()
    {
        Serve(_tainted);
        var other = _store.Store.Assignment.Placements.First(p => p.Shard != _tainted.Place.Shard && _store.Store.Manifest.Items.IdsOf(p).Count > 0);
        var forgetter = new Engine.Forgetting.Forgetter(_store.Store);
        var number = forgetter.Receive(_store.Request(_store.Store.Manifest.Items.IdsOf(other)[0])).Recorded!.Number;

        RefusesTo(() => new BundlePublisher(_store.Store).PublishFallbacks([number]));
        Assert.Equal(RequestState.Received, _store.Store.Manifest.Requests.Get(number).State);
    }

    [Fact]
    public void Lost_checkpoints_are_not_dropped_while_a_tainted_checkpoint_is_served()
    {
        Serve(_tainted);
        var lost = _store.Store.Manifest.Checkpoints.Served().First(c => c.Place.Shard != _tainted.Place.Shard);

        RefusesTo(() => new BundlePublisher(_store.Store).DropCheckpoints([lost]));
        Assert.Contains(lost.Digest, _store.Store.Manifest.Checkpoints.All().Select(c => c.Digest));
    }

    [Fact]
    public void What_was_trained_is_not_published_while_a_late_request_names_what_is_served()
    {
        // The shard of a request that came during the training is left as it is, so that nothing corrects what it serves.
        Serve(_tainted);

        RefusesTo(() => new BundlePublisher(_store.Store).PublishTrained(null));
    }

    [Fact]
    public void A_checkpoint_in_front_of_the_named_slice_may_be_served()
    {
        var clean = _store.Store.Manifest.Checkpoints.All().Single(c => c.Place == new Placement(_tainted.Place.Shard, new SliceIndex(1)));

        Assert.Equal(clean.Digest, _store.Store.Manifest.Bundle.Served()[clean.Place.Shard]);
        new BundlePublisher(_store.Store).DropCheckpoints([]);
    }

    [Fact]
    public void Looking_again_gives_the_same_answer_until_something_is_published()
    {
        var query = new ServedBundleQuery(_store.Store);
        var before = query.Look();

        Assert.Same(before, query.Look(before));
        _store.Train();
        var after = query.Look(before);
        Assert.Equal(before.Epoch + 1, after.Epoch);
        Assert.All(after.Files(_store.Store).Values, file => Assert.True(File.Exists(file.Path)));
    }

    public void Dispose() => _store.Dispose();

    private void Serve(CheckpointRecord checkpoint) =>
        _store.Store.Manifest.Write(() => _store.Store.Manifest.Bundle.Set(checkpoint.Place.Shard, checkpoint.Digest));

    private void RefusesTo(Action publish)
    {
        var epoch = _store.Store.Manifest.Settings.Epoch;

        var fault = Assert.Throws<StoreException>(publish);

        Assert.Contains(_tainted.Digest.ToShortString(), fault.Message, StringComparison.Ordinal);
        Assert.Equal(epoch, _store.Store.Manifest.Settings.Epoch);
    }
}

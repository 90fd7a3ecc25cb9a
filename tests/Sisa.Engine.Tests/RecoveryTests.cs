using Sisa.Engine.Forgetting;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests;

public sealed class RecoveryTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(30, authors: 12);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 3));

    public RecoveryTests()
    {
        _store.Ingest(Rows);
        _store.Train();
    }

    [Fact]
    public void A_store_in_order_is_left_as_it_is()
    {
        var epoch = _store.Store.Manifest.Settings.Epoch;

        Assert.Equal(new RecoveryReport(0, 0, 0), new Recovery(_store.Store).Run(TimeSpan.Zero));
        Assert.Equal(epoch, _store.Store.Manifest.Settings.Epoch);
    }

    [Fact]
    public void Files_that_nothing_refers_to_are_removed_and_others_stay()
    {
        var layout = _store.Store.Layout;
        string[] orphans =
        [
            Path.Combine(layout.Scratch, "ingest.spool"),
            Path.Combine(layout.SlicesOf(new ShardId(0)), "slice-01.new.tmp"),
            Path.Combine(layout.SlicesOf(new ShardId(1)), "slice-01-0000000000000000.slice"),
            Path.Combine(layout.CheckpointsOf(new ShardId(1)), "slice-01-0000000000000000.safetensors"),
        ];
        var before = StoreFiles.All(_store.Path);
        Array.ForEach(orphans, path => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
        Array.ForEach(orphans, path => File.WriteAllText(path, "x"));

        Assert.Equal(4, new Recovery(_store.Store).Run(TimeSpan.Zero).FilesRemoved);
        Assert.Equal(before, StoreFiles.All(_store.Path));
    }

    [Fact]
    public void A_received_request_gets_its_fallback_without_the_lock()
    {
        using var held = Storage.Files.StoreLock.Acquire(_store.Store.Layout, TimeSpan.Zero);
        new Forgetter(_store.Store).Receive(_store.Request("item-00003"));

        Assert.Equal(1, new Recovery(_store.Store).PublishFallbacks());
        Assert.Equal(0, new Recovery(_store.Store).PublishFallbacks());
        Assert.Equal(RequestState.FallbackPublished, Assert.Single(_store.Store.Manifest.Requests.All()).State);
        Assert.Throws<StoreBusyException>(() => new Recovery(_store.Store).Run(TimeSpan.Zero));
        _store.CheckInvariants(isAtRest: false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_checkpoint_is_not_served_and_trained_again(bool missing)
    {
        var before = _store.Checkpoints();
        foreach (var stage in Enumerable.Range(1, 3))
        {
            var victim = _store.Store.Manifest.Checkpoints.All().First(c => c.Place.Slice.Value == stage && _store.Store.Manifest.Bundle.Served().ContainsKey(c.Place.Shard));
            Damage(_store.Store.Layout.Absolute(victim.File), missing);

            new Recovery(_store.Store).Run(TimeSpan.Zero);

            _store.CheckInvariants();
            Assert.Equal(stage == 3 ? 2 : 3, StatusReport.Of(_store.Store).Shards[victim.Place.Shard.Value].Served);
            _store.Train();
            Assert.Empty(StoreAssert.Differences(before, _store.Checkpoints()));
            _store.CheckInvariants();
        }
    }

    [Fact]
    public void A_damaged_fallback_falls_back_further_and_never_onto_something_tainted()
    {
        var shard = _store.Store.Histories().First(h => h.Slices.All(s => s.ItemCount > 0)).Shard;
        var item = _store.Store.Manifest.Items.IdsOf(new Placement(shard, new SliceIndex(3)))[0];
        _store.Receive(_store.Request(item));
        Assert.Equal(2, StatusReport.Of(_store.Store).Shards[shard.Value].Served);
        Damage(FileOf(shard, 2), missing: false);

        new Recovery(_store.Store).Run(TimeSpan.Zero);

        Assert.Equal(1, StatusReport.Of(_store.Store).Shards[shard.Value].Served);
        _store.CheckInvariants();
        Damage(FileOf(shard, 1), missing: true);
        new Recovery(_store.Store).Run(TimeSpan.Zero);
        Assert.Null(StatusReport.Of(_store.Store).Shards[shard.Value].Served);
        _store.Train();
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, [.. Rows.Where(r => r.Id != item)]), _store.Checkpoints()));
        _store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();

    private string FileOf(ShardId shard, int stage) =>
        _store.Store.Layout.Absolute(_store.Store.Manifest.Checkpoints.All().Single(c => c.Place == new Placement(shard, new SliceIndex(stage))).File);

    private static void Damage(string path, bool missing)
    {
        if (missing)
        {
            File.Delete(path);
            return;
        }

        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
    }
}

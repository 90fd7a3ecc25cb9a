using Sisa.Engine.Forgetting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Recovering;

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
            Path.Combine(layout.Keys, "log.key.tmp"),
            layout.LogHead + ".tmp",
            layout.Certificate("r1") + ".tmp",
        ];
        var before = StoreFiles.All(_store.Path);
        Array.ForEach(orphans, path => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
        Array.ForEach(orphans, path => File.WriteAllText(path, "x"));

        Assert.Equal(orphans.Length, new Recovery(_store.Store).Run(TimeSpan.Zero).FilesRemoved);
        Assert.Equal(before, StoreFiles.All(_store.Path));
    }

    [Fact]
    public void A_received_request_gets_its_fallback_without_the_lock()
    {
        using var held = Storage.Files.StoreLock.Acquire(_store.Store.Layout, TimeSpan.Zero);
        new Forgetter(_store.Store).Receive(_store.Request("item-00003"));

        Assert.Equal(1, new BundlePublisher(_store.Store).PublishFallbacks());
        Assert.Equal(0, new BundlePublisher(_store.Store).PublishFallbacks());
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

    [Fact]
    public void A_checkpoint_that_is_gone_is_trained_again_by_whoever_trains_next()
    {
        var before = _store.Checkpoints();
        var lost = _store.Store.Manifest.Checkpoints.All()[0];
        File.Delete(_store.Store.Layout.Absolute(lost.File));

        _store.Train();

        Assert.Empty(StoreAssert.Differences(before, _store.Checkpoints()));
        _store.CheckInvariants();
    }

    [Fact]
    public void Where_a_slice_is_missing_nothing_that_the_manifest_does_not_know_is_removed()
    {
        // As when an older manifest was put back: its slices are gone, and the newer ones are all that there is.
        var slice = _store.Store.Manifest.Slices.All().First(s => s.File is not null);
        var path = _store.Store.Layout.Absolute(slice.File!);
        File.Move(path, path + ".other");

        var report = new Recovery(_store.Store).Run(TimeSpan.Zero);

        Assert.True(File.Exists(path + ".other"));
        Assert.Contains("is missing", Assert.Single(report.DamagedSlices!), StringComparison.Ordinal);
        File.Move(path + ".other", path);
        Assert.Null(new Recovery(_store.Store).Run(TimeSpan.Zero).DamagedSlices);
    }

    [Fact]
    public void A_damaged_slice_is_named()
    {
        var slice = _store.Store.Manifest.Slices.All().First(s => s.File is not null);
        var path = _store.Store.Layout.Absolute(slice.File!);
        var bytes = File.ReadAllBytes(path);
        bytes[^40] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.StartsWith(slice.Place.ToString(), Assert.Single(new Recovery(_store.Store).Run(TimeSpan.Zero).DamagedSlices!), StringComparison.Ordinal);
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

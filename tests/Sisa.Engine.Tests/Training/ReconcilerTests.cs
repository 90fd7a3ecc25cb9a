using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Training;

public sealed class ReconcilerTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(30, authors: 10);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 3));

    public ReconcilerTests() => _store.Ingest(Rows);

    [Fact]
    public void Training_twice_trains_once()
    {
        Assert.Equal(6, _store.Train().Stages.Count);
        var epoch = _store.Store.Manifest.Settings.Epoch;

        Assert.Empty(_store.Train().Stages);
        Assert.Equal(epoch, _store.Store.Manifest.Settings.Epoch);
        Assert.True(Engine.Reporting.StatusReport.Of(_store.Store).UpToDate);
    }

    [Fact]
    public void A_store_that_never_held_an_item_is_not_trained()
    {
        using var empty = new TestStore();

        Assert.Throws<NotFoundException>(() => empty.Train());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Interrupted_at_any_stage_it_resumes_to_the_same_bytes(bool cancelled)
    {
        var expected = FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, Rows);
        for (var stage = 1; stage <= 6; stage++)
        {
            using var store = new TestStore(_store.Store.Recipe);
            store.Ingest(Rows);
            Interrupt(store, stage, cancelled);
            Assert.Equal(stage - 1, store.Checkpoints().Count);
            Assert.Empty(store.Store.Manifest.Bundle.Served());
            store.Reopen();
            store.Trainer.Trained.Clear();
            store.Train();

            Assert.Equal(6 - (stage - 1), store.Trainer.Trained.Count);
            Assert.Empty(StoreAssert.Differences(expected, store.Checkpoints()));
            store.CheckInvariants();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Interrupted_while_it_forgets_it_serves_the_fallback_and_resumes(bool cancelled)
    {
        var author = Rows.First(r => _store.Store.Assignment.Assign(r.Author).Slice == SliceIndex.First).Author;
        var expected = FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, [.. Rows.Where(r => r.Author != author)]);
        for (var stage = 1; stage <= 3; stage++)
        {
            using var store = new TestStore(_store.Store.Recipe);
            store.Ingest(Rows);
            store.Train();
            store.Receive(new ForgetRequest { Id = "r", Subjects = [author] });
            Interrupt(store, stage, cancelled);
            store.CheckInvariants(isAtRest: false);
            store.Reopen();
            Assert.Equal(RequestState.Purged, Assert.Single(store.Train().Requests).State);

            Assert.Empty(StoreAssert.Differences(expected, store.Checkpoints()));
            store.CheckInvariants();
        }
    }

    [Fact]
    public void Everything_forgotten_before_the_first_training_can_still_be_finished()
    {
        _store.Receive(new ForgetRequest { Id = "r", Items = [.. Rows.Select(r => r.Id)] });
        Interrupt(_store, 1, cancelled: false);

        Assert.Equal(RequestState.Purged, Assert.Single(_store.Train().Requests).State);
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, []), _store.Checkpoints()));
        _store.CheckInvariants();
    }

    [Fact]
    public void Requests_that_wait_share_one_retraining()
    {
        _store.Train();
        _store.Trainer.Trained.Clear();
        var ids = Rows.Take(6).Select(r => r.Id).ToArray();
        var before = ids.ToDictionary(id => id, _store.PlaceOf);
        foreach (var id in ids)
        {
            _store.Receive(_store.Request(id));
        }

        var report = _store.Train();

        Assert.Equal(_store.Trainer.Trained.Count, _store.Trainer.Trained.Distinct().Count());
        Assert.Equal(6, report.Requests.Count);
        Assert.Single(report.Requests.Select(r => r.Epoch).Distinct());

        // Each tells of the stages that had seen its item.
        var places = report.Requests.Zip(ids, (request, id) => (request.Summary.Visits, Place: before[id]));
        Assert.All(places, p => Assert.Equal(report.Stages.Where(s => s.Shard == p.Place.Shard && s.Stage >= p.Place.Slice).Sum(s => s.Visits), p.Visits));
        _store.CheckInvariants();
    }

    [Fact]
    public void In_another_environment_a_shard_starts_over_and_says_so()
    {
        _store.Train();
        var changed = _store.Trainer.Fingerprint with { CpuCapability = "avx512" };
        _store.Trainer = new FakeTrainer { Fingerprint = changed };
        var place = _store.PlaceOf("item-00005");
        var progress = new RecordingProgress();
        _store.Receive(_store.Request("item-00005"));

        var report = _store.Train(progress);

        Assert.True(report.EnvironmentChanged);
        Assert.Equal([true], progress.Changed);
        Assert.Equal([1, 2, 3], report.Stages.Select(s => s.Stage.Value));
        Assert.All(report.Stages, s => Assert.Equal((place.Shard, changed.ToDigest()), (s.Shard, s.Environment)));
        Assert.Equal(2, Engine.Reporting.StatusReport.Of(_store.Store).Environments.Count);
        _store.CheckInvariants();
    }

    [Fact]
    public void A_damaged_start_checkpoint_is_refused()
    {
        var place = _store.PlaceOf(Rows.First(r => _store.Store.Assignment.Assign(r.Author).Slice.Value == 3).Id);
        _store.Train();
        var before = _store.Store.Manifest.Checkpoints.All().Single(c => c.Place == place with { Slice = place.Slice.Previous });
        var path = _store.Store.Layout.Absolute(before.File);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Throws<StoreException>(() => _store.Forget(_store.Store.Manifest.Items.IdsOf(place)[0]));
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_no_request_take_less_than_no_time()
    {
        _store.Train();
        _store.Receive(_store.Request(Rows[0].Id));
        _store.Clock.Advance(TimeSpan.FromDays(-400));

        Assert.Equal(0, Assert.Single(_store.Train().Requests).Summary.Seconds);
    }

    [Fact]
    public void Progress_is_told_in_order()
    {
        var progress = new RecordingProgress();
        _store.Train(progress);

        Assert.Equal(["begin 2", .. Enumerable.Repeat("finished", 6), "published"], progress.Told);
    }

    [Fact]
    public void A_store_that_another_process_holds_waits_and_says_so()
    {
        var held = Storage.Files.StoreLock.Acquire(_store.Store.Layout, TimeSpan.Zero);
        Assert.Throws<StoreBusyException>(() => _store.Train());
        var progress = new RecordingProgress { OnWaiting = held.Dispose };

        new Reconciler(_store.Store, _store.Trainer).BringUpToDate(TimeSpan.FromMinutes(5), progress);

        Assert.Equal("waiting", progress.Told[0]);
    }

    [Fact]
    public void Event_files_of_stages_that_saw_the_item_are_removed()
    {
        _store.Train();
        var place = _store.PlaceOf("item-00005");
        foreach (var stage in Enumerable.Range(1, 3).Select(k => new SliceIndex(k)))
        {
            Directory.CreateDirectory(_store.Store.Layout.EventsOf(place.Shard));
            File.WriteAllText(_store.Store.Layout.EventFile(place.Shard, stage), "x");
        }

        _store.Forget("item-00005");

        Assert.Equal(
            Enumerable.Range(1, 3).Select(k => k < place.Slice.Value),
            Enumerable.Range(1, 3).Select(k => File.Exists(_store.Store.Layout.EventFile(place.Shard, new SliceIndex(k)))));
    }

    public void Dispose() => _store.Dispose();

    private static void Interrupt(TestStore store, int stage, bool cancelled)
    {
        if (!cancelled)
        {
            store.Trainer.FailAtStage(stage);
            Assert.Throws<InjectedException>(() => store.Train());
            return;
        }

        using var cancellation = new CancellationTokenSource();
        var count = 0;
        store.Trainer.BeforeStage = (_, _) =>
        {
            if (++count == stage)
            {
                cancellation.Cancel();
            }
        };
        Assert.Equal(FaultKind.Interrupted, Assert.Throws<InterruptedException>(() => store.Train(cancellation: cancellation.Token)).Kind);
        store.Trainer.BeforeStage = null;
    }
}

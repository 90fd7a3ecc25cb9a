using Sisa.Engine.Ingesting;
using Sisa.Engine.Recovering;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Ingesting;

public sealed class IngestorTests : IDisposable
{
    private readonly TestStore _store = new();

    [Fact]
    public void A_log_that_cannot_be_written_behind_the_commit_is_told_and_does_not_fail_what_is_ingested_already()
    {
        using var store = new TestStore(SmallRecipes.Text(1, 1));
        var log = store.Store.Layout.LogFile;
        var notices = new List<string>();
        store.Store.OnStatement(sql =>
        {
            if (sql == "COMMIT")
            {
                File.Move(log, log + ".away");
                Directory.CreateDirectory(log);
            }
        });

        Assert.Equal(4, store.Ingest(TestRow.Many(4), new IngestOptions { OnNotice = notices.Add }).Items);

        Assert.Contains("the file of the evidence log lacks its entry", Assert.Single(notices), StringComparison.Ordinal);
        Directory.Delete(log);
        File.Move(log + ".away", log);
        store.Reopen();
        store.Train();
        store.CheckInvariants();
    }

    [Fact]
    public void An_old_file_that_cannot_be_removed_is_told_and_does_not_fail_what_is_ingested_already()
    {
        using var store = new TestStore(SmallRecipes.Text(1, 1));
        store.Ingest(TestRow.Many(4));
        var old = store.Store.Layout.Absolute((string)StoreFiles.Rows(store.Path, "SELECT file FROM slice").Single()[0]);
        var notices = new List<string>();
        store.Store.OnStatement(sql =>
        {
            if (sql == "COMMIT" && File.Exists(old))
            {
                File.Delete(old);
                Directory.CreateDirectory(old);
            }
        });

        Assert.Equal(4, store.Ingest(TestRow.Many(8)[4..], new IngestOptions { OnNotice = notices.Add }).Items);

        Assert.Contains("Everything is ingested", Assert.Single(notices), StringComparison.Ordinal);
        Directory.Delete(old);
        new Recovery(store.Store).Run(TimeSpan.Zero);
        store.CheckInvariants();
    }

    [Fact]
    public void Items_go_where_the_assignment_says()
    {
        var report = _store.Ingest(TestRow.Many(30));

        Assert.Equal((30L, 0L, 0L), (report.Items, report.Excepted, report.Skipped));
        Assert.Equal(30, _store.Store.Manifest.Items.Count);
        Assert.All(TestRow.Many(30), row => Assert.Equal(_store.Store.Assignment.Assign(row.Author), _store.PlaceOf(row.Id)));
        _store.CheckInvariants();
    }

    [Fact]
    public void Several_files_and_several_ingestions_are_one_corpus()
    {
        var rows = TestRow.Many(30);
        new Ingestor(_store.Store).Ingest([_store.Corpus(rows[20..]), _store.Corpus(rows[10..20])], new IngestOptions());
        _store.Ingest(rows[..10]);
        _store.Train();

        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, rows), _store.Checkpoints()));
    }

    [Fact]
    public void A_bad_row_stops_everything_and_leaves_nothing()
    {
        _store.Ingest(TestRow.Many(5));
        var before = StoreFiles.All(_store.Path);
        var path = _store.Corpus(TestRow.Many(5, from: 5));
        File.AppendAllText(path, "{\"id\":\"x\",\"author\":\"a\",\"text\":\"t\",\"label\":\"mauve\"}\n");

        var fault = Assert.Throws<CorpusException>(() => new Ingestor(_store.Store).Ingest([path], new IngestOptions()));

        Assert.Equal((path, 6L), (fault.File, fault.Row));
        Assert.Equal(5, _store.Store.Manifest.Items.Count);
        Assert.Equal(before, StoreFiles.All(_store.Path));
        _store.CheckInvariants();
    }

    [Fact]
    public void Bad_rows_are_skipped_and_counted_on_request()
    {
        var path = _store.Corpus(TestRow.Many(5));
        File.AppendAllText(path, "not json\n{\"id\":\"x\"}\n" + TestRow.One(3, "author-003").ToJson() + "\n");
        var skipped = new List<CorpusException>();

        var report = new Ingestor(_store.Store).Ingest([path], new IngestOptions { SkipFaults = true, OnSkip = skipped.Add });

        Assert.Equal((5L, 3L), (report.Items, report.Skipped));
        Assert.Equal([6L, 7L, 8L], skipped.Select(s => s.Row!.Value));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_duplicate_id_is_refused_with_both_places()
    {
        var (a, b) = (_store.Corpus(TestRow.Many(5)), _store.Corpus([TestRow.One(9, "author-001"), TestRow.One(2, "author-002")]));

        var fault = Assert.Throws<CorpusException>(() => new Ingestor(_store.Store).Ingest([a, b], new IngestOptions()));

        Assert.Contains($"'{TestRow.One(2, "x").Id}' is already in {a}:3", fault.Message, StringComparison.Ordinal);
        Assert.Equal((Path.GetFileName(b), 2L), (Path.GetFileName(fault.File), fault.Row));
        Assert.Equal(0, _store.Store.Manifest.Items.Count);
        _store.CheckInvariants();
    }

    [Fact]
    public void A_duplicate_id_under_another_subject_is_refused_with_both_places()
    {
        // The two subjects live in different shards, so that no slice shows it.
        var subjects = Enumerable.Range(0, 100).Select(i => $"subject {i}").DistinctBy(s => _store.Store.Assignment.Assign(s).Shard).Take(2).ToArray();
        var path = _store.Corpus([TestRow.One(1, subjects[0]), TestRow.One(2, subjects[0]), TestRow.One(1, subjects[1])]);

        var fault = Assert.Throws<CorpusException>(() => new Ingestor(_store.Store).Ingest([path], new IngestOptions()));

        Assert.Contains($"already in {path}:1", fault.Message, StringComparison.Ordinal);
        Assert.Equal(3L, fault.Row);
        Assert.Equal(0, _store.Store.Manifest.Items.Count);
    }

    [Theory]
    [InlineData("author-001")]
    [InlineData("somebody else")]
    public void An_id_that_the_store_holds_is_refused(string author)
    {
        _store.Ingest([TestRow.One(1, "author-001")]);

        var fault = Assert.Throws<CorpusException>(() => _store.Ingest([TestRow.One(2, "author-001"), TestRow.One(1, author)]));

        Assert.Contains("already in the store", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2L, fault.Row);
        Assert.Equal(1, _store.Store.Manifest.Items.Count);
        _store.CheckInvariants();
    }

    [Fact]
    public void Ids_and_subjects_on_the_list_are_left_out()
    {
        var report = _store.Ingest(TestRow.Many(20), new IngestOptions { Except = new TargetList(["item-00000"], ["author-003"], []) });

        Assert.Equal((15L, 5L), (report.Items, report.Excepted));
        Assert.Empty(_store.Store.Manifest.Items.FindBySubject(["author-003"]));
        Assert.Throws<CorpusException>(() => _store.Ingest(TestRow.Many(1), new IngestOptions { Except = new TargetList(["item-00000"], [], []) }));
    }

    [Fact]
    public void Entries_of_a_list_that_no_row_had_are_counted()
    {
        _store.Ingest(TestRow.Many(10));
        _store.Train();
        _store.Forget("item-00003");

        var report = _store.Ingest(
            [TestRow.One(3, "author-003"), .. TestRow.Many(10, from: 10)],
            new IngestOptions
            {
                Except = new TargetList(["item-00011", "item-00111"], ["author-002", "author-2"], []),
                Readmit = new TargetList(["item-00003", "item-3"], [], []),
            });

        Assert.Equal((2, 1), (report.ExceptUnmatched, report.ReadmitUnmatched));
        Assert.Equal((3L, 1L), (report.Excepted, report.Readmitted));
    }

    [Fact]
    public void An_empty_file_and_a_missing_one_are_errors()
    {
        Assert.Throws<CorpusException>(() => _store.Ingest([]));
        Assert.Throws<CorpusException>(() => new Ingestor(_store.Store).Ingest([_store.Beside("none.jsonl")], new IngestOptions()));
        _store.CheckInvariants();
    }

    [Fact]
    public void The_same_content_under_other_ids_is_reported()
    {
        var row = TestRow.One(1, "author-001");
        var report = _store.Ingest([.. TestRow.Many(5, from: 10), row, row with { Id = "copy-one", Author = "author-009" }, row with { Id = "copy-two" }]);

        Assert.Equal(3, report.Duplicates.Items);
        var (first, second) = Assert.Single(report.Duplicates.Examples);
        Assert.Subset(new HashSet<string> { "item-00001", "copy-one", "copy-two" }, new HashSet<string> { first, second });
    }

    [Fact]
    public void Items_of_a_subject_that_differ_in_risk_class_are_refused()
    {
        using var store = new TestStore(SmallRecipes.Text(4, 2).ByRisk());
        TestRow[] rows = [TestRow.One(1, "a") with { Risk = "high" }, TestRow.One(2, "b") with { Risk = "low" }, TestRow.One(3, "a") with { Risk = "low" }];

        Assert.Contains("'a'", Assert.Throws<CorpusException>(() => store.Ingest(rows)).Message, StringComparison.Ordinal);
        Assert.Equal(0, store.Store.Manifest.Items.Count);
        store.Ingest(rows[..2]);
        Assert.Throws<CorpusException>(() => store.Ingest(rows[2..]));
        store.CheckInvariants();
    }

    [Fact]
    public void New_items_touch_their_shards_only()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
        var row = TestRow.One(99, "author-002");

        var report = _store.Ingest([row]);
        _store.Trainer.Trained.Clear();
        _store.Train();

        Assert.Equal(1, report.TouchedShards);
        var place = _store.PlaceOf(row.Id);
        Assert.All(_store.Trainer.Trained, stage => Assert.Equal(place.Shard, stage.Shard));
        Assert.Equal(place.Slice, _store.Trainer.Trained[0].Slice);
    }

    [Fact]
    public void Cancelling_ingests_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => new Ingestor(_store.Store).Ingest([_store.Corpus(TestRow.Many(5))], new IngestOptions(), cancellation.Token));
        Assert.Equal(0, _store.Store.Manifest.Items.Count);
        _store.CheckInvariants();
    }

    [Fact]
    public void A_store_that_another_process_holds_is_not_touched()
    {
        using var held = Storage.Files.StoreLock.Acquire(_store.Store.Layout, TimeSpan.Zero);

        Assert.Throws<StoreBusyException>(() => _store.Ingest(TestRow.Many(5)));
    }

    [Fact]
    public void Progress_and_notices_are_told()
    {
        using var store = new TestStore(SmallRecipes.Mlp() with { Corpus = SmallRecipes.Mlp().Corpus with { Fields = new() { Label = "label" } } });
        var (progress, notices) = (new List<long>(), new List<string>());

        store.Ingest(TestRow.Many(5), new IngestOptions { OnProgress = progress.Add, OnNotice = notices.Add });

        Assert.Equal(5, progress[^1]);
        Assert.Single(notices);
    }

    public void Dispose() => _store.Dispose();
}

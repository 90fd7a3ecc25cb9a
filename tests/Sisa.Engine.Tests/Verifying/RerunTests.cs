using Sisa.Checkpoints;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.Sharding;
using Sisa.Storage.Slices;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Verifying;

public sealed class RerunTests : IDisposable
{
    private const string Item = "item-00003";

    private static readonly TestRow[] Rows = TestRow.Many(25);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    public RerunTests()
    {
        _store.Ingest(Rows);
        _store.Train();
        _store.Receive(new ForgetRequest { Id = "r", Items = [Item], Spans = [new ItemSpan("item-00007", new TextSpan(0, 3))] });
        _store.Train();
    }

    [Fact]
    public void A_store_that_forgot_is_verified_from_its_slices()
    {
        var report = Run();

        Assert.True(report.IsVerified);
        Assert.Equal((4, false), (report.Comparisons.Count, report.FromSource));
        Assert.True(report.Visits > 0);
        Assert.False(Directory.Exists(_store.Beside("scratch")));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_store_that_forgot_is_verified_from_its_source_files()
    {
        var report = Run(_store.Corpus(Rows));

        Assert.True(report.IsVerified, string.Join('\n', report.Faults));
        Assert.True(report.FromSource);
    }

    [Fact]
    public void Source_files_that_differ_are_noticed()
    {
        Assert.False(Run(_store.Corpus(Rows[1..])).IsVerified);
        Assert.False(Run(_store.Corpus(Rows.Select(r => r.Id == "item-00009" ? r with { Label = 2 } : r))).IsVerified);
        Assert.True(Run(_store.Corpus(Rows.Select(r => r.Id == Item ? r with { Label = 2, Text = "anything" } : r))).IsVerified);
    }

    [Fact]
    public void A_store_that_left_rows_out_is_verified_from_its_source_files()
    {
        using var store = new TestStore(SmallRecipes.Text(2, 2));
        var except = new TargetList(["item-00004"], ["author-001"], []);
        var corpus = store.Corpus(Rows);
        File.AppendAllText(corpus, "not json\n");
        var skipped = 0;
        new Ingestor(store.Store).Ingest([corpus], new IngestOptions { Except = except, SkipFaults = true });
        store.Train();
        var source = new RerunSource { Files = [corpus], Except = except, SkipFaults = true, OnSkip = _ => skipped++ };

        Assert.True(Run(store, source).IsVerified);
        Assert.Equal(1, skipped);
        Assert.False(Run(store, source with { Except = TargetList.Empty }).IsVerified);
        Assert.Throws<CorpusException>(() => Run(store, source with { SkipFaults = false }));
    }

    [Fact]
    public void New_rows_of_a_forgotten_subject_are_left_out_again_but_for_those_taken_back()
    {
        using var store = new TestStore(SmallRecipes.Text(2, 2));
        store.Ingest(Rows);
        store.Train();
        store.Receive(new ForgetRequest { Id = "r", Subjects = ["author-002"] });
        store.Train();
        TestRow[] late = [TestRow.One(90, "author-002"), TestRow.One(91, "author-002"), TestRow.One(92, "author-003")];
        new Ingestor(store.Store).Ingest([store.Corpus(late)], new IngestOptions { Readmit = new TargetList([late[1].Id], [], []), SkipFaults = true });
        store.Train();

        var report = Run(store, new RerunSource { Files = [store.Corpus([.. Rows, .. late])] });

        Assert.Equal([late[1].Id, late[2].Id], store.ItemIds().Where(id => late.Any(row => row.Id == id)));
        Assert.True(report.IsVerified, string.Join('\n', report.Faults));
    }

    [Fact]
    public void A_store_that_forgot_everything_is_verified_from_its_source_files()
    {
        using var store = new TestStore(SmallRecipes.Text(2, 2));
        store.Ingest(Rows);
        store.Train();
        store.Forget([.. Rows.Select(row => row.Id)]);

        var report = Run(store, new RerunSource { Files = [store.Corpus(Rows)] });

        Assert.True(report.IsVerified, string.Join('\n', report.Faults));
    }

    [Fact]
    public async Task A_trainer_that_writes_into_the_scratch_folder_while_it_is_removed_masks_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        var scratch = _store.Beside("scratch");
        Task? late = null;
        _store.Trainer.BeforeStage = (_, _) =>
        {
            late ??= Task.Run(() => WriteOn(Path.Combine(scratch, "checkpoints", "late"), ended.Token));
            cancellation.Cancel();
        };

        for (var attempt = 0; attempt < 20; attempt++)
        {
            Assert.Throws<InterruptedException>(() => new Rerun(_store.Store, _store.Trainer).Run(RerunSource.Slices, scratch, TimeSpan.Zero, cancellation: cancellation.Token));
        }

        await ended.CancelAsync();
        await late!;
        Rerun.RemoveScratch(scratch);
        Assert.False(Directory.Exists(scratch));
    }

    [Fact]
    public void A_forgotten_row_put_back_into_a_slice_is_noticed()
    {
        // Done thoroughly: slice file, root, item row and count fit together; only the tombstone speaks.
        PutBack(TestRow.One(3, "author-003"), withRow: true);

        var report = Run();

        Assert.False(report.IsVerified);
        Assert.Contains(report.Faults, f => f.Contains("forgotten", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Faults, f => f.Contains(Item, StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_that_the_manifest_does_not_list_is_noticed()
    {
        PutBack(TestRow.One(77, "author-003"), withRow: false);

        Assert.Contains(Run().Faults, f => f.Contains("the manifest lists", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_in_a_slice_where_it_does_not_belong_is_noticed()
    {
        var elsewhere = Enumerable.Range(0, 100).Select(i => $"a{i}").First(s => _store.Store.Assignment.Assign(s) != _store.Store.Assignment.Assign("author-003"));
        PutBack(TestRow.One(77, elsewhere), withRow: true, at: _store.Store.Assignment.Assign("author-003"));

        Assert.Contains(Run().Faults, f => f.Contains("has another place", StringComparison.Ordinal));
    }

    [Fact]
    public void A_listed_item_without_a_slice_is_noticed()
    {
        StoreFiles.Execute(_store.Path, "UPDATE slice SET file = NULL WHERE shard = 0 AND slice = 1");

        Assert.Contains(Run().Faults, f => f.Contains("has no file", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_flipped_checkpoint_byte_is_noticed()
    {
        foreach (var checkpoint in _store.Store.Manifest.Checkpoints.All())
        {
            var path = _store.Store.Layout.Absolute(checkpoint.File);
            var good = File.ReadAllBytes(path);
            File.WriteAllBytes(path, [.. good[..^1], (byte)(good[^1] ^ 1)]);
            var report = Run();
            Assert.Equal([checkpoint.Place], report.Comparisons.Where(c => !c.IsEqual).Select(c => c.Place));
            Assert.False(report.IsVerified);
            File.Delete(path);
            Assert.False(Run().IsVerified);
            File.WriteAllBytes(path, good);
        }

        Assert.True(Run().IsVerified);
    }

    [Fact]
    public void A_checkpoint_that_was_trained_on_something_else_is_noticed_although_its_digest_is_recorded()
    {
        // What a tampering owner would do: exchange the file and its row.
        var victim = _store.Store.Manifest.Checkpoints.All()[^1];
        var path = _store.Store.Layout.Absolute(victim.File);
        byte[] other = [.. File.ReadAllBytes(path)[..^1], 99];
        File.WriteAllBytes(path, other);
        StoreFiles.Execute(_store.Path, "PRAGMA foreign_keys = OFF; UPDATE bundle SET checkpoint = NULL");
        StoreFiles.Execute(_store.Path, $"UPDATE checkpoint SET digest = '{Digest.Of(other)}' WHERE digest = '{victim.Digest}'");

        var report = Run();

        Assert.Empty(report.Faults);
        Assert.Equal([victim.Place], report.Comparisons.Where(c => !c.IsEqual).Select(c => c.Place));
        Assert.False(report.IsVerified);
    }

    [Fact]
    public void A_damaged_slice_is_noticed()
    {
        var slice = _store.Store.Manifest.Slices.All().First(s => s.File is not null);
        var path = _store.Store.Layout.Absolute(slice.File!);
        var bytes = File.ReadAllBytes(path);
        bytes[200] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Contains(Run().Faults, f => f.Contains("damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_with_something_left_to_forget_is_not_verified(bool whole)
    {
        _store.Receive(whole
            ? new ForgetRequest { Id = "waits", Items = ["item-00011"] }
            : new ForgetRequest { Id = "waits", Spans = [new ItemSpan("item-00011", new TextSpan(0, 2))] });

        Assert.NotEmpty(Run().Faults);
    }

    [Fact]
    public void Another_environment_compares_nothing_and_claims_nothing()
    {
        _store.Trainer = new FakeTrainer { Fingerprint = _store.Trainer.Fingerprint with { Cpu = "another" } };

        var report = Run();

        Assert.False(report.IsVerified);
        Assert.Equal((4, 0), (report.NotComparable, report.Comparisons.Count));
    }

    [Fact]
    public void A_store_that_is_not_trained_is_not_verified()
    {
        using var store = new TestStore();
        store.Ingest(Rows);

        Assert.False(new Rerun(store.Store, store.Trainer).Run(RerunSource.Slices, store.Beside("scratch"), TimeSpan.Zero).IsVerified);
    }

    [Fact]
    public void An_interruption_changes_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.Throws<InterruptedException>(() => new Rerun(_store.Store, _store.Trainer).Run(RerunSource.Slices, _store.Beside("scratch"), TimeSpan.Zero, cancellation: cancellation.Token));
        Assert.False(Directory.Exists(_store.Beside("scratch")));
        _store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();

    private RerunReport Run(params string[] corpus) => new Rerun(_store.Store, _store.Trainer).Run(new RerunSource { Files = corpus }, _store.Beside("scratch"), TimeSpan.Zero, new Training.RecordingProgress());

    private static RerunReport Run(TestStore store, RerunSource source) => new Rerun(store.Store, store.Trainer).Run(source, store.Beside("scratch"), TimeSpan.Zero);

    private static void WriteOn(string folder, CancellationToken ended)
    {
        for (var i = 0; !ended.IsCancellationRequested; i++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, $"{i}"), "late");
            }
            catch (IOException)
            {
                // Removed between the two calls.
            }
        }
    }

    private void PutBack(TestRow row, bool withRow, Placement? at = null)
    {
        // A second store encodes the row as this one did.
        using var source = new TestStore(_store.Store.Recipe, _store.Store.Key);
        source.Ingest([row]);
        var sourceRow = source.Store.Manifest.Slices.Get(source.PlaceOf(row.Id));
        var place = at ?? source.PlaceOf(row.Id);
        var target = _store.Store.Manifest.Slices.Get(place);
        var builder = new SliceBuilder();
        using var from = SliceFile.Open(source.Store.Layout.Absolute(sourceRow.File!), sourceRow.Root);
        using var into = target.File is null ? null : SliceFile.Open(_store.Store.Layout.Absolute(target.File), target.Root);
        builder.Add(from, 0);
        for (var i = 0; i < (into?.Count ?? 0); i++)
        {
            builder.Add(into!, i);
        }

        builder.Sort();
        var name = $"slices/{place.Shard}/forged.slice";
        Directory.CreateDirectory(_store.Store.Layout.SlicesOf(place.Shard));
        SliceRoot root = builder.Write(_store.Store.Layout.Absolute(name), _store.Store.Key.LeafBytes);
        StoreFiles.Execute(_store.Path, $"UPDATE slice SET file = '{name}', root = x'{root.Root}', items = {root.ItemCount} WHERE shard = {place.Shard.Value} AND slice = {place.Slice.Value}");
        if (withRow)
        {
            StoreFiles.Execute(_store.Path, $"INSERT INTO item VALUES ('{row.Id}', '{row.Author}', {place.Shard.Value}, {place.Slice.Value}, NULL)");
        }
    }
}

using System.Text;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Recovering;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Slices;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

public sealed class PurgeTests : IDisposable
{
    private const string Item = "item-00003";

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    [Fact]
    public void Nothing_of_a_forgotten_item_is_found_in_any_byte_of_the_store()
    {
        var row = Ingest();
        var patterns = Patterns(row);
        Assert.All(patterns, p => Assert.NotEmpty(Find(p)));

        var report = _store.Forget(Item);

        Assert.All(patterns, p => Assert.Empty(Find(p)));
        var purge = Assert.Single(report.Requests).Summary.Purge!;
        Assert.Equal((0, 0), (purge.Hits, purge.RetainedHits));
        Assert.Equal(3, purge.PatternsSearched);
        Assert.True(purge.FilesSearched >= 5 && purge.BytesSearched > 10_000 && purge.FilesRemoved >= 1);
    }

    [Fact]
    public void Nothing_of_a_forgotten_subject_is_found()
    {
        Ingest();
        _store.Receive(new ForgetRequest { Id = "r", Subjects = ["author-003"] });
        var purge = Assert.Single(_store.Train().Requests).Summary.Purge!;

        // Four items: id, text and features of each, and the subject.
        Assert.Equal(13, purge.PatternsSearched);
        Assert.Equal(0, purge.Hits);
        Assert.Empty(Find("author-003"u8.ToArray()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_damaged_old_slice_held_is_counted_as_not_searched_for_and_gone_all_the_same(bool isGone)
    {
        var patterns = Patterns(Ingest());
        var place = _store.PlaceOf(Item);
        _store.Receive(_store.Request(Item));
        _store.Trainer.BeforeStage = (_, _) =>
        {
            var old = Directory.EnumerateFiles(_store.Store.Layout.SlicesOf(place.Shard), $"{place.Slice}-*").Single(path => path != _store.Store.Layout.Absolute(_store.Store.Manifest.Slices.Get(place).File!));
            using (var file = new FileStream(old, FileMode.Open))
            {
                file.SetLength(file.Length - 7);
            }

            if (isGone)
            {
                File.Delete(old);
            }
        };

        var purge = Assert.Single(_store.Train().Requests).Summary.Purge!;

        Assert.Equal((1, 1), (purge.PatternsSearched, purge.PatternsTooShort));
        Assert.All(patterns, p => Assert.Empty(Find(p)));
    }

    [Fact]
    public void A_copy_under_another_id_is_counted_as_retained()
    {
        var row = Ingest([TestRow.One(3, "author-003") with { Id = "the-very-same", Author = "author-008" }]);

        var purge = Assert.Single(_store.Forget(Item).Requests).Summary.Purge!;

        Assert.Equal((0, 2), (purge.Hits, purge.RetainedHits));
        Assert.NotEmpty(Find(Encoding.UTF8.GetBytes(row.Text)));
        Assert.Empty(Find(Encoding.UTF8.GetBytes(Item)));
    }

    [Fact]
    public void A_cut_span_is_gone_and_the_rest_stays()
    {
        var row = Ingest([new TestRow("item-with-secret", "author-001", "my number is 555-0199-2024 call me")]);
        _store.Receive(new ForgetRequest { Id = "r", Spans = [new ItemSpan("item-with-secret", new TextSpan(13, 26))] });

        var purge = Assert.Single(_store.Train().Requests).Summary.Purge!;

        Assert.Empty(Find("555-0199-2024"u8.ToArray()));
        Assert.NotEmpty(Find("my number is  call me"u8.ToArray()));
        Assert.NotEmpty(Find("item-with-secret"u8.ToArray()));
        Assert.NotEmpty(Find(Encoding.UTF8.GetBytes(row.Id)));
        Assert.Equal(0, purge.Hits);
    }

    [Fact]
    public void A_second_cut_is_searched_for_where_the_first_has_moved_it()
    {
        const string Text = "first 555-0199-2024 then 777-0288-2031 the end";
        Ingest([new TestRow("item-with-secrets", "author-001", Text)]);
        Cut("r", "555-0199-2024");
        _store.Train();
        var path = Path.Combine(_store.Store.Layout.Events, "left-over");
        File.WriteAllText(path, "a copy of 777-0288-2031");
        Cut("s", "777-0288-2031");

        Assert.Contains("of the forgotten items in the store", Assert.Throws<StoreException>(() => _store.Train()).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "a copy of first  then and of  the end");
        Assert.Equal(1, new Recovery(_store.Store).Run(TimeSpan.Zero).Purged);

        void Cut(string id, string secret)
        {
            var from = Text.IndexOf(secret, StringComparison.Ordinal);
            _store.Receive(new ForgetRequest { Id = id, Spans = [new ItemSpan("item-with-secrets", new TextSpan(from, from + secret.Length))] });
        }
    }

    [Fact]
    public void Words_of_the_training_curves_are_no_residue()
    {
        Ingest([new TestRow("item of learning", "author-001", "before learning after")]);
        Directory.CreateDirectory(_store.Store.Layout.EventsOf(new ShardId(1)));
        File.WriteAllText(_store.Store.Layout.EventFile(new ShardId(1), SliceIndex.First), "learning rate");
        _store.Receive(new ForgetRequest { Id = "r", Spans = [new ItemSpan("item of learning", new TextSpan(7, 15))] });

        Assert.Equal(RequestState.Purged, Assert.Single(_store.Train().Requests).State);
    }

    [Fact]
    public void Many_ids_that_begin_alike_are_told_apart()
    {
        Ingest(Enumerable.Range(0, 40).Select(i => TestRow.One(100 + i, "author-001") with { Id = $"train.jsonl:{i}" }));

        var purge = Assert.Single(_store.Forget([.. Enumerable.Range(0, 20).Select(i => $"train.jsonl:{i}")]).Requests).Summary.Purge!;

        // 'train.jsonl:2' and 'train.jsonl:3' begin retained ids.
        Assert.Equal((60, 0), (purge.PatternsSearched, purge.Hits));
        Assert.True(purge.RetainedHits >= 2);
    }

    [Theory]
    [InlineData("checkpoint")]
    [InlineData("training")]
    [InlineData(" number ")]
    public void Words_that_the_store_itself_uses_are_no_residue(string word)
    {
        Ingest([new TestRow("item-of-words", "author-001", $"before {word} after")]);
        _store.Receive(new ForgetRequest { Id = "r", Spans = [new ItemSpan("item-of-words", new TextSpan(7, 7 + word.Length))] });

        Assert.Equal(RequestState.Purged, Assert.Single(_store.Train().Requests).State);
    }

    [Fact]
    public void An_id_that_two_columns_make_up_by_chance_is_no_residue()
    {
        Ingest([new TestRow("45678123", "author-001", "forgotten"), new TestRow("item-45678", "123-author", "retained")]);

        var purge = Assert.Single(_store.Forget("45678123").Requests).Summary.Purge!;

        Assert.Equal(0, purge.Hits);
        Assert.True(purge.RetainedHits > 0);
    }

    [Fact]
    public void A_record_that_occurs_in_a_checkpoint_by_chance_is_no_residue()
    {
        // Two ones are the features, and the weights of a normalisation.
        using var store = new TestStore(SmallRecipes.Mlp());
        store.Ingest([.. TestRow.Many(10), TestRow.One(50, "x") with { X = 1, Y = 1 }]);
        store.Train();

        var purge = Assert.Single(store.Forget("item-00050").Requests).Summary.Purge!;

        Assert.Equal(0, purge.Hits);
        Assert.True(purge.RetainedHits > 0);
    }

    [Fact]
    public void Residue_in_a_file_that_nothing_refers_to_stops_the_purge()
    {
        Ingest();
        var path = Path.Combine(_store.Store.Layout.Events, "left-over");
        File.WriteAllText(path, $"somebody wrote {Item} here");

        Assert.Contains("of the forgotten items in the store", Assert.Throws<StoreException>(() => _store.Forget(Item)).Message, StringComparison.Ordinal);
        Assert.Equal(RequestState.Published, Assert.Single(_store.Store.Manifest.Requests.All()).State);

        // Asking again does not make it go away.
        Assert.Throws<StoreException>(() => new Recovery(_store.Store).Run(TimeSpan.Zero));
        Assert.Equal(RequestState.Published, Assert.Single(_store.Store.Manifest.Requests.All()).State);
        File.Delete(path);
        _store.Train();
        Assert.Equal(RequestState.Purged, Assert.Single(_store.Store.Manifest.Requests.All()).State);
    }

    [Fact]
    public void Short_strings_are_counted_and_checked_by_rows_alone()
    {
        Ingest([new TestRow("i9", "author-001", "text that is long enough")]);

        Assert.Equal(1, Assert.Single(_store.Forget("i9").Requests).Summary.Purge!.PatternsTooShort);
        Assert.DoesNotContain("i9", _store.ItemIds());
    }

    [Fact]
    public void A_purge_that_a_reader_blocks_is_finished_by_the_next_recovery()
    {
        Ingest();
        using (var reader = StoreFiles.Open(_store.Path))
        {
            StoreFiles.Rows(reader, "BEGIN");
            StoreFiles.Rows(reader, "SELECT * FROM item");
            var report = _store.Forget(Item);
            Assert.Equal(1, report.PurgesBlocked);
            Assert.Equal(RequestState.Published, Assert.Single(report.Requests).State);
            StoreFiles.Rows(reader, "COMMIT");
        }

        Assert.Equal(1, new Recovery(_store.Store).Run(TimeSpan.Zero).Purged);
        Assert.Empty(Find(Encoding.UTF8.GetBytes(Item)));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_forgotten_id_is_known_again_by_a_keyed_hash_alone()
    {
        Ingest();
        _store.Forget(Item);
        using var other = new TestStore();

        Assert.True(_store.Store.Manifest.Requests.HasTombstone(_store.Store.Marks.Item(Item)));
        Assert.NotEqual(other.Store.Marks.Item(Item), _store.Store.Marks.Item(Item));
        Assert.NotEqual(_store.Store.Marks.Subject(Item), _store.Store.Marks.Item(Item));
        Assert.Empty(Find(Digest.Of(Encoding.UTF8.GetBytes(Item)).ToBytes()));
    }

    public void Dispose() => _store.Dispose();

    private TestRow Ingest(IEnumerable<TestRow>? more = null)
    {
        _store.Ingest([.. TestRow.Many(20), .. more ?? []], new IngestOptions());
        _store.Train();
        return TestRow.One(3, "author-003");
    }

    // Id, text, and the features as the slice holds them.
    private byte[][] Patterns(TestRow row)
    {
        var slice = _store.Store.Manifest.Slices.Get(_store.PlaceOf(row.Id));
        using var file = SliceFile.Open(_store.Store.Layout.Absolute(slice.File!), slice.Root);
        return [Encoding.UTF8.GetBytes(row.Id), Encoding.UTF8.GetBytes(row.Text), file.Features(file.Find(Encoding.UTF8.GetBytes(row.Id))).ToArray()];
    }

    // Every file whose bytes hold the pattern, found the slow way.
    private List<string> Find(byte[] pattern) =>
        [.. StoreFiles.All(_store.Path).Where(file => StoreFiles.Read(Path.Combine(_store.Path, file)).AsSpan().IndexOf(pattern) >= 0)];
}

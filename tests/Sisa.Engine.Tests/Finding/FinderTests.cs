using Sisa.Engine.Finding;
using Sisa.Engine.Forgetting;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Finding;

public sealed class FinderTests : IDisposable
{
    private const string Text = "🙂 The quick brown fox jumps over the lazy dog, and the dog does not mind it at all.";

    private static readonly TestRow[] Planted =
    [
        new("original", "author-a", Text),
        new("equal", "author-b", Text, Label: 2),
        new("folded", "author-c", "🙂 the QUICK brown fox  jumps over the lazy dog and the dog does not mind it at all!"),
        new("edited", "author-d", Text.Replace("lazy", "idle", StringComparison.Ordinal)),
        new("other", "author-e", "Something else altogether, of a fox and of a dog."),
    ];

    private readonly TestStore _store = new(SmallRecipes.Text(3, 3));

    public FinderTests() => _store.Ingest([.. TestRow.Many(40), .. Planted]);

    private Finder Finder => new(_store.Store);

    [Theory]
    [InlineData(MatchKind.Exact, "equal exact")]
    [InlineData(MatchKind.Normalised, "equal exact, folded normalised")]
    [InlineData(MatchKind.Near, "edited near, equal exact, folded normalised")]
    public void Duplicates_are_found_under_other_ids_up_to_the_level_asked_for(MatchKind level, string expected)
    {
        var report = Finder.Duplicates(["original", "nobody"], level);

        Assert.Equal(expected, string.Join(", ", report.Found.OrderBy(f => f.Item, StringComparer.Ordinal).Select(f => $"{f.Item} {KebabName.Of(f.Kind)}")));
        Assert.Equal((45L, "nobody"), (report.Items, Assert.Single(report.Unknown)));
        Assert.All(report.Found, f => Assert.Equal(("original", _store.PlaceOf(f.Item)), (f.Of, f.Place)));
        Assert.All(report.Found, f => Assert.InRange(f.Resemblance, f.Kind == MatchKind.Near ? Shingles.DefaultThreshold : 1, f.Kind == MatchKind.Near ? 0.99 : 1));
    }

    [Fact]
    public void Of_several_named_items_the_closest_is_told_and_none_of_them_is_found()
    {
        var report = Finder.Duplicates(["folded", "edited", "equal"], MatchKind.Near);

        var found = Assert.Single(report.Found);
        Assert.Equal(("original", "equal", MatchKind.Exact), (found.Item, found.Of, found.Kind));
    }

    [Fact]
    public void A_phrase_is_found_with_ranges_that_can_be_cut_and_then_it_is_gone()
    {
        var report = Finder.Phrase("lazy dog", MatchKind.Normalised);

        Assert.Equal(["equal", "folded", "original"], report.Found.Select(f => f.Item).Order(StringComparer.Ordinal));
        foreach (var found in report.Found)
        {
            _store.Receive(_store.Request() with { Spans = [.. found.Occurrences.Select(o => new ItemSpan(found.Item, o.Span))] });
        }

        Assert.Empty(Finder.Phrase("lazy dog", MatchKind.Normalised).Found);
        _store.Train();
        Assert.Empty(Finder.Phrase("lazy dog", MatchKind.Normalised).Found);
        Assert.Equal(new TextSpan(47, 50), Finder.Phrase("and", MatchKind.Exact).Found.Single(f => f.Item == "original").Occurrences.Single().Span with { To = 50 });
    }

    [Fact]
    public void Ranges_count_the_text_as_first_ingested_whatever_was_cut_before()
    {
        var before = Finder.Phrase("dog does", MatchKind.Exact).Found.Single(f => f.Item == "original").Occurrences.Single().Span;
        _store.Receive(_store.Request() with { Spans = [new ItemSpan("original", new TextSpan(2, 12)), new ItemSpan("original", new TextSpan(14, 20))] });
        Assert.Equal(before, Finder.Phrase("dog does", MatchKind.Exact).Found.Single(f => f.Item == "original").Occurrences.Single().Span);
        _store.Train();

        Assert.Equal(before, Finder.Phrase("dog does", MatchKind.Exact).Found.Single(f => f.Item == "original").Occurrences.Single().Span);
    }

    [Fact]
    public void What_a_request_names_is_not_found_any_more_although_it_is_not_retrained_yet()
    {
        _store.Receive(_store.Request("equal"));

        Assert.DoesNotContain("equal", Finder.Phrase("lazy dog", MatchKind.Normalised).Found.Select(f => f.Item));
        Assert.DoesNotContain("equal", Finder.Duplicates(["original"], MatchKind.Near).Found.Select(f => f.Item));
        Assert.Empty(Finder.Duplicates(["equal"], MatchKind.Near).Found);
    }

    [Fact]
    public void Nothing_is_written()
    {
        var before = StoreFiles.All(_store.Path).ToDictionary(f => f, f => Convert.ToHexString(StoreFiles.Read(Path.Combine(_store.Path, f))));

        Finder.Duplicates(["original"], MatchKind.Near);
        Finder.Phrase("fox", MatchKind.Near);

        Assert.Equal(before, StoreFiles.All(_store.Path).ToDictionary(f => f, f => Convert.ToHexString(StoreFiles.Read(Path.Combine(_store.Path, f)))));
    }

    [Fact]
    public void A_damaged_slice_is_an_error_and_not_an_answer()
    {
        var slice = Path.Combine(_store.Path, (string)StoreFiles.Rows(_store.Path, "SELECT file FROM slice WHERE file IS NOT NULL LIMIT 1")[0][0]);
        var bytes = File.ReadAllBytes(slice);
        bytes[^100] ^= 1;
        File.WriteAllBytes(slice, bytes);

        Assert.Contains("damaged", Assert.Throws<StoreException>(() => Finder.Phrase("no such phrase", MatchKind.Exact)).Message, StringComparison.Ordinal);
        File.Delete(slice);
        Assert.Throws<StoreException>(() => Finder.Phrase("no such phrase", MatchKind.Exact));
    }

    [Fact]
    public void Items_without_text_are_found_when_they_are_equal_and_in_no_other_way()
    {
        using var store = new TestStore(SmallRecipes.Mlp());
        store.Ingest([new TestRow("a", "x", "", 0) { X = 0.25, Y = 0.5 }, new TestRow("b", "y", "", 1) { X = 0.25, Y = 0.5 }, new TestRow("c", "z", "") { X = 0.25, Y = 0.75 }]);
        var finder = new Finder(store.Store);

        Assert.Equal("b", Assert.Single(finder.Duplicates(["a"], MatchKind.Exact).Found).Item);
        Assert.Contains("no texts", Assert.Throws<NotFoundException>(() => finder.Duplicates(["a"], MatchKind.Near)).Message, StringComparison.Ordinal);
        Assert.Contains("no texts", Assert.Throws<NotFoundException>(() => finder.Phrase("a", MatchKind.Exact)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forgetting_with_duplicates_leaves_what_training_without_them_gives()
    {
        _store.Train();
        var outcome = _store.Receive(WithDuplicates(_store.Request("original"), MatchKind.Near));
        _store.Train();

        Assert.Equal(["edited", "equal", "folded", "original"], outcome.Targets.Select(t => t.Item).Order(StringComparer.Ordinal));
        TestRow[] retained = [.. TestRow.Many(40), Planted[^1]];
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, retained), _store.Checkpoints()));
        var summary = _store.Store.Manifest.Requests.Get(outcome.Recorded!.Number).Summary.Duplicates!;
        Assert.Equal((MatchKind.Near, 45L, 3L, 3L), (summary.Level, summary.ItemsSearched, summary.Found, summary.Forgotten));
        _store.CheckInvariants();
    }

    [Fact]
    public void The_same_request_repeated_when_its_duplicates_are_gone_is_the_same_request()
    {
        var request = _store.Request("original");
        var first = _store.Receive(WithDuplicates(request, MatchKind.Near));
        _store.Train();

        Assert.Equal(first.Recorded!.Number, _store.Receive(WithDuplicates(request, MatchKind.Near)).Recorded!.Number);
        Assert.Throws<RequestConflictException>(() => _store.Receive(request));
    }

    [Fact]
    public void A_corpus_that_grew_since_the_search_is_noticed()
    {
        var request = WithDuplicates(_store.Request("original"), MatchKind.Near);
        _store.Ingest([new TestRow("late", "author-f", Text)]);

        Assert.Throws<StoreBusyException>(() => _store.Receive(request));
        Assert.Empty(_store.Store.Manifest.Requests.All());
        Assert.Contains("late", _store.Receive(WithDuplicates(request, MatchKind.Near)).Targets.Select(t => t.Item));
    }

    public void Dispose() => _store.Dispose();

    private ForgetRequest WithDuplicates(ForgetRequest request, MatchKind level)
    {
        string[] whole = [.. new Forgetter(_store.Store).Plan(request with { Id = null, Duplicates = null }).Targets.Select(t => t.Item)];
        var report = Finder.Duplicates(whole, level);
        return request with { Duplicates = new FoundDuplicates(level, report.Threshold, report.Items, [.. report.Found.Select(f => f.Item)], report.Corpus) };
    }
}

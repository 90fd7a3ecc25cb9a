using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

public sealed class ForgetterTests : IDisposable
{
    private const string Item = "item-00003";

    private readonly TestStore _store = new(SmallRecipes.Text(3, 3));

    public ForgetterTests()
    {
        _store.Ingest(TestRow.Many(40, authors: 12));
        _store.Train();
    }

    [Fact]
    public void Forget_retrains_only_the_shard_that_holds_the_item_and_only_from_its_slice()
    {
        var (place, before) = (_store.PlaceOf(Item), _store.Checkpoints());
        _store.Trainer.Trained.Clear();

        var report = _store.Forget(Item);

        Assert.Equal(Enumerable.Range(place.Slice.Value, 4 - place.Slice.Value), _store.Trainer.Trained.Select(t => t.Slice.Value));
        Assert.All(_store.Trainer.Trained, t => Assert.Equal(place.Shard, t.Shard));
        Assert.All(_store.Checkpoints(), c => Assert.Equal(c.Key.Shard != place.Shard || c.Key.Slice < place.Slice, before[c.Key].AsSpan().SequenceEqual(c.Value)));
        Assert.Equal(RequestState.Purged, Assert.Single(report.Requests).State);
        _store.CheckInvariants();
    }

    [Fact]
    public void The_request_is_answered_with_what_it_will_cost()
    {
        var outcome = new Forgetter(_store.Store).Plan(_store.Request(Item));
        var plan = Assert.Single(outcome.Plan.Shards);
        var report = _store.Forget(Item);

        Assert.Equal(plan.StageCount, report.Stages.Count);
        Assert.InRange(outcome.Plan.Share, 0.01, 0.99);
        Assert.InRange(report.Visits / outcome.Plan.Visits, 0.5, 1.5);
        Assert.NotNull(outcome.Plan.Seconds);
        Assert.Null(outcome.Recorded);
    }

    [Fact]
    public void A_request_repeated_after_its_item_was_taken_back_is_refused_instead_of_called_done()
    {
        var row = TestRow.One(5, "author-005");
        var request = new ForgetRequest { Id = "again", Items = [row.Id] };
        _store.Receive(request);
        _store.Train();
        Assert.Equal(RequestState.Purged, _store.Receive(request).Recorded!.State);
        _store.Ingest([row], new IngestOptions { Readmit = new TargetList([row.Id], [], []) });

        Assert.Contains("came back since", Assert.Throws<RequestConflictException>(() => _store.Receive(request)).Message, StringComparison.Ordinal);
        Assert.Contains(row.Id, _store.ItemIds());
    }

    [Fact]
    public void Taking_back_an_item_whose_text_had_been_cut_tells_that_the_cut_part_comes_back()
    {
        var row = TestRow.One(5, "author-005");
        _store.Receive(new ForgetRequest { Id = "part", Spans = [new ItemSpan(row.Id, new TextSpan(0, 5))] });
        _store.Receive(_store.Request(row.Id, "item-00006"));
        _store.Train();
        var notices = new List<string>();
        _store.Ingest([row, TestRow.One(6, "author-006")], new IngestOptions { Readmit = new TargetList([row.Id, "item-00006"], [], []), OnNotice = notices.Add });

        Assert.Contains($"Item '{row.Id}' comes back with parts", Assert.Single(notices), StringComparison.Ordinal);
        _store.Train();
        _store.CheckInvariants();
    }

    [Fact]
    public void A_span_that_overlaps_an_earlier_cut_is_reduced_to_what_is_left_of_it()
    {
        var length = TestRow.One(5, "author-005").Text.EnumerateRunes().Count();
        ForgetRequest Cut(string id, int from, int to) => new() { Id = id, Spans = [new ItemSpan("item-00005", new TextSpan(from, to))] };
        _store.Receive(Cut("one", 2, 4));

        Assert.Equal([new TextSpan(1, 2), new TextSpan(4, 6)], _store.Receive(Cut("two", 1, 6)).Targets.Select(t => t.Span!.Value));
        Assert.Equal(["item-00005 3..5"], _store.Receive(Cut("three", 3, 5)).AlreadyForgotten);
        Assert.Null(Assert.Single(_store.Receive(Cut("rest", 0, length)).Targets).Span);
    }

    [Fact]
    public void A_dry_run_changes_nothing()
    {
        var before = StoreFiles.Rows(_store.Path, "SELECT * FROM request").Count;
        var epoch = _store.Store.Manifest.Settings.Epoch;

        var outcome = new Forgetter(_store.Store).Plan(_store.Request(Item));

        Assert.Equal([Item], outcome.Targets.Select(t => t.Item));
        Assert.Equal((before, epoch), (StoreFiles.Rows(_store.Path, "SELECT * FROM request").Count, _store.Store.Manifest.Settings.Epoch));
        Assert.Contains(Item, _store.ItemIds());
    }

    [Fact]
    public void Forgetting_twice_is_forgetting_once()
    {
        _store.Forget(Item);
        var (epoch, checkpoints) = (_store.Store.Manifest.Settings.Epoch, _store.Checkpoints());

        var outcome = _store.Receive(_store.Request(Item));

        Assert.Equal([Item], outcome.AlreadyForgotten);
        Assert.Empty(outcome.Targets);
        Assert.Equal(RequestState.NothingHeld, outcome.Recorded!.State);
        Assert.Equal(epoch, _store.Store.Manifest.Settings.Epoch);
        Assert.Empty(StoreAssert.Differences(checkpoints, _store.Checkpoints()));
    }

    [Fact]
    public void An_id_that_was_never_there_is_answered_and_trains_nothing()
    {
        var outcome = _store.Receive(new ForgetRequest { Id = "r", Items = ["nobody"], Subjects = ["no one"], Spans = [new ItemSpan("nothing", new TextSpan(0, 1))] });

        Assert.Equal(["nobody", "no one", "nothing"], outcome.Unknown);
        Assert.Equal(RequestState.NothingHeld, outcome.Recorded!.State);
        Assert.Empty(_store.Store.Manifest.Requests.Pending());
    }

    [Fact]
    public void Unknown_ids_among_known_ones_are_listed_and_the_rest_goes_on()
    {
        var outcome = _store.Receive(_store.Request("nobody", Item, "nothing", Item));

        Assert.Equal(["nobody", "nothing"], outcome.Unknown);
        Assert.Equal([Item], outcome.Targets.Select(t => t.Item));
        Assert.Equal(1, outcome.Recorded!.Summary.Items);
    }

    [Fact]
    public void A_subject_is_forgotten_with_all_of_its_items()
    {
        var outcome = _store.Receive(new ForgetRequest { Id = "r", Subjects = ["author-004"], Reason = ForgetReason.Copyright });
        _store.Train();

        Assert.Equal(["item-00004", "item-00016", "item-00028"], outcome.Targets.Select(t => t.Item));
        Assert.Equal((3L, 1L), (outcome.Recorded!.Summary.Items, outcome.Recorded.Summary.Subjects));
        Assert.Equal(["author-004"], _store.Receive(new ForgetRequest { Id = "again", Subjects = ["author-004"] }).AlreadyForgotten);
        Assert.Equal(ForgetReason.Copyright, _store.Store.Manifest.Requests.Find("r")!.Reason);
    }

    [Fact]
    public void A_request_of_a_known_name_is_received_once()
    {
        var request = _store.Request(Item);
        var first = _store.Receive(request);
        var second = _store.Receive(request);
        var other = Assert.Throws<RequestConflictException>(() => _store.Receive(request with { Items = ["item-00004"] }));

        Assert.Contains("received before, with other content", other.Message, StringComparison.Ordinal);
        Assert.Equal((FaultKind.Data, request.Id), (other.Kind, Assert.Single(other.Requests)));
        Assert.Equal(first.Recorded!.Number, second.Recorded!.Number);
        Assert.Single(_store.Store.Manifest.Requests.All());
        Assert.Equal([Item], _store.Store.Manifest.Requests.Targets().Select(t => t.Item));
    }

    [Fact]
    public void A_forgotten_id_offered_again_is_refused_until_it_is_taken_back()
    {
        _store.Forget(Item);
        TestRow[] offered = [TestRow.One(3, "author-003")];

        Assert.Contains("was forgotten", Assert.Throws<CorpusException>(() => _store.Ingest(offered)).Message, StringComparison.Ordinal);
        var report = _store.Ingest(offered, new IngestOptions { Readmit = new TargetList([Item], [], []) });
        _store.Train();

        Assert.Equal((1L, 1L), (report.Items, report.Readmitted));
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, TestRow.Many(40, authors: 12)), _store.Checkpoints()));
        Assert.Single(StoreFiles.Rows(_store.Path, "SELECT * FROM readmission"));
        _store.CheckInvariants();
        _store.Forget(Item);
        _store.CheckInvariants();
    }

    [Fact]
    public void An_item_is_not_taken_back_while_its_request_is_unfinished()
    {
        _store.Receive(_store.Request(Item));
        _store.Trainer.FailAtStage(1);
        Assert.Throws<InjectedException>(() => _store.Train());

        Assert.Contains("not finished", Assert.Throws<CorpusException>(() =>
            _store.Ingest([TestRow.One(3, "author-003")], new IngestOptions { Readmit = new TargetList([Item], [], []) })).Message, StringComparison.Ordinal);
        _store.Train();
        _store.CheckInvariants();
    }

    [Fact]
    public void A_span_is_cut_and_its_item_stays()
    {
        var row = TestRow.Many(40, authors: 12)[3];
        _store.Receive(new ForgetRequest { Id = "r", Spans = [new ItemSpan(Item, new TextSpan(0, 2)), new ItemSpan(Item, new TextSpan(1, 4))] });
        _store.Train();

        TestRow[] expected = [.. TestRow.Many(40, authors: 12).Select(r => r.Id == Item ? r with { Text = string.Concat(row.Text.EnumerateRunes().Skip(4)) } : r)];
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, expected), _store.Checkpoints()));
        Assert.Equal([$"{Item} 1..3"], _store.Receive(new ForgetRequest { Id = "again", Spans = [new ItemSpan(Item, new TextSpan(1, 3))] }).AlreadyForgotten);
    }

    [Fact]
    public void Cutting_everything_forgets_the_item()
    {
        var length = CutRanges.CodePoints(TestRow.One(3, "x").Text);
        _store.Receive(new ForgetRequest { Id = "r1", Spans = [new ItemSpan(Item, new TextSpan(0, 5))] });
        var outcome = _store.Receive(new ForgetRequest { Id = "r2", Spans = [new ItemSpan(Item, new TextSpan(5, length))] });
        _store.Train();

        Assert.Null(Assert.Single(outcome.Targets).Span);
        Assert.DoesNotContain(Item, _store.ItemIds());
        Assert.Empty(_store.Store.Manifest.Requests.AllCuts());
        Assert.Equal([$"{Item} 2..3"], _store.Receive(new ForgetRequest { Id = "r3", Spans = [new ItemSpan(Item, new TextSpan(2, 3))] }).AlreadyForgotten);
    }

    [Fact]
    public void A_span_beyond_the_text_or_of_an_item_without_text_is_refused()
    {
        Assert.Contains("code points", Assert.Throws<NotFoundException>(() => _store.Receive(new ForgetRequest { Id = "r", Spans = [new ItemSpan(Item, new TextSpan(0, 900))] })).Message, StringComparison.Ordinal);

        using var store = new TestStore(SmallRecipes.Mlp());
        store.Ingest(TestRow.Many(3));
        Assert.Contains("no text", Assert.Throws<NotFoundException>(() => store.Receive(new ForgetRequest { Id = "r", Spans = [new ItemSpan("item-00001", new TextSpan(0, 1))] })).Message, StringComparison.Ordinal);
        Assert.Empty(store.Store.Manifest.Requests.All());
    }

    [Fact]
    public void A_request_is_due_and_overdue_by_the_clock()
    {
        var recorded = _store.Receive(_store.Request(Item)).Recorded!;

        Assert.Equal(_store.Clock.GetUtcNow().AddDays(30), recorded.Due);
        _store.Clock.Advance(TimeSpan.FromDays(31));
        Assert.True(Assert.Single(Engine.Reporting.StatusReport.Of(_store.Store).Requests).Overdue);
        _store.Train();
        Assert.True(Assert.Single(Engine.Reporting.StatusReport.Of(_store.Store).Requests).Overdue);
    }

    [Fact]
    public void Exports_whose_lineage_holds_the_slice_are_recalled()
    {
        var place = _store.PlaceOf(Item);
        var now = _store.Clock.GetUtcNow();
        _store.Store.Manifest.Exports.Add("with", 1, now, [place]);
        _store.Store.Manifest.Exports.Add("without", 1, now, [place with { Slice = place.Slice.Previous }]);

        _store.Receive(_store.Request(Item));

        Assert.Equal([true, false], _store.Store.Manifest.Exports.All().Select(e => e.Recall));
    }

    public void Dispose() => _store.Dispose();
}

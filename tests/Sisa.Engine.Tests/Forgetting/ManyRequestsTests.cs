using Sisa.Engine.Forgetting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

public sealed class ManyRequestsTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(60, authors: 12);

    private readonly TestStore _store = new(SmallRecipes.Text(3, 3));

    public ManyRequestsTests()
    {
        _store.Ingest(Rows);
        _store.Train();
    }

    private Forgetter Forgetter => new(_store.Store);

    private static ForgetRequest[] Requests =>
    [
        new() { Id = "r1", Items = ["item-00001", "nobody"], Reason = ForgetReason.Copyright, Due = new DateTimeOffset(2025, 4, 1, 0, 0, 0, TimeSpan.Zero) },
        new() { Id = "r2", Subjects = ["author-001"] },
        new() { Id = "r3", Items = ["item-00001"] },
        new() { Id = "r4", Items = ["unheard-of"] },
        new() { Id = "r5", Spans = [new ItemSpan("item-00002", new TextSpan(0, 3))] },
        new() { Id = "r6", Spans = [new ItemSpan("item-00002", new TextSpan(1, 5))] },
    ];

    [Fact]
    public void They_are_received_in_one_transaction_and_share_one_fallback_and_one_retraining()
    {
        var epoch = _store.Store.Manifest.Settings.Epoch;

        var outcomes = Receive(Requests);
        var report = _store.Train();

        Assert.Equal(["r1", "r2", "r5", "r6"], outcomes.Outcomes.Where(o => !o.IsNothingHeld).Select(o => o.Request));
        Assert.Equal(["r3", "r4"], outcomes.Outcomes.Where(o => o.IsNothingHeld).Select(o => o.Recorded!.Id));
        Assert.Equal(epoch + 2, _store.Store.Manifest.Settings.Epoch);
        Assert.Equal(["r1", "r2", "r5", "r6"], report.Requests.Select(r => r.Id));
        Assert.All(report.Requests, r => Assert.Equal(RequestState.Purged, r.State));
        Assert.Equal((ForgetReason.Copyright, new DateTimeOffset(2025, 4, 1, 0, 0, 0, TimeSpan.Zero)), (report.Requests[0].Reason, report.Requests[0].Due));
        TestRow[] retained = [.. Rows.Where(r => r.Author != "author-001").Select(r => r.Id == "item-00002" ? r with { Text = string.Concat(r.Text.EnumerateRunes().Skip(5)) } : r)];
        Assert.Empty(StoreAssert.Differences(FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, retained), _store.Checkpoints()));
        _store.CheckInvariants();
    }

    [Fact]
    public void What_one_names_is_already_forgotten_for_those_behind_it()
    {
        var outcomes = Forgetter.Plan(Requests).Outcomes;

        Assert.Equal(["item-00001"], outcomes[0].Targets.Select(t => t.Item));
        Assert.Equal(["nobody"], outcomes[0].Unknown);
        Assert.DoesNotContain("item-00001", outcomes[1].Targets.Select(t => t.Item));
        Assert.Equal(4, outcomes[1].Targets.Count);
        Assert.Equal((0, "item-00001"), (outcomes[2].Targets.Count, outcomes[2].AlreadyForgotten.Single()));
        Assert.Equal(["unheard-of"], outcomes[3].Unknown);
        Assert.Equal([new TextSpan(3, 5)], outcomes[5].Targets.Select(t => t.Span!.Value));
    }

    [Fact]
    public void They_are_resolved_as_one_after_another_would_be()
    {
        using var twin = new TestStore(SmallRecipes.Text(3, 3));
        twin.Ingest(Rows);
        twin.Train();
        var one = Requests.Select(twin.Receive).ToArray();

        var all = Receive(Requests).Outcomes;

        Assert.Equal(one.Select(Describe), all.Select(Describe));
        Assert.Equal(Tombstones(twin), Tombstones(_store));
    }

    [Fact]
    public void Together_they_cost_what_one_retraining_costs()
    {
        var plan = Forgetter.Plan(Requests).Plan;
        Receive(Requests);
        var report = _store.Train();

        Assert.Equal(plan.Shards.Sum(s => s.StageCount), report.Stages.Count);
        Assert.InRange(plan.Share, 0.01, 1);
    }

    [Fact]
    public void A_fault_of_any_of_them_leaves_nothing_of_all()
    {
        _store.Receive(new ForgetRequest { Id = "r2", Items = ["item-00030"] });
        var entries = _store.Store.Log.Lines.Count;
        ForgetRequest[] requests = [.. Requests, new() { Id = "r7", Spans = [new ItemSpan("item-00003", new TextSpan(0, 900))] }];

        Assert.Throws<NotFoundException>(() => Receive(requests));
        var fault = Assert.Throws<RequestException>(() => Receive([.. requests, new() { Id = "r8", Spans = [new ItemSpan("item-00004", new TextSpan(0, 900))] }]));
        Assert.Equal(2, fault.Faults.Count);
        Assert.Contains("received before, with other content", Assert.Throws<RequestConflictException>(() => Receive(Requests)).Message, StringComparison.Ordinal);
        Assert.Equal(entries, _store.Store.Log.Lines.Count);
        Assert.Single(_store.Store.Manifest.Requests.All());
    }

    [Fact]
    public void Repeated_they_are_known_and_nothing_happens()
    {
        var first = Receive(Requests);
        _store.Train();
        var (epoch, lines) = (_store.Store.Manifest.Settings.Epoch, _store.Store.Log.Lines.Count);

        var second = Receive(Requests);

        Assert.Equal(first.Outcomes.Select(o => o.Recorded?.Number), second.Outcomes.Select(o => o.Recorded?.Number));
        Assert.All(second.Outcomes, o => Assert.Empty(o.Targets));
        Assert.Equal((epoch, lines), (_store.Store.Manifest.Settings.Epoch, _store.Store.Log.Lines.Count));
    }

    [Fact]
    public void A_subject_whose_items_went_one_by_one_is_known_when_it_is_named_and_kept_out_no_more_than_before()
    {
        string[] items = [.. Rows.Where(r => r.Author == "author-004").Select(r => r.Id)];
        Receive([.. items.Select((item, i) => new ForgetRequest { Id = $"one-{i}", Items = [item] })]);
        Assert.Equal(["author-004"], Forgetter.Plan(new ForgetRequest { Subjects = ["author-004", "author-005"] }).AlreadyForgotten);
        _store.Train();

        Assert.Equal(["author-004"], Forgetter.Plan(new ForgetRequest { Subjects = ["author-004"] }).AlreadyForgotten);
        Assert.Equal(["author-099"], Forgetter.Plan(new ForgetRequest { Subjects = ["author-099"] }).Unknown);
        _store.Ingest([TestRow.One(100, "author-004")]);
        Assert.Single(Forgetter.Plan(new ForgetRequest { Subjects = ["author-004"] }).Targets);
        _store.CheckInvariants(isAtRest: false);
    }

    [Fact]
    public void A_crash_leaves_all_of_them_or_none()
    {
        using var camera = new CrashCamera(_store.Store);
        Receive(Requests);
        camera.Stop();
        camera.Take();

        var counts = camera.Pictures.Select(picture =>
        {
            using var store = Store.Open(picture, _store.Clock);
            new Recovery(store).Run(TimeSpan.Zero);
            StoreInvariants.Check(picture, isAtRest: true);
            Assert.All(store.Manifest.Requests.All(), r => Assert.Equal(r.Id is "r3" or "r4" ? RequestState.NothingHeld : RequestState.FallbackPublished, r.State));
            return store.Manifest.Requests.All().Count;
        }).ToArray();

        Assert.Equal([0, 6], counts.Distinct());
    }

    [Fact]
    public void Each_has_an_entry_of_its_own_in_the_evidence_log()
    {
        Receive(Requests);
        _store.Train();

        var entries = File.ReadAllLines(_store.Store.Layout.LogFile).Select(LogEntry.Read).Where(e => e.Request is not null).ToLookup(e => e.Request, e => e.Event);
        Assert.Equal(["r1", "r2", "r3", "r4", "r5", "r6"], entries.Select(g => g.Key).Order(StringComparer.Ordinal));
        Assert.All(entries, g => Assert.Equal(g.Key is "r3" or "r4" ? [LogEvent.Received, LogEvent.NothingHeld] : [LogEvent.Received, LogEvent.FallbackPublished, LogEvent.Published, LogEvent.Purged], g));
    }

    public void Dispose() => _store.Dispose();

    private ForgetOutcomes Receive(IReadOnlyList<ForgetRequest> requests)
    {
        var outcomes = Forgetter.Receive(requests);
        new BundlePublisher(_store.Store).PublishFallbacks([.. outcomes.Outcomes.Select(o => o.Recorded).OfType<Sisa.Storage.Manifest.RequestRow>().Select(r => r.Number)]);
        return outcomes;
    }

    private static string Describe(ForgetOutcome outcome) =>
        $"{outcome.Request}: {string.Join(' ', outcome.Targets.Select(t => $"{t.Item}{t.Span}"))} | {string.Join(' ', outcome.Unknown)} | {string.Join(' ', outcome.AlreadyForgotten)} | {outcome.Recorded?.Summary.Items}";

    private static string[] Tombstones(TestStore store) =>
        [.. StoreFiles.Rows(store.Path, "SELECT kind, count(*) FROM tombstone GROUP BY kind ORDER BY kind").Select(r => $"{r[0]} {r[1]}")];
}

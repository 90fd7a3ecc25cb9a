using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Manifest;

public sealed class RequestTableTests : IDisposable
{
    private static readonly DateTimeOffset Now = new TestClock().GetUtcNow();

    private readonly ManifestFixture _fixture = new();

    private RequestTable Requests => _fixture.Manifest.Requests;

    [Theory]
    [InlineData(ForgetReason.Privacy, ForgetPolicy.Fallback)]
    [InlineData(ForgetReason.Copyright, ForgetPolicy.Exclude)]
    [InlineData(ForgetReason.Quality, ForgetPolicy.Suspend)]
    [InlineData(ForgetReason.Alignment, ForgetPolicy.Fallback)]
    public void A_request_comes_back(ForgetReason reason, ForgetPolicy policy)
    {
        var row = Row("r1") with { Reason = reason, Policy = policy, Waits = Now.AddHours(3), Summary = new RequestSummary { Items = 3, Visits = 7, Seconds = 1.5 } };
        row = row with { Number = Requests.Add(row) };

        Assert.Equal(row, Requests.Find("r1"));
        Assert.Equal([row], Requests.All());
        Assert.Null(Requests.Find("R1"));
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        Requests.Add(Row("r1"));

        Assert.ThrowsAny<Exception>(() => Requests.Add(Row("r1")));
    }

    [Fact]
    public void Progress_is_recorded_until_the_request_is_over()
    {
        var row = Row("r1") with { Waits = Now };
        row = row with { Number = Requests.Add(row) };
        foreach (var state in Enum.GetValues<RequestState>())
        {
            row = row with { State = state, Epoch = (long)state + 1, Waits = null, Completed = state == RequestState.Purged ? Now : null, Summary = new RequestSummary { Purge = new PurgeReport(1, 2, 3, 4, 5, 6, 7) } };
            Requests.Update(row);
            Assert.Equal(row, Requests.Find("r1"));
            Assert.Equal(state >= RequestState.Purged ? 0 : 1, Requests.Pending().Count);
        }
    }

    [Fact]
    public void Requests_are_listed_by_due_date_state_and_lateness_page_by_page()
    {
        foreach (var i in Enumerable.Range(0, 9))
        {
            var row = Row($"r{i}") with { Due = Now.AddDays(9 - i), State = i < 6 ? RequestState.FallbackPublished : RequestState.NothingHeld, Completed = i < 6 ? null : Now.AddDays(i == 8 ? 2 : 0) };
            Requests.Add(row);
        }

        var now = Now.AddDays(5).AddSeconds(1);
        Assert.Equal(["r8", "r7", "r6", "r5", "r4", "r3", "r2", "r1", "r0"], Ids(new RequestFilter()));
        Assert.Equal(["r5", "r4", "r3", "r2", "r1", "r0"], Ids(new RequestFilter { States = RequestFilter.Open }));
        Assert.Equal(["r8", "r5", "r4"], Ids(new RequestFilter { Overdue = true }));
        Assert.Equal(["r7", "r6", "r3", "r2", "r1", "r0"], Ids(new RequestFilter { Overdue = false }));
        Assert.Equal(["r8", "r7"], Ids(new RequestFilter { DueBefore = Now.AddDays(3) }));
        var page = Requests.List(new RequestFilter { States = RequestFilter.Open, Limit = 2, After = Requests.Find("r4") }, now);
        Assert.Equal(["r3", "r2"], page.Rows.Select(r => r.Id));
        Assert.Equal(6, page.Total);
        Assert.Equal(new Dictionary<RequestState, long> { [RequestState.FallbackPublished] = 6, [RequestState.NothingHeld] = 3 }, Requests.CountByState());

        IEnumerable<string> Ids(RequestFilter filter) => Requests.List(filter, now).Rows.Select(r => r.Id);
    }

    [Fact]
    public void A_list_by_state_reads_the_index_and_not_every_request()
    {
        var plans = new List<string>();
        _fixture.Manifest.Connection().OnStatement(sql => plans.Add(sql));
        Requests.List(new RequestFilter { States = RequestFilter.Open }, Now);
        _fixture.Manifest.Connection().OnStatement(null);

        foreach (var sql in plans)
        {
            var plan = StoreFiles.Rows(_fixture.Layout.Root, "EXPLAIN QUERY PLAN " + sql).Select(r => (string)r[3]).ToArray();
            Assert.Contains(plan, step => step.Contains("request_by_state", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step == "SCAN request");
        }
    }

    [Fact]
    public void A_request_is_overdue_when_it_ended_late_or_has_not_ended()
    {
        var row = Row("r1") with { Due = Now };

        Assert.False(row.IsOverdue(Now));
        Assert.True(row.IsOverdue(Now.AddSeconds(1)));
        Assert.False((row with { Completed = Now.AddDays(-1) }).IsOverdue(Now.AddDays(9)));
        Assert.True((row with { Completed = Now.AddDays(1) }).IsOverdue(Now.AddDays(9)));
    }

    [Fact]
    public void Targets_come_back_in_a_fixed_order_and_go_with_their_request()
    {
        var (first, second) = (Requests.Add(Row("r1")), Requests.Add(Row("r2")));
        TargetRow[] targets =
        [
            new(first, "a", "s", Place(0, 1), null, false),
            new(first, "b", "b", Place(0, 2), new TextSpan(1, 2), false),
            new(second, "b", "b", Place(0, 2), new TextSpan(4, 9), true),
            new(second, "c", "s", Place(1, 1), null, false),
        ];
        Array.ForEach([.. targets.Reverse()], Requests.AddTarget);

        Assert.Equal(targets, Requests.Targets());
        Requests.DeleteTargets(first);
        Assert.Equal(targets[2..], Requests.Targets());
    }

    [Fact]
    public void A_target_taints_its_stage_and_those_behind_it_until_it_is_applied()
    {
        var number = Requests.Add(Row("r1"));
        Requests.AddTarget(new TargetRow(number, "a", "s", Place(1, 2), null, false));

        Assert.Equal([false, true, true], Enumerable.Range(1, 3).Select(k => Requests.IsTainted(Place(1, k))));
        Assert.False(Requests.IsTainted(Place(0, 3)));
        Requests.MarkApplied(Place(1, 2), number - 1);
        Assert.True(Requests.IsTainted(Place(1, 2)));
        Requests.MarkApplied(Place(1, 2), number);
        Assert.False(Requests.IsTainted(Place(1, 3)));
    }

    [Fact]
    public void Tombstones_outlive_their_request_until_the_id_is_taken_back()
    {
        var number = Requests.Add(Row("r1"));
        var (item, subject) = (Digest.Of("item"u8), Digest.Of("subject"u8));
        Requests.AddTombstone(item, "item", number);
        Requests.AddTombstone(item, "item", number);
        Requests.AddTombstone(subject, "subject", number);

        Assert.True(Requests.HasTombstone(item) && Requests.HasTombstone(subject) && !Requests.HasTombstone(default));
        Assert.Equal(1, Requests.TombstoneCount);
        Assert.Equal([item], Requests.ItemTombstones());
        Requests.Readmit(item, Now);
        Assert.False(Requests.HasTombstone(item));
        Assert.Equal(0, Requests.TombstoneCount);
        Assert.Single(StoreFiles.Rows(_fixture.Layout.Root, "SELECT * FROM readmission"));
    }

    [Fact]
    public void Cuts_are_replaced_and_go_with_the_item()
    {
        Requests.SetCuts("a", new CutRanges([new TextSpan(1, 2)]));
        Requests.SetCuts("a", new CutRanges([new TextSpan(1, 3), new TextSpan(7, 9)]));
        Requests.SetCuts("b", new CutRanges([new TextSpan(0, 1)]));

        Assert.Equal([new TextSpan(1, 3), new TextSpan(7, 9)], Requests.Cuts("a").Ranges);
        Assert.Equal(["a", "b"], Requests.AllCuts().Keys.Order(StringComparer.Ordinal));
        Requests.SetCuts("a", new CutRanges([]));
        Assert.Empty(Requests.Cuts("a").Ranges);
        Assert.Equal(["b"], Requests.AllCuts().Keys);
    }

    public void Dispose() => _fixture.Dispose();

    private static Placement Place(int shard, int slice) => ManifestFixture.Place(shard, slice);

    internal static RequestRow Row(string id) => new()
    {
        Id = id,
        State = RequestState.Received,
        Reason = ForgetReason.Privacy,
        Policy = ForgetPolicy.Fallback,
        Received = Now,
        Due = Now.AddDays(30),
        Content = Digest.Of([]),
        Summary = new RequestSummary(),
    };
}

using Sisa.Engine.Ingesting;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Reporting;

public sealed class RequestReportTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    public RequestReportTests()
    {
        _store.Ingest(TestRow.Many(120, authors: 7));
        _store.Train();
    }

    private ItemTable Items => _store.Store.Manifest.Items;

    [Fact]
    public void Status_lists_a_hundred_open_requests_and_counts_the_rest()
    {
        _store.Receive(new ForgetRequest { Id = "nothing", Items = ["nobody"] });
        foreach (var i in Enumerable.Range(0, 103))
        {
            _store.Receive(new ForgetRequest { Id = $"r{i:000}", Items = [$"item-{i:00000}"], Due = _store.Store.Now.AddDays(200 - i) });
        }

        var status = StatusReport.Of(_store.Store);

        Assert.Equal(Enumerable.Range(3, 100).Select(i => $"r{i:000}").Reverse(), status.Requests.Select(r => r.Id));
        Assert.Equal(3, status.MoreRequests);
        Assert.Equal(["fallback-published 103", "nothing-held 1"], status.RequestCounts.Select(c => $"{c.Key} {c.Value}"));
    }

    [Fact]
    public void Status_reads_no_row_of_an_item()
    {
        var statements = new List<string>();
        _store.Store.OnStatement(statements.Add);

        var status = StatusReport.Of(_store.Store);

        Assert.Equal((120L, 7L), (status.Items, status.Subjects));
        Assert.DoesNotContain(statements, sql => sql.Contains("FROM item", StringComparison.Ordinal));
    }

    [Fact]
    public void Kept_numbers_follow_what_comes_and_goes()
    {
        _store.Ingest(TestRow.Many(3, authors: 1, from: 200));
        Check(123, 7);
        _store.Ingest([TestRow.One(300, "author-300"), TestRow.One(301, "author-301"), TestRow.One(302, "author-301")]);
        Check(126, 9);
        _store.Receive(new ForgetRequest { Id = "first", Subjects = ["author-300"], Items = ["item-00301"] });
        _store.Train();
        Check(124, 8);
        _store.Forget("item-00302");
        Check(123, 7);
        _store.Ingest([TestRow.One(302, "author-301")], new IngestOptions { Readmit = new TargetList(["item-00302"], [], []) });
        Check(124, 8);
    }

    [Fact]
    public void A_kept_number_that_another_program_altered_is_named_by_recover()
    {
        StoreFiles.Execute(_store.Path, "UPDATE tally SET value = value + 1 WHERE name = 'subjects'");

        Assert.Equal(["The manifest claims 8 subjects, but lists 7."], new Engine.Verifying.StoreCheck(_store.Store).Run(TimeSpan.Zero));
    }

    [Fact]
    public void A_page_names_the_next_one_until_the_last()
    {
        foreach (var i in Enumerable.Range(0, 5))
        {
            _store.Receive(new ForgetRequest { Id = $"r{i}", Items = [$"item-{i:00000}"] });
        }

        var first = RequestListReport.Of(_store.Store, new RequestFilter { Limit = 3 });
        var second = RequestListReport.Of(_store.Store, new RequestFilter { Limit = 3, After = RequestReport.Row(_store.Store, first.Next!) });

        Assert.Equal(["r0", "r1", "r2"], first.Requests.Select(r => r.Id));
        Assert.Equal(["r3", "r4"], second.Requests.Select(r => r.Id));
        Assert.Equal((5L, "r2", 5L, null), (first.Total, first.Next, second.Total, second.Next));
    }

    [Fact]
    public void A_request_is_shown_with_its_certificates_and_an_unknown_one_is_not_found()
    {
        _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"] });

        Assert.Null(RequestReport.Of(_store.Store, "r1").Certificate);
        Assert.Throws<NotFoundException>(() => RequestReport.Of(_store.Store, "r2"));
    }

    public void Dispose() => _store.Dispose();

    private void Check(long rows, long subjects)
    {
        Assert.Equal((rows, subjects), (Items.KeptRowCount, Items.KeptSubjectCount));
        Assert.Equal((Items.RowCount, Items.SubjectCount), (Items.KeptRowCount, Items.KeptSubjectCount));
    }
}

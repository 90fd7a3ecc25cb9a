using Sisa.Engine.Finding;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Recovering;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Verifying;

/// <summary>Rows and tombstones that another program changed are refused before they decide who is forgotten, and who comes back.</summary>
public sealed class AlteredRowsTests : IDisposable
{
    private const string Item = "item-00007";

    private static readonly TestRow[] Rows = [.. TestRow.Many(24)];

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly string _subject;

    public AlteredRowsTests()
    {
        _store.Ingest(Rows);
        _store.Train();
        _store.Forget("item-00003", "item-00004");
        _subject = _store.Store.Manifest.Items.FindById([Item]).Single().Subject;
    }

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("DELETE FROM tombstone")]
    [InlineData("DELETE FROM tombstone WHERE mark = (SELECT min(mark) FROM tombstone)")]
    [InlineData("UPDATE tombstone SET kind = 'span' WHERE mark = (SELECT min(mark) FROM tombstone)")]
    [InlineData("UPDATE tombstone SET mark = zeroblob(32) WHERE mark = (SELECT min(mark) FROM tombstone)")]
    [InlineData("INSERT INTO tombstone VALUES (zeroblob(32), 'item', 1)")]
    public void Nothing_is_ingested_forgotten_or_counted_while_tombstones_differ_from_the_log(string sql)
    {
        Alter(sql);

        Refuses("tombstones", () => _store.Ingest(Rows[3..5], new IngestOptions { SkipFaults = true }));
        Refuses("tombstones", () => _store.Receive(_store.Request(Item)));
        Refuses("tombstones", () => new Engine.Forgetting.Forgetter(_store.Store).Plan(_store.Request(Item)));
        Refuses("tombstones", () => StatusReport.Of(_store.Store));
        Assert.Equal(22, _store.ItemIds().Count);
    }

    [Fact]
    public void The_kept_number_and_sum_of_tombstones_follow_forgetting_and_taking_back()
    {
        Assert.Equal(2, StatusReport.Of(_store.Store).Forgotten);
        _store.Receive(new ForgetRequest { Id = "more", Subjects = [_subject] });
        _store.Ingest([Rows[3]], new IngestOptions { Readmit = new TargetList([Rows[3].Id], [], []) });

        var requests = _store.Store.Manifest.Requests;
        Assert.Equal(requests.TombstoneCount, StatusReport.Of(_store.Store).Forgotten);
        Assert.Equal(requests.TombstoneCount, requests.KeptTombstoneCount);
        Assert.NotEqual(2, requests.TombstoneCount);
        Assert.True(requests.HasOwnTombstones);
    }

    [Fact]
    public void The_state_is_told_without_reading_the_log_whose_altered_entries_recovery_and_the_next_request_refuse()
    {
        Alter("UPDATE log_entry SET line = replace(line, 'received', 'rejected') WHERE line LIKE '%received%'");
        _store.Reopen();

        Assert.Equal(2, StatusReport.Of(_store.Store).Forgotten);
        Assert.Throws<StoreException>(() => new Recovery(_store.Store).Run(TimeSpan.Zero));
        Assert.Throws<StoreException>(() => _store.Receive(_store.Request(Item)));
    }

    [Theory]
    [InlineData("UPDATE item SET subject = 'somebody else' WHERE id = 'item-00007'")]
    [InlineData("UPDATE item SET id = 'item-x' WHERE id = 'item-00007'")]
    [InlineData("UPDATE item SET slice = 3 - slice WHERE id = 'item-00007'")]
    [InlineData("UPDATE item SET shard = 1 - shard WHERE id = 'item-00007'")]
    [InlineData("DELETE FROM item WHERE id = 'item-00007'")]
    public void An_item_whose_row_was_changed_is_not_called_unknown_by_its_id_or_by_its_subject(string sql)
    {
        Alter(sql);

        Refuses(Item, () => _store.Receive(_store.Request(Item)));
        Refuses("row of item", () => _store.Receive(new ForgetRequest { Id = "r", Subjects = [_subject] }));
        Refuses("row of item", () => new Finder(_store.Store).ItemsOf(_subject));
        Refuses(Item, () => new Finder(_store.Store).Duplicates([Item], Sisa.Finding.MatchKind.Exact));
        Refuses("item", () => _store.Ingest(TestRow.Many(80)[24..]));
        Assert.Empty(_store.Store.Manifest.Requests.Pending());
    }

    [Fact]
    public void Two_rows_whose_subjects_were_swapped_forget_nobody()
    {
        var other = _store.Store.Manifest.Items.FindById(_store.ItemIds()).First(r => r.Subject != _subject);
        Alter($"UPDATE item SET subject = CASE id WHEN '{Item}' THEN '{other.Subject}' ELSE '{_subject}' END WHERE id IN ('{Item}', '{other.Id}')");

        Refuses("row of item", () => _store.Receive(new ForgetRequest { Id = "one", Subjects = [_subject] }));
        Refuses("row of item", () => _store.Receive(new ForgetRequest { Id = "two", Subjects = [other.Subject] }));
        Refuses("row of item", () => _store.Receive(_store.Request(other.Id)));
        Refuses("row of item", () => _store.Ingest(TestRow.Many(80)[24..]));
    }

    [Fact]
    public void A_row_of_an_item_that_no_slice_holds_is_refused()
    {
        Alter($"INSERT INTO item SELECT 'ghost', subject, shard, slice, risk FROM item WHERE id = '{Item}'");

        Refuses("ghost", () => _store.Receive(_store.Request("ghost")));
        Refuses("ghost", () => _store.Receive(new ForgetRequest { Id = "r", Subjects = [_subject] }));
        Refuses("lists 23 items; the slices hold 22", () => _store.Ingest(TestRow.Many(25)[24..]));
        Refuses("lists 23 items; the slices hold 22", () => StatusReport.Of(_store.Store));
    }

    [Fact]
    public void What_was_never_there_is_unknown_and_what_was_forgotten_is_forgotten_already()
    {
        var outcome = _store.Receive(new ForgetRequest { Id = "r", Items = ["never", "item-00003"], Subjects = ["nobody"] });

        Assert.Equal(["never", "nobody"], outcome.Unknown);
        Assert.Equal(["item-00003"], outcome.AlreadyForgotten);
    }

    [Fact]
    public void A_slice_that_is_lost_keeps_no_request_from_being_received()
    {
        foreach (var row in _store.Store.Manifest.Slices.All().Where(s => s.File is not null))
        {
            File.Delete(_store.Store.Layout.Absolute(row.File!));
        }

        Assert.NotNull(_store.Receive(_store.Request(Item)).Recorded);
    }

    private void Alter(string sql) => StoreFiles.Execute(_store.Path, sql);

    private static void Refuses(string what, Action command)
    {
        var fault = Assert.Throws<StoreException>(command);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
        Assert.Contains("'recover'", fault.Remedy?.ToString(), StringComparison.Ordinal);
        Assert.Equal(FaultKind.Data, fault.Kind);
    }
}

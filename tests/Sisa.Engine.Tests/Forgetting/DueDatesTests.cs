using Sisa.Engine.Forgetting;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>Due dates count from the day on which the controller received a request, and move once.</summary>
public sealed class DueDatesTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    public DueDatesTests()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
    }

    private DateTimeOffset Now => _store.Store.Now;

    [Fact]
    public void The_due_date_counts_from_the_day_on_which_the_controller_received_the_request()
    {
        var (received, now) = (Now.AddDays(-5), Now);

        var row = _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"], Received = received }).Recorded!;
        var nothing = _store.Receive(new ForgetRequest { Id = "r2", Items = ["nobody"], Received = received }).Recorded!;

        Assert.All([row, nothing], r => Assert.Equal((received, now, received.AddDays(30)), (r.Received, r.Entered, r.Due)));
        Assert.Equal(received, _store.Store.Log.Lines.Select(LogEntry.Read).First(e => e is { Request: "r1", Event: LogEvent.Received }).Received);
        _store.Clock.Advance(TimeSpan.FromSeconds(8));
        _store.Train();
        Assert.Equal(8, _store.Store.Manifest.Requests.Find("r1")!.Summary.Seconds);
    }

    [Fact]
    public void A_receipt_in_the_future_is_refused_and_nothing_is_recorded()
    {
        var fault = Assert.Throws<RequestException>(() => _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"], Received = Now.AddSeconds(1) }));

        Assert.Contains("which is in the future", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Store.Manifest.Requests.All());
    }

    [Fact]
    public void A_due_date_is_moved_once_and_the_log_says_why()
    {
        var row = _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"] }).Recorded!;

        var extended = new DueDates(_store.Store).Extend("r1", row.Due.AddDays(40), ExtensionReason.Complexity);

        Assert.Equal(extended, _store.Store.Manifest.Requests.Find("r1"));
        Assert.Equal((row.Due.AddDays(40), row.Due), (extended.Due, extended.Summary.Extension!.From));
        var entry = LogEntry.Read(_store.Store.Log.Lines[^1]);
        Assert.Equal((LogEvent.Extended, "r1", extended.Due, "complexity"), (entry.Event, entry.Request, entry.Due, entry.Note));
        Assert.Contains("was moved before", Refusal("r1", row.Due.AddDays(50)), StringComparison.Ordinal);
        _store.CheckInvariants();
    }

    [Theory]
    [InlineData(0, 1, "is not later")]
    [InlineData(63, 1, "more than 2 months later")]
    [InlineData(10, 31, "A past due date cannot be moved")]
    public void A_due_date_is_not_moved_beyond_the_bounds(int days, int daysLater, string why)
    {
        var row = _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"] }).Recorded!;
        _store.Clock.Advance(TimeSpan.FromDays(daysLater));

        Assert.Contains(why, Refusal("r1", row.Due.AddDays(days)), StringComparison.Ordinal);
        Assert.Equal(row.Due, _store.Store.Manifest.Requests.Find("r1")!.Due);
    }

    [Fact]
    public void The_due_date_of_a_finished_request_is_not_moved()
    {
        var row = _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"] }).Recorded!;
        _store.Train();

        Assert.Contains("is purged", Refusal("r1", row.Due.AddDays(5)), StringComparison.Ordinal);
        Assert.Throws<NotFoundException>(() => new DueDates(_store.Store).Extend("r2", row.Due, ExtensionReason.Complexity));
    }

    [Fact]
    public void A_replay_of_the_log_keeps_the_day_of_the_receipt_and_the_moved_due_date()
    {
        var copy = _store.Beside("backup");
        StoreFiles.CopyAsAfterCrash(_store.Path, copy);
        _store.Receive(new ForgetRequest { Id = "r1", Items = ["item-00003"], Received = Now.AddDays(-5) });
        var wanted = new DueDates(_store.Store).Extend("r1", Now.AddDays(60), ExtensionReason.NumberOfRequests);
        var log = File.ReadAllBytes(_store.Store.Layout.LogFile);
        _store.Store.Dispose();
        Directory.Delete(_store.Path, recursive: true);
        StoreFiles.CopyAsAfterCrash(copy, _store.Path);
        File.WriteAllBytes(_store.Store.Layout.LogFile, log);

        Engine.Recovering.LogReplay.Run(_store.Path, _store.Clock);

        _store.Reopen();
        var row = _store.Store.Manifest.Requests.Find("r1")!;
        Assert.Equal((wanted.Received, wanted.Entered, wanted.Due, wanted.Summary.Extension), (row.Received, row.Entered, row.Due, row.Summary.Extension));
    }

    public void Dispose() => _store.Dispose();

    private string Refusal(string request, DateTimeOffset due) => Assert.Throws<RequestException>(() => new DueDates(_store.Store).Extend(request, due, ExtensionReason.NumberOfRequests)).Message;
}

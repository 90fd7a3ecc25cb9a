using Sisa.Engine.Forgetting;
using Sisa.Forgetting;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>A request's due date bounds its waiting.</summary>
public sealed class RetrainingWaitTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2) with { Requests = new RequestOptions { DueDays = 30, Window = 48 } });

    public RetrainingWaitTests()
    {
        _store.Ingest(TestRow.Many(20, authors: 10));
        _store.Train();
    }

    private DateTimeOffset Now => _store.Store.Now;

    [Fact]
    public void A_window_lasts_as_long_as_the_recipe_says_where_no_due_date_is_near()
    {
        Assert.Equal(Now.AddHours(48), Until(new ForgetRequest()));
        Assert.Equal(Now.AddDays(30), new RetrainingWait(_store.Store).Until([new ForgetRequest()], isDeferred: true));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(47)]
    public void Waiting_ends_an_hour_before_the_due_date(int hours)
    {
        var received = Receive(Due(hours));

        Assert.Equal(Now.AddHours(hours - 1), received.Waits);
    }

    [Fact]
    public void A_deferred_request_waits_no_longer_than_its_due_date_allows()
    {
        var wait = new RetrainingWait(_store.Store).Until([Due(10)], isDeferred: true);

        var row = new Forgetter(_store.Store).Receive(Due(10), wait).Recorded!;

        Assert.Equal(Now.AddHours(9), row.Waits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-24)]
    [InlineData(-24 * 365 * 2000)]
    public void What_is_due_within_the_hour_or_was_due_before_is_retrained_at_once(int hours)
    {
        Assert.Null(Until(Due(hours)));
        Assert.Null(Until(new ForgetRequest(), Due(hours)));
    }

    [Fact]
    public void The_reserve_is_twice_what_training_took()
    {
        Assert.Equal(RetrainingWait.LeastReserve, new RetrainingWait(_store.Store).Reserve);
        var one = _store.Store.Manifest.Checkpoints.All()[0];
        _store.Store.Manifest.Write(() =>
        {
            _store.Store.Manifest.Checkpoints.Delete(one.Digest);
            return _store.Store.Manifest.Checkpoints.Add(one with { Seconds = 7200 });
        });

        Assert.InRange(new RetrainingWait(_store.Store).Reserve, TimeSpan.FromHours(4), TimeSpan.FromHours(4.1));
    }

    [Fact]
    public void When_the_wait_of_one_is_over_the_next_request_retrains_for_all()
    {
        Receive(Due(12));
        _store.Clock.Advance(TimeSpan.FromHours(10));
        Assert.NotNull(Until(new ForgetRequest()));

        _store.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(Until(new ForgetRequest()));
    }

    [Fact]
    public void Overdue_requests_are_overdue_from_their_receipt_on()
    {
        var row = Receive(Due(-24));

        Assert.True(row.IsOverdue(Now));
        Assert.Equal(Now, row.Waits);
    }

    public void Dispose() => _store.Dispose();

    private ForgetRequest Due(int hours) => new() { Items = ["item-00001"], Due = Now.AddHours(hours) };

    private DateTimeOffset? Until(params ForgetRequest[] requests) => new RetrainingWait(_store.Store).Until(requests, isDeferred: false);

    private Storage.Manifest.RequestRow Receive(ForgetRequest request) => new Forgetter(_store.Store).Receive(request, Now.AddHours(48)).Recorded!;
}

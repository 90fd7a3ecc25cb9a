using Sisa.Engine.Certifying;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>A request goes from the receipt to the certificate in one call, and from wherever it was killed in the next one.</summary>
public sealed class RequestLifeTests : IDisposable
{
    private static readonly ForgetRequest Asked = new() { Id = "r1", Items = ["item-00003"] };

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    public RequestLifeTests()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
        KeyRing.Create(_store.Store, string.Empty).Dispose();
    }

    [Fact]
    public void Steps_come_in_order_and_each_finds_the_one_before_done()
    {
        var watch = new Watch(_store);

        var report = Life(observer: watch).Run([Asked]);

        Assert.Equal(["begins", "handed over", "received FallbackPublished", "retrains FallbackPublished", "measured Purged"], watch.Steps);
        Assert.Equal(["r1"], report.Certified.Requests);
        Assert.Equal(RequestState.Certified, State());
        Assert.NotNull(report.Training);
        Assert.DoesNotContain("item-00003", _store.ItemIds());
        _store.CheckInvariants();
    }

    [Fact]
    public void Killed_between_purge_and_certificate_it_is_certified_by_the_same_call_without_training()
    {
        Assert.Throws<KilledException>(() => Life(new KilledKeys()).Run([Asked]));
        Assert.Equal(RequestState.Purged, State());
        _store.Reopen();

        var again = Life().Run([Asked]);

        Assert.Null(again.Training);
        Assert.Equal(["r1"], again.Certified.Requests);
        Assert.Equal(RequestState.Certified, State());
        Assert.True(File.Exists(_store.Store.Layout.Certificate("r1")));
        _store.CheckInvariants();
    }

    [Theory]
    [InlineData("begins", null)]
    [InlineData("handed over", null)]
    [InlineData("received", RequestState.FallbackPublished)]
    [InlineData("retrains", RequestState.FallbackPublished)]
    [InlineData("measured", RequestState.Purged)]
    public void Killed_at_any_step_it_goes_on_when_the_call_is_repeated(string step, RequestState? left)
    {
        var watch = new Watch(_store) { Dies = step };
        Assert.Throws<KilledException>(() => Life(observer: watch).Run([Asked]));
        Assert.Equal(left, _store.Store.Manifest.Requests.Find("r1")?.State);
        _store.Reopen();

        Life().Run([Asked]);

        Assert.Equal(RequestState.Certified, State());
        _store.CheckInvariants();
    }

    [Fact]
    public void Deferred_it_is_out_of_what_is_served_and_waits()
    {
        var watch = new Watch(_store);

        var report = Life(observer: watch).Run([Asked], defers: true);

        Assert.Null(report.Training);
        Assert.Empty(report.Certified.Requests);
        Assert.Equal(["handed over", "received FallbackPublished", "measured FallbackPublished"], watch.Steps);
        Assert.Equal(RequestState.FallbackPublished, State());
    }

    [Fact]
    public void Without_keys_it_stays_purged_until_there_are_some()
    {
        Assert.Equal(1, Life(new NoKeys()).Run([Asked]).Certified.WithoutKeys);
        Assert.Equal(RequestState.Purged, State());

        Assert.Equal(["r1"], Life().Certify().Requests);
        Assert.Equal(RequestState.Certified, State());
    }

    [Fact]
    public void What_the_store_does_not_hold_ends_at_once()
    {
        var watch = new Watch(_store);

        var report = Life(observer: watch).Run([Asked with { Items = ["nobody"] }]);

        Assert.Equal(["begins", "handed over", "nothing 0", "measured NothingHeld"], watch.Steps);
        Assert.Null(report.Training);
        Assert.Empty(report.Pending);
        Assert.Equal(["r1"], report.Certified.Requests);
        Assert.Equal(RequestState.NothingHeld, State());
    }

    public void Dispose() => _store.Dispose();

    private RequestLife Life(IKeySource? keys = null, Watch? observer = null) => new(_store.Store)
    {
        Trainer = () => _store.Trainer,
        Keys = keys ?? StoredKeys.InTheClear,
        Observer = observer,
        HandOver = observer is null ? null : _ => observer.Step("handed over"),
    };

    private RequestState State() => _store.Store.Manifest.Requests.Find("r1")!.State;

    private sealed class KilledException : Exception;

    private sealed class KilledKeys : IKeySource
    {
        public KeyRing Open(StoreLayout layout) => throw new KilledException();
    }

    private sealed class NoKeys : IKeySource
    {
        public KeyRing? Open(StoreLayout layout) => null;
    }

    private sealed class Watch(TestStore store) : IRequestObserver
    {
        public List<string> Steps { get; } = [];

        public string? Dies { get; init; }

        public void Step(string step)
        {
            Steps.Add(step);
            if (Dies is not null && step.StartsWith(Dies, StringComparison.Ordinal))
            {
                throw new KilledException();
            }
        }

        public void Begins(bool isRetrainedAtOnce)
        {
            if (isRetrainedAtOnce)
            {
                Step("begins");
            }
        }

        public void Received(ForgetOutcomes outcomes) => Step($"received {State()}");

        public void Nothing(ForgetOutcomes outcomes, IReadOnlyList<RequestRow> unfinished) => Step($"nothing {unfinished.Count}");

        public ITrainingProgress? Retrains()
        {
            Step($"retrains {State()}");
            return null;
        }

        public void Measured(ForgetOutcomes outcomes) => Step($"measured {State()}".TrimEnd());

        private string State() => $"{store.Store.Manifest.Requests.Find("r1")?.State}";
    }
}

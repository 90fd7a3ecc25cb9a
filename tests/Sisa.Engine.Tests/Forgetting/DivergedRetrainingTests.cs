using Sisa.Forgetting;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Forgetting;

public sealed class DivergedRetrainingTests : IDisposable
{
    private const string Item = "item-00003";

    private readonly TestStore _store = new(SmallRecipes.Text(3, 3));

    [Fact]
    public void When_retraining_diverges_the_fallback_stays_served_and_the_request_pending_until_it_succeeds()
    {
        _store.Ingest(TestRow.Many(40, authors: 12));
        _store.Train();
        var place = _store.PlaceOf(Item);
        var (whole, epoch) = (_store.Store.Manifest.Bundle.Served(), _store.Store.Manifest.Settings.Epoch);
        _store.Receive(_store.Request(Item));
        var fallback = _store.Store.Manifest.Bundle.Served();
        _store.Trainer.BeforeStage = (job, stage) => throw new DivergenceException(new Divergence(job.Shard, stage, 3, 8, 0.5, "the loss"));

        var error = Assert.Throws<DivergenceException>(() => _store.Train());

        Assert.Equal(FaultKind.Data, error.Kind);
        Assert.Contains($"{place.Shard} diverged in stage {place.Slice.Value}: after step 3 of 8", error.Message, StringComparison.Ordinal);
        Assert.Equal(RequestState.FallbackPublished, Assert.Single(_store.Store.Manifest.Requests.Pending()).State);
        Assert.Equal(fallback, _store.Store.Manifest.Bundle.Served());
        Assert.Equal(epoch + 1, _store.Store.Manifest.Settings.Epoch);
        Assert.Equal(whole.Where(s => s.Key != place.Shard), fallback.Where(s => s.Key != place.Shard));
        Assert.All(fallback.Values, served => Assert.DoesNotContain(FakeTrainer.Seen(served)!, seen => seen.Id == Item));
        _store.CheckInvariants(isAtRest: false);

        // Nothing is lost: the same command goes on where it failed.
        _store.Reopen();
        _store.Trainer.BeforeStage = null;
        Assert.Equal(RequestState.Purged, Assert.Single(_store.Train().Requests).State);
        _store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();
}

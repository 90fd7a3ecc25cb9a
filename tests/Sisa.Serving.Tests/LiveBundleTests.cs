using Sisa.Engine.Publishing;
using Sisa.Forgetting;
using Sisa.Serving.Living;
using Sisa.TestKit;
using Sisa.Torch;
using Sisa.Torch.Inference;

namespace Sisa.Serving.Tests;

/// <summary>How a thread that answers for months changes over from one bundle to the next.</summary>
public sealed class LiveBundleTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(24);

    private readonly TestStore _store = new(LibraryStore.Recipe) { RealTrainer = new TorchShardTrainer() };
    private readonly LiveBundle _bundle;
    private readonly EnsembleModel _ensemble;

    public LiveBundleTests()
    {
        _store.Ingest(Rows);
        _store.Train();
        _bundle = new LiveBundle(_store.OpenAgain());
        _ensemble = new EnsembleModel(_bundle.Recipe);
        Epoch = _bundle.Refresh(_ensemble);
    }

    private long Epoch { get; }

    [Fact]
    public void What_is_only_newer_is_adopted_when_it_is_prepared_and_not_before()
    {
        _store.Ingest(TestRow.Many(8, from: 500));
        _store.Train();
        var served = Served();
        Assert.Equal(Epoch, _bundle.Refresh(_ensemble));

        _bundle.Prepare(served, _store.Store);

        // The files are gone, so that whoever answers now has read nothing itself.
        foreach (var file in served.Files(_store.Store).Values)
        {
            File.Delete(file.Path);
        }

        Assert.Equal(served.Epoch, _bundle.Refresh(_ensemble));
        Assert.All(served.Checkpoints, c => Assert.True(_ensemble.Holds(c.Place.Shard, c.Digest)));
    }

    [Fact]
    public void What_was_taken_out_of_service_answers_no_more_whether_or_not_anything_is_prepared()
    {
        _store.Receive(_store.Request(Rows[0].Id));

        Assert.Equal(Served().Epoch, _bundle.Refresh(_ensemble));
        Assert.All(_ensemble.Shards, shard => Assert.Contains(Served().Checkpoints, c => c.Place.Shard == shard && _ensemble.Holds(shard, c.Digest)));
    }

    [Fact]
    public void What_was_taken_out_of_service_answers_no_more_when_its_request_is_done_before_anybody_asks()
    {
        _store.Forget(Rows[0].Id);
        _store.Ingest(TestRow.Many(8, from: 500));
        _store.Train();

        Assert.Equal(Served().Epoch, _bundle.Refresh(_ensemble));
    }

    [Fact]
    public void A_suspended_ensemble_answers_nothing()
    {
        _store.Receive(_store.Request(Rows[0].Id) with { Policy = ForgetPolicy.Suspend });

        Assert.Contains("suspended", Assert.Throws<NotFoundException>(() => _bundle.Refresh(_ensemble)).Message, StringComparison.Ordinal);
        _store.Train();
        Assert.Equal(Served().Epoch, _bundle.Refresh(_ensemble));
    }

    [Fact]
    public void What_was_prepared_and_is_served_no_more_is_not_adopted()
    {
        _store.Ingest(TestRow.Many(8, from: 500));
        _store.Train();
        _bundle.Prepare(Served(), _store.Store);
        _store.Receive(_store.Request(Rows[0].Id, "item-00500"));

        Assert.Equal(Served().Epoch, _bundle.Refresh(_ensemble));
        Assert.All(_ensemble.Shards, shard => Assert.Contains(Served().Checkpoints, c => c.Place.Shard == shard && _ensemble.Holds(shard, c.Digest)));
    }

    [Fact]
    public void A_constituent_that_cannot_be_prepared_is_told_to_whoever_asks()
    {
        _store.Ingest(TestRow.Many(8, from: 500));
        _store.Train();
        var file = Served().Files(_store.Store).Values.First();
        File.WriteAllText(file.Path, "damaged");
        Assert.Equal(Epoch, _bundle.Refresh(_ensemble));

        _bundle.Prepare(Served(), _store.Store);

        Assert.Throws<StoreException>(() => _bundle.Refresh(_ensemble));
    }

    public void Dispose()
    {
        _ensemble.Dispose();
        _bundle.Dispose();
        _store.Dispose();
    }

    private ServedCheckpoints Served() => new ServedBundleQuery(_store.Store).Look();
}

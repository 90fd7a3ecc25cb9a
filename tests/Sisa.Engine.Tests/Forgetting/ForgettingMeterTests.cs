using System.Text;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Recovering;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Measurements;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Forgetting;

/// <summary>When the engine asks for measurements, and what it hands over.</summary>
public sealed class ForgettingMeterTests : IDisposable
{
    private static readonly ForgettingMeasurements Measured = new(new ForgettingEffectiveness { Items = 2, Loss = 1.5, Unseen = 0 }, null);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly Meter _meter = new();

    [Fact]
    public void Items_are_measured_when_the_new_bundle_is_served_and_before_they_are_purged()
    {
        Ingest();
        var expected = _store.Store.Manifest.Items.FindById(["item-00003", "item-00005"]).Select(r => r.Place.Shard).Order();
        RequestState? state = null;
        _meter.OnMeasure = () => state = _store.Store.Manifest.Requests.All().Single().State;

        Forget(_store.Request("item-00003", "item-00005"));

        Assert.Equal(RequestState.Published, state);
        var records = Assert.Single(Assert.Single(_meter.Asked)).Value;
        Assert.Equal(expected, records.Select(r => r.Shard).Order());
        Assert.All(records, r => Assert.NotEmpty(r.Features));
        Assert.Equal(Measured, _store.Store.Manifest.Requests.All().Single().Summary.Measurements);
    }

    [Fact]
    public void An_item_that_loses_a_span_is_measured_as_it_was()
    {
        Ingest();
        var whole = Features("item-00003");
        Forget(_store.Request() with { Spans = [new ItemSpan("item-00003", new TextSpan(0, 12))] });

        var record = Assert.Single(Assert.Single(_meter.Asked).Single().Value);
        Assert.Equal(whole, record.Features);
        Assert.NotEqual(whole, Features("item-00003"));
    }

    [Fact]
    public void Requests_that_are_served_together_are_measured_each_by_itself_in_one_go()
    {
        Ingest();
        _store.Receive(_store.Request("item-00001"));
        _store.Receive(_store.Request("item-00002", "item-00004"));
        Train();

        Assert.Equal([1, 2], Assert.Single(_meter.Asked).OrderBy(r => r.Key).Select(r => r.Value.Count));
    }

    [Fact]
    public void What_waits_can_be_read_before_its_slice_is_rewritten()
    {
        Ingest();
        var outcome = _store.Receive(_store.Request("item-00003"));

        var records = new ForgottenRecords(_store.Store).Read(_store.Store.Manifest.Requests.Targets());

        Assert.Equal(Features("item-00003"), Assert.Single(records[outcome.Recorded!.Number]).Features);
    }

    [Fact]
    public void A_run_that_dies_while_measuring_is_purged_all_the_same_and_says_that_nothing_was_measured()
    {
        Ingest();
        _meter.OnMeasure = () => throw new InjectedException();
        Assert.Throws<InjectedException>(() => Forget(_store.Request("item-00003")));
        Assert.Equal(RequestState.Published, _store.Store.Manifest.Requests.All().Single().State);

        new Recovery(_store.Store).Run(TimeSpan.Zero);

        var request = _store.Store.Manifest.Requests.All().Single();
        Assert.Equal(RequestState.Purged, request.State);
        Assert.Null(request.Summary.Measurements);
        _store.CheckInvariants();
    }

    public void Dispose() => _store.Dispose();

    private void Ingest()
    {
        _store.Ingest(TestRow.Many(16));
        _store.Train();
    }

    private void Forget(ForgetRequest request)
    {
        _store.Receive(request);
        Train();
    }

    private void Train() => new Reconciler(_store.Store, _store.Trainer, _meter).BringUpToDate(TimeSpan.Zero);

    private byte[] Features(string item)
    {
        var row = _store.Store.Manifest.Slices.Get(_store.PlaceOf(item));
        using var file = Sisa.Storage.Slices.SliceFile.Open(_store.Store.Layout.Absolute(row.File!), row.Root);
        return file[file.Find(Encoding.UTF8.GetBytes(item))].Features.ToArray();
    }

    private sealed class Meter : IForgettingMeter
    {
        public void MeasureBefore(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
        {
        }

        public List<IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>>> Asked { get; } = [];

        public Action? OnMeasure { get; set; }

        public IReadOnlyDictionary<long, ForgettingMeasurements> Measure(IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> requests)
        {
            Asked.Add(requests);
            OnMeasure?.Invoke();
            return requests.ToDictionary(r => r.Key, _ => Measured);
        }
    }
}

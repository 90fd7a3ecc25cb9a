using System.Text;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Recovering;

/// <summary>A crash at every step: the store is opened as it lay on disk then, recovered, checked, and brought up to date.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(16);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly List<CrashCamera> _cameras = [];
    private readonly Dictionary<string, IReadOnlyDictionary<Placement, byte[]>> _expected = new(StringComparer.Ordinal);

    [Fact]
    public void A_crash_while_ingesting_leaves_all_or_nothing()
    {
        _store.Ingest(Rows[..8]);
        _store.Train();

        var outcomes = Photograph(() => _store.Ingest(Rows[8..])).Select(Survive).ToList();

        Assert.Equal([8, 16], outcomes.Distinct());
        Assert.True(outcomes.Count > 5);
    }

    [Fact]
    public void A_crash_while_training_resumes()
    {
        _store.Ingest(Rows);

        Assert.All(Photograph(() => _store.Train()), picture => Assert.Equal(16, Survive(picture)));
    }

    [Theory]
    [InlineData(ForgetPolicy.Fallback)]
    [InlineData(ForgetPolicy.Exclude)]
    [InlineData(ForgetPolicy.Suspend)]
    public void A_crash_while_forgetting_loses_no_acknowledged_request_and_serves_nothing_forgotten(ForgetPolicy policy)
    {
        _store.Ingest(Rows);
        _store.Train();
        var request = _store.Request("item-00003", "item-00004") with { Policy = policy, Spans = [new ItemSpan("item-00006", new TextSpan(1, 3))] };

        var outcomes = Photograph(() =>
        {
            _store.Receive(request);
            _store.Train();
        }).Select(Survive).ToList();

        // Before the receipt was durable nobody was told of it; from then on it is served.
        Assert.Equal([16, 14], outcomes.Distinct());
        Assert.True(outcomes.Count > 15);
    }

    [Fact]
    public void A_crash_while_recovering_is_recovered_from()
    {
        _store.Ingest(Rows);
        _store.Train();
        new Forgetter(_store.Store).Receive(_store.Request("item-00003"));
        File.WriteAllText(Path.Combine(_store.Store.Layout.Scratch, "left-over"), "x");

        Assert.All(Photograph(() => new Recovery(_store.Store).Run(TimeSpan.Zero)), picture => Assert.Equal(15, Survive(picture)));
    }

    public void Dispose()
    {
        _cameras.ForEach(camera => camera.Dispose());
        _store.Dispose();
    }

    private List<string> Photograph(Action work)
    {
        var camera = new CrashCamera(_store.Store);
        work();
        camera.Stop();
        camera.Take();
        _store.CheckInvariants();
        _cameras.Add(camera);
        return [.. camera.Pictures];
    }

    // Recovers a picture twice and brings it up to date. Answers how many items it holds in the end.
    private int Survive(string picture)
    {
        using var store = Store.Open(picture, _store.Clock);
        new Recovery(store).Run(TimeSpan.Zero);
        StoreInvariants.Check(picture, isAtRest: true);
        var once = Describe(picture);
        Assert.Equal(new RecoveryReport(0, 0, 0), new Recovery(store).Run(TimeSpan.Zero));
        Assert.Equal(once, Describe(picture));

        new Reconciler(store, new FakeTrainer()).BringUpToDate(TimeSpan.Zero);
        StoreInvariants.Check(picture, isAtRest: true);
        Assert.All(store.Manifest.Requests.All(), r => Assert.Equal(RequestState.Purged, r.State));
        Assert.False(store.Manifest.Settings.IsSuspended);

        var ids = StoreFiles.Rows(picture, "SELECT id FROM item ORDER BY id").Select(r => (string)r[0]).ToArray();
        Assert.Empty(StoreAssert.Differences(Expected(ids, store.Manifest.Requests.AllCuts()), StoreFiles.Checkpoints(picture)));
        return ids.Length;
    }

    private IReadOnlyDictionary<Placement, byte[]> Expected(string[] ids, IReadOnlyDictionary<string, CutRanges> cuts)
    {
        var key = string.Join(' ', ids) + string.Join(' ', cuts.Keys);
        if (!_expected.TryGetValue(key, out var checkpoints))
        {
            TestRow[] rows = [.. Rows.Where(r => ids.Contains(r.Id)).Select(r => cuts.TryGetValue(r.Id, out var cut) ? r with { Text = new CutRanges([]).Apply(r.Text, cut) } : r)];
            _expected.Add(key, checkpoints = FromScratch.Checkpoints(_store.Store.Recipe, _store.Store.Key, rows));
        }

        return checkpoints;
    }

    // Everything that a store is: its files with their sizes, and its rows.
    private static string Describe(string store)
    {
        var text = new StringBuilder();
        foreach (var file in StoreFiles.All(store).Where(f => !f.StartsWith("manifest.db", StringComparison.Ordinal)))
        {
            text.AppendLine(file);
        }

        foreach (var table in new[] { "setting", "item", "slice", "checkpoint", "bundle", "request", "target", "tombstone", "cut", "garbage" })
        {
            foreach (var row in StoreFiles.Rows(store, $"SELECT * FROM {table}"))
            {
                text.AppendLine(string.Join('|', row.Select(v => v is byte[] bytes ? Convert.ToHexString(bytes) : v)));
            }
        }

        return text.ToString();
    }
}

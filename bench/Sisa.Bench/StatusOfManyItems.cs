using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Models;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>What it costs to take the state of a store of ten million items, of which a hundred thousand were forgotten before, in a thousand requests, and to open it first.</summary>
/// <remarks>A hundred of the requests are open. Slices have their rows in the manifest and no files, which the state does not look at.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
public class StatusOfManyItems
{
    private const int Requests = 1_000;
    private const int ItemsPerRequest = 100;

    private string _folder = null!;
    private Store _store = null!;

    /// <summary>Items of the store.</summary>
    [Params(1_000_000, 10_000_000)]
    public int Items { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        var root = Path.Combine(_folder, "store");
        Make(root, Items);

        // Opening brings the log's file up to date, and the next entry remembers so.
        _store = Store.Open(root);
        _store.Manifest.Write(_store.RecordExport);
    }

    [GlobalCleanup]
    public void Free()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public long State() => StatusReport.Of(_store).Items;

    [Benchmark]
    public long Open_and_state()
    {
        using var store = Store.Open(_store.Layout.Root);
        return StatusReport.Of(store).Items;
    }

    // The manifest alone: what a corpus costs here is its rows.
    private static void Make(string root, int items)
    {
        var recipe = new Recipe { Labels = ["a", "b"], Model = new TextClassifierOptions(), Ensemble = new EnsembleOptions { Shards = 20, Slices = 10 } };
        using var store = Store.Create(root, recipe);
        using (var rows = new SqliteConnection($"Data Source={store.Manifest.FilePath};Pooling=False"))
        {
            rows.Open();
            using var command = rows.CreateCommand();
            command.CommandText = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $items) INSERT INTO item SELECT printf('item-%08d', i), NULL, i % 20, 1 + i % 10, NULL FROM n";
            command.Parameters.AddWithValue("$items", items);
            command.CommandTimeout = 0;
            command.ExecuteNonQuery();
        }

        var places = store.Assignment.Placements.ToArray();
        store.Manifest.Write(() =>
        {
            foreach (var place in places)
            {
                store.Manifest.Slices.Set(new SliceRow(place, $"slices/{place}", new Checkpoints.SliceRoot(Digest.Of([(byte)place.Shard.Value, (byte)place.Slice.Value]), items / places.Length)));
            }

            for (var i = 0; i < Requests; i++)
            {
                Receive(store, i);
            }
        });
    }

    private static void Receive(Store store, int request)
    {
        var isOpen = request % 10 == 0;
        var number = store.Manifest.Requests.Add(new RequestRow
        {
            Id = $"case-{request:0000}",
            State = isOpen ? RequestState.FallbackPublished : RequestState.Certified,
            Reason = ForgetReason.Privacy,
            Policy = ForgetPolicy.Fallback,
            Received = store.Now,
            Due = store.Now.AddDays(30),
            Completed = isOpen ? null : store.Now,
            Content = Digest.Of([]),
            Summary = new RequestSummary { Items = ItemsPerRequest, Subjects = 1, Shards = 1, PredictedVisits = 100, FullVisits = 10_000 },
        });
        LogMark[] marks = [.. Enumerable.Range(0, ItemsPerRequest).Select(i => new LogMark("item", store.Marks.Item($"gone-{request}-{i}")))];
        store.Manifest.Requests.AddTombstones(marks.Select(m => (m.Mark, m.Kind, number)));
        store.Manifest.Log.Add(new LogEntry { Event = LogEvent.Received, At = store.Now, Epoch = 1, Request = $"case-{request:0000}", Reason = ForgetReason.Privacy, Due = store.Now.AddDays(30), Marks = marks }.ToLine());
    }
}

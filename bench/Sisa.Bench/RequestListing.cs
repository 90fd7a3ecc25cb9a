using BenchmarkDotNet.Attributes;
using Sisa.Engine.Reporting;
using Sisa.Forgetting;
using Sisa.Models;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>What it costs to list requests among a hundred thousand, and to take the state of a store that holds them.</summary>
/// <remarks>Every tenth request is open, and a third of those is overdue.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
public class RequestListing
{
    private const int Requests = 100_000;

    private string _folder = null!;
    private Engine.Stores.Store _store = null!;

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        _store = Engine.Stores.Store.Create(Path.Combine(_folder, "store"), new Recipe { Labels = ["a", "b"], Model = new TextClassifierOptions() });
        var now = _store.Now;
        _store.Manifest.Write(() =>
        {
            for (var i = 0; i < Requests; i++)
            {
                var isOpen = i % 10 == 0;
                _store.Manifest.Requests.Add(new RequestRow
                {
                    Id = $"case-{i:000000}",
                    State = isOpen ? RequestState.FallbackPublished : RequestState.Certified,
                    Reason = ForgetReason.Privacy,
                    Policy = ForgetPolicy.Fallback,
                    Received = now.AddDays(-i % 45),
                    Due = now.AddDays(30 - (i % 45)),
                    Completed = isOpen ? null : now,
                    Epoch = 1,
                    Content = Digest.Of([]),
                    Summary = new RequestSummary { Items = 2, Subjects = 1, Shards = 1, PredictedVisits = 100, FullVisits = 10_000, Visits = 100, Seconds = 3, Purge = new PurgeReport(1, 2, 3, 4, 5, 6, 7) },
                });
            }
        });
    }

    [GlobalCleanup]
    public void Free()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public long First_page() => RequestListReport.Of(_store, new RequestFilter()).Total;

    [Benchmark]
    public long Open_requests() => RequestListReport.Of(_store, new RequestFilter { States = RequestFilter.Open }).Total;

    [Benchmark]
    public long Overdue_requests() => RequestListReport.Of(_store, new RequestFilter { States = RequestFilter.Open, Overdue = true }).Total;

    [Benchmark]
    public long A_page_in_the_middle() => RequestListReport.Of(_store, new RequestFilter { After = _store.Manifest.Requests.Find("case-050000") }).Total;

    [Benchmark]
    public long State_of_the_store() => StatusReport.Of(_store).MoreRequests;
}

using BenchmarkDotNet.Attributes;
using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Models;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>What the certificates of a list cost: two signed statements, two entries of the evidence log and two durable files a request.</summary>
/// <remarks>The requests are recorded as purged, two items each. Every run has a store of its own, of four shards and four slices, which the form for auditors names.</remarks>
[WarmupCount(1)]
[IterationCount(3)]
public class CertifyingList
{
    private string _folder = null!;
    private Engine.Stores.Store _store = null!;

    /// <summary>Requests of the list.</summary>
    [Params(1_000, 50_000)]
    public int Requests { get; set; }

    [IterationSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        var recipe = new Recipe { Labels = ["a", "b"], Model = new TextClassifierOptions(), Ensemble = new EnsembleOptions { Shards = 4, Slices = 4 } };
        _store = Engine.Stores.Store.Create(Path.Combine(_folder, "store"), recipe, passphrase: string.Empty);
        var now = _store.Now;
        _store.Manifest.Write(() =>
        {
            for (var i = 0; i < Requests; i++)
            {
                var number = _store.Manifest.Requests.Add(new RequestRow
                {
                    Id = $"case-{i:000000}",
                    State = RequestState.Purged,
                    Reason = ForgetReason.Privacy,
                    Policy = ForgetPolicy.Fallback,
                    Received = now,
                    Due = now.AddDays(30),
                    Completed = now,
                    Epoch = 1,
                    Content = Digest.Of([]),
                    Summary = new RequestSummary { Items = 2, Subjects = 1, Shards = 1, PredictedVisits = 100, FullVisits = 10_000, Visits = 100, Seconds = 3, Purge = new PurgeReport(1, 2, 3, 4, 5, 6, 7) },
                });
                var code = RequesterCopy.NewCode();
                _store.Manifest.Certificates.SetCommitments(number, [CommittedItem.Of(code, "one", null).Commitment(), CommittedItem.Of(code, "other", null).Commitment()]);
            }
        });
    }

    [IterationCleanup]
    public void Free()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public int Certify() => new Certification(_store, StoredKeys.InTheClear, TimeSpan.Zero).Run().Requests.Count;
}

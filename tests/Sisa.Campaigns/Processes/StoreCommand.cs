using Sisa.Engine.Auditing;
using Sisa.Engine.Certifying;
using Sisa.Engine.Finding;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Serving.Exporting;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Storage.Files;
using Sisa.TestKit;

namespace Sisa.Campaigns.Processes;

/// <summary>A verb of the product on a store of the fake trainer, as the command line does it: what one of two processes does.</summary>
/// <param name="store">An opening of its own.</param>
/// <param name="side">Which of the two: decides what it ingests, names and forgets.</param>
internal sealed class StoreCommand(Store store, int side)
{
    /// <summary>Items that a store begins with.</summary>
    public const int Items = 24;

    /// <summary>Items that an ingestion brings.</summary>
    public const int Added = 4;

    // As long as the other may take; a command that waits is a command that is not refused.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Every verb.</summary>
    public static IReadOnlyList<string> Verbs { get; } = ["ingest", "train", "forget", "defer", "recover", "verify", "predict", "evaluate", "export", "status", "certificate", "rotate", "find", "audit"];

    /// <summary>Rows that a side ingests.</summary>
    public static TestRow[] Rows(int side) => TestRow.Many(Added, authors: 8, from: 100 * (side + 1));

    /// <summary>Items that a side forgets; both name one of them.</summary>
    public static string[] Forgotten(int side) => ["item-00005", side == 0 ? "item-00002" : "item-00009"];

    /// <summary>Name of a side's request.</summary>
    public static string Request(int side) => $"r{side}";

    /// <summary>Does it.</summary>
    /// <returns>What was acknowledged: <c>done</c>, or <c>no</c> where the answer is no.</returns>
    /// <exception cref="SisaException">It was refused; nothing was acknowledged.</exception>
    public string Do(string verb)
    {
        new BundlePublisher(store).PublishFallbacks();
        switch (verb)
        {
            case "ingest":
                using (var beside = new TempFolder())
                {
                    new Ingestor(store).Ingest([TestRow.Write(beside["rows.jsonl"], Rows(side))], new IngestOptions { Patience = Patience });
                }

                break;
            case "train":
                Train();
                break;
            case "forget":
                Receive(null);
                Train();
                break;
            case "defer":
                Receive(store.Now.AddDays(1));
                break;
            case "recover":
                new Recovery(store).Run(Patience);
                Certify(mends: true);
                var faults = new StoreCheck(store).Run(Patience);
                CampaignCase.Demand(faults.Count == 0, $"recover complains: {string.Join('\n', faults)}");
                break;
            case "verify":
                return Verify();
            case "predict":
                return Answer(times: 5);
            case "evaluate":
                return Answer(times: 1);
            case "export":
                return Export();
            case "status":
                Engine.Reporting.StatusReport.Of(store);
                break;
            case "certificate":
                ReadCertificates();
                break;
            case "rotate":
                using (StoreLock.Acquire(store.Layout, Patience))
                {
                    KeyRing.Rotate(store, side == 0 ? KeyRing.CertificateName : KeyRing.LogName, string.Empty);
                }

                break;
            case "find":
                return Find();
            case "audit":
                using (var beside = new TempFolder())
                {
                    AuditExport.Write(store, beside["audit"], AuditContent.Records, new HandoutGuide("sisa audit export", "sisa verify --rerun --bundle THIS_FOLDER"), Patience);
                    CampaignCase.Demand(AuditBundle.Open(beside["audit"]).CheckItems([]) is [], "What was handed out to an auditor does not agree with itself.");
                }

                break;
            default:
                throw new ArgumentException($"There is no verb '{verb}'.", nameof(verb));
        }

        return "done";
    }

    private void Receive(DateTimeOffset? waits)
    {
        var forgetter = new Forgetter(store);
        var outcome = forgetter.Receive(new ForgetRequest { Id = Request(side), Items = Forgotten(side) }, waits);
        if (outcome.Recorded is { State: RequestState.Received } recorded)
        {
            new BundlePublisher(store).PublishFallbacks([recorded.Number]);
        }
    }

    private void Train()
    {
        new Reconciler(store, new FakeTrainer()).BringUpToDate(Patience);
        Certify(mends: false);
    }

    private void Certify(bool mends)
    {
        if (Certifier.IsNeeded(store) || (mends && Certifier.IsDamaged(store)))
        {
            using var keys = KeyRing.Open(store.Layout, () => string.Empty);
            new Certifier(store, keys, Patience).Run();
        }
    }

    private string Verify()
    {
        if (store.Manifest.Requests.Pending().Any(r => r.State < RequestState.Published))
        {
            return "no";
        }

        using var scratch = new TempFolder();
        var report = new Rerun(store, new FakeTrainer()).Run(RerunSource.Slices, scratch["rerun"], Patience);
        if (report.IsVerified)
        {
            return "done";
        }

        // What came in or was named meanwhile is not trained yet, and says so; nothing else may differ.
        var other = report.Faults.Where(fault => !fault.Contains("that a request forgets", StringComparison.Ordinal) && !fault.Contains(" was forgotten", StringComparison.Ordinal) && !fault.Contains("was not trained on the current slices", StringComparison.Ordinal)).ToArray();
        CampaignCase.Demand(other.Length == 0 && report.Comparisons.All(c => c.IsEqual || c.Recorded is null), $"verify finds: {string.Join('\n', other)} {string.Join(' ', report.Comparisons.Where(c => !c.IsEqual))}");
        return "no";
    }

    // As 'predict' and 'evaluate' do it: one moment of the manifest, then the files; where one is gone, its successor is published by then.
    private string Answer(int times)
    {
        for (var question = 0; question < times; question++)
        {
            for (var attempt = 1; ; attempt++)
            {
                var (epoch, isSuspended, served) = store.Manifest.Read(() => (store.Manifest.Settings.Epoch, store.Manifest.Settings.IsSuspended, Served()));
                try
                {
                    served.ForEach(c => CheckpointFile.Read(store.Layout.Absolute(c.File), c.Digest).Dispose());
                    break;
                }
                catch (StoreException) when (attempt < 4 && store.Manifest.Settings.Epoch != epoch)
                {
                    CampaignCase.Demand(!isSuspended, "Nobody suspends here.");
                }
            }
        }

        return "done";
    }

    // An item that neither side forgets, and a phrase that every text has: whatever is rewritten meanwhile, they are found or the search is refused.
    private string Find()
    {
        var finder = new Finder(store);
        CampaignCase.Demand(finder.Phrase(" says number ", MatchKind.Exact).Found.Count >= Items - Forgotten(0).Union(Forgotten(1)).Count() - 1, "A phrase that every text has is not found everywhere.");
        finder.Duplicates(["item-00011"], MatchKind.Near);
        return "done";
    }

    private List<Checkpoints.CheckpointRecord> Served()
    {
        var served = store.Manifest.Bundle.Served();
        return [.. store.Manifest.Checkpoints.All().Where(c => served.TryGetValue(c.Place.Shard, out var digest) && digest == c.Digest)];
    }

    private string Export()
    {
        using var beside = new TempFolder();
        EnsembleExport.Write(store, beside["out"], new HandoutGuide("sisa export", "sisa predict --from THIS_FOLDER"));
        return "done";
    }

    private void ReadCertificates()
    {
        foreach (var request in StoreCertificates.Requests(store).Where(id => File.Exists(StoreCertificates.PathOf(store, id))))
        {
            var found = StoreCertificates.Check(store, request);
            CampaignCase.Demand(found.IsValid, $"The certificate of {request} does not hold: {string.Join(' ', found.Faults)}");
        }
    }

    /// <summary>The recipe of the stores.</summary>
    public static Training.Recipe Recipe { get; } = SmallRecipes.Text(2, 2);

    /// <summary>Their assignment key.</summary>
    public static AssignmentKey Key { get; } = SmallRecipes.Key(5);
}

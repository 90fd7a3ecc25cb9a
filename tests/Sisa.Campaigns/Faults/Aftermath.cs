using System.Collections.Concurrent;
using Sisa.Checker;
using Sisa.Engine;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Faults;

/// <summary>What must hold after harm was done to a command: checked as it lies, recovered twice, brought up to date, and compared with a store made from scratch.</summary>
/// <param name="scene">What was harmed.</param>
/// <param name="folder">Its store.</param>
/// <param name="context">What is counted.</param>
public sealed class Aftermath(Scene scene, string folder, CampaignCase context)
{
    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<Placement, byte[]>> Expected = new(StringComparer.Ordinal);

    private readonly StoreMemory _memory = scene.Memory.Copy();

    /// <summary>Takes in what the command acknowledged before it ended.</summary>
    /// <param name="output">Its standard output.</param>
    public void Acknowledge(string output)
    {
        if (output.Contains("received later\n", StringComparison.Ordinal))
        {
            _memory.Requests["later"] = "received";
            foreach (var id in scene.Forgotten)
            {
                _memory.Forgotten[id] = "later";
            }
        }

        if (output.Contains("done\n", StringComparison.Ordinal))
        {
            _memory.Items.UnionWith(scene.Ingested);
            if (scene.Forgotten.Count > 0)
            {
                _memory.Requests["later"] = "certified";
            }
        }
    }

    /// <summary>Checks everything.</summary>
    public void Survive()
    {
        if (!IsMade())
        {
            // What an interrupted init leaves, the next one replaces.
            CampaignCase.Demand(scene.Memory.Heads.Count == 0, "The store counts as one that was never finished.");
            Subject.Init(folder);
        }

        Check(new CheckOptions { Memory = _memory }, "right after");
        if (scene.Forgotten.Count > 0)
        {
            context.Count($"{scene.Name}: request {StoreFiles.Rows(folder, "SELECT state FROM request WHERE id = 'later'").Select(r => r[0]).SingleOrDefault() ?? "not received"} when it was cut off");
        }

        using (var store = Store.Open(folder, new TestClock()))
        {
            Recover(store);
            Check(new CheckOptions { Memory = _memory, IsAtRest = true, IsCertified = Keys(store) }, "recovered");
            var once = StoreState.Describe(folder);
            Recover(store);
            var twice = StoreState.Describe(folder);
            CampaignCase.Demand(once == twice, $"I10: recovering twice changed something:\n{Difference(once, twice)}");
            if (store.Manifest.Items.Count > 0)
            {
                Subject.Train(store);
            }
        }

        Finish();
    }

    /// <summary>Checks a store on which the command was finished.</summary>
    public void Finish()
    {
        using var store = Store.Open(folder, new TestClock());
        if (store.Manifest.Items.Count == 0)
        {
            return;
        }

        Check(new CheckOptions { Memory = _memory, IsAtRest = true, IsUpToDate = true, IsCertified = Keys(store) }, "up to date");
        var ids = store.Manifest.Items.Every().Select(row => row.Id).Order(StringComparer.Ordinal).ToArray();
        var differences = StoreAssert.Differences(FromNothing(ids, store.Manifest.Requests.AllCuts()), StoreFiles.Checkpoints(folder));
        CampaignCase.Demand(differences.Count == 0, $"Other bytes than from scratch: {string.Join(", ", differences)}.");
    }

    private static bool Keys(Store store) => Engine.Evidence.KeyRing.Exists(store.Layout);

    private bool IsMade() => Storage.Manifest.SqliteManifest.IsFinished(new Storage.Files.StoreLayout(folder));

    private static void Recover(Store store)
    {
        new Recovery(store).Run(TimeSpan.Zero);
        Subject.Certify(store);
    }

    private void Check(CheckOptions options, string when)
    {
        var report = StoreChecker.Check(folder, options);
        CampaignCase.Demand(report.Faults.Count == 0, $"{when}: {string.Join("; ", report.Faults)}");
        CampaignCase.Demand(report.UnknownRoots == 0, $"{when}: {report.UnknownRoots} slices of lineages are unknown.");
    }

    private static IReadOnlyDictionary<Placement, byte[]> FromNothing(string[] ids, IReadOnlyDictionary<string, CutRanges> cuts) => Expected.GetOrAdd(
        $"{string.Join(' ', ids)} {string.Join(' ', cuts.Keys)}",
        _ => FromScratch.Checkpoints(Scene.Recipe, SmallRecipes.Key(), [.. ids.Select(Scene.Row).Select(r => cuts.TryGetValue(r.Id, out var cut) ? r with { Text = new CutRanges([]).Apply(r.Text, cut) } : r)]));

    private static string Difference(string once, string twice) =>
        string.Join('\n', once.Split('\n').Except(twice.Split('\n')).Select(line => $"- {line}").Concat(twice.Split('\n').Except(once.Split('\n')).Select(line => $"+ {line}")));
}

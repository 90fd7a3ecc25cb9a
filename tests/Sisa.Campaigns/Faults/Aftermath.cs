using Sisa.Checker;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Campaigns.Faults;

/// <summary>What must hold after harm was done to a command: checked as it lies, recovered twice, brought up to date, and compared with a store made from scratch.</summary>
/// <param name="scene">What was harmed.</param>
/// <param name="folder">Its store.</param>
/// <param name="context">What is counted.</param>
public sealed class Aftermath(Scene scene, string folder, CampaignCase context)
{
    private const int DataFault = 65;

    private readonly StoreMemory _memory = scene.Memory.Copy();

    /// <summary>Takes in what the command acknowledged before it ended.</summary>
    /// <param name="said">All that it said.</param>
    /// <param name="isDone">Whether it ended well.</param>
    public void Acknowledge(string said, bool isDone)
    {
        if (scene.Product.HasReceived(said))
        {
            _memory.Requests["later"] = "received";
            foreach (var id in scene.Forgotten)
            {
                _memory.Forgotten[id] = "later";
            }
        }

        if (isDone)
        {
            _memory.Items.UnionWith(scene.Ingested);
            if (scene.Forgotten.Count > 0)
            {
                _memory.Requests["later"] = "certified";
            }
        }
    }

    /// <summary>Runs the command again, with nothing in its way.</summary>
    /// <param name="isUnknown">Whether the manifest's last transaction was refused when it was written already, so that nobody can say whether the disk
    /// has it: then the command may find that all is done.</param>
    public void Repeat(bool isUnknown)
    {
        var result = scene.Product.Repeat(folder, scene.Command(folder));
        var isDone = isUnknown && result.ExitCode == DataFault && result.Errors.Contains(" already.", StringComparison.Ordinal);
        CampaignCase.Demand(result.ExitCode == 0 || isDone, $"The same command again ends with {result.ExitCode}: {result.Errors}");
        if (isDone)
        {
            context.Count("refused by a disk that had done it: the repetition finds it there already");
        }

        Acknowledge(result.Said, isDone: true);
    }

    /// <summary>Checks what the command left, before anything else touches it.</summary>
    public void Look()
    {
        if (IsMade())
        {
            Check(new CheckOptions { Memory = _memory }, "right after");
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

        Look();
        if (scene.Forgotten.Count > 0)
        {
            context.Count($"{scene.Name}: request {StoreFiles.Rows(folder, "SELECT state FROM request WHERE id = 'later'").Select(r => r[0]).SingleOrDefault() ?? "not received"} when it was cut off");
        }

        scene.Product.Recover(folder);
        Check(new CheckOptions { Memory = _memory, IsAtRest = true, IsCertified = true }, "recovered");
        var once = StoreState.Describe(folder);
        scene.Product.Recover(folder);
        var twice = StoreState.Describe(folder);
        CampaignCase.Demand(once == twice, $"I10: recovering twice changed something:\n{Difference(once, twice)}");
        if (StoreFiles.Rows(folder, "SELECT 1 FROM item LIMIT 1").Count == 0)
        {
            return;
        }

        scene.Product.Train(folder);
        Check(new CheckOptions { Memory = _memory, IsAtRest = true, IsUpToDate = true, IsCertified = true }, "up to date");
        var differences = scene.Product.Differences(folder);
        CampaignCase.Demand(differences.Count == 0, $"Other bytes than from scratch: {string.Join(", ", differences)}.");
    }

    private bool IsMade() => SqliteManifest.IsFinished(new StoreLayout(folder));

    private void Check(CheckOptions options, string when)
    {
        var report = StoreChecker.Check(folder, options);
        CampaignCase.Demand(report.Faults.Count == 0, $"{when}: {string.Join("; ", report.Faults)}");
        CampaignCase.Demand(report.UnknownRoots == 0, $"{when}: {report.UnknownRoots} slices of lineages are unknown.");
    }

    private static string Difference(string once, string twice) =>
        string.Join('\n', once.Split('\n').Except(twice.Split('\n')).Select(line => $"- {line}").Concat(twice.Split('\n').Except(once.Split('\n')).Select(line => $"+ {line}")));
}

using System.Globalization;
using System.Text;
using Sisa.Bench.Studies;

namespace Sisa.Campaigns;

/// <summary>The table of all campaigns, with the machine in its caption.</summary>
public static class CampaignTable
{
    /// <summary>Writes <c>campaigns.md</c> into the folder of this machine's results.</summary>
    /// <param name="folder">Where the progress of each campaign is kept.</param>
    /// <returns>Whether no campaign has a fault.</returns>
    public static bool Write(string folder)
    {
        var rows = CampaignList.All.Select(campaign => (Campaign: campaign, Progress: Progress.Read(Path.Combine(folder, campaign.Name + ".json")))).ToArray();
        var text = new StringBuilder()
            .AppendLine("# Campaigns: harm done to stores, and what held")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Machine: {Machine.Name}; {Machine.Versions}.")
            .AppendLine("Command: `./build.sh campaign all`; counts are sums over all runs, kept in `campaigns/`. A fault is listed below until its case has passed again.")
            .AppendLine()
            .AppendLine("| campaign | what | cases | goal | faults | seconds | last run |")
            .AppendLine("| --- | --- | ---: | ---: | ---: | ---: | --- |");
        foreach (var (campaign, progress) in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {campaign.Name} | {campaign.What} | {progress.Next:N0} | {campaign.Goal:N0} | {progress.Faults.Count} | {progress.Seconds:N0} | {progress.Day:yyyy-MM-dd} |");
        }

        foreach (var (campaign, progress) in rows)
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {campaign.Name}").AppendLine();
            foreach (var (what, times) in progress.Counts)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- {what}: {times:N0}");
            }

            foreach (var (number, fault) in progress.Faults)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- **fault** in case {number}: {fault.ReplaceLineEndings(" ")}");
            }
        }

        var path = Path.Combine(Machine.Results, "campaigns.md");
        Directory.CreateDirectory(Machine.Results);
        File.WriteAllText(path, text.ToString());
        Console.WriteLine($"Written to {Path.GetRelativePath(Machine.Root, path)}");
        return rows.All(row => row.Progress.Faults.Count == 0);
    }
}

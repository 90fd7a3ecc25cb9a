using System.Globalization;
using Sisa.Bench.Studies;
using Sisa.Campaigns;
using Sisa.Campaigns.Faults;
using Sisa.Campaigns.Processes;

if (args is ["subject", .. var subject])
{
    return Subject.Run(subject, Console.Out, Console.Error);
}

if (args is ["side", .. var side])
{
    return TwoProcessesCampaign.Side(side, Console.Out);
}

var folder = Path.Combine(Machine.Results, "campaigns");
switch (args)
{
    case ["table"]:
        break;
    case [var name, .. var rest] when CampaignList.All.Where(c => name == "all" || c.Name == name).ToArray() is { Length: > 0 } campaigns:
        foreach (var campaign in campaigns)
        {
            if (campaign.Unavailable is { } reason)
            {
                Console.WriteLine($"{campaign.Name}: skipped. {reason}");
                continue;
            }

            var runner = new CampaignRunner(campaign, folder, Console.Out);
            var progress = rest.Contains("--faults") ? runner.RepeatFaults() : Option(rest, "--case") is { } number ? runner.Repeat((int)number) : runner.Run((int?)Option(rest, "--cases"), Option(rest, "--seconds") ?? double.PositiveInfinity);
            Console.WriteLine($"{campaign.Name}: {progress.Next} cases, {progress.Faults.Count} faults, {progress.Seconds:0} s");
        }

        break;
    default:
        Console.Error.WriteLine("campaign NAME|all [--cases N] [--seconds N] [--case NUMBER] [--faults] · campaign table; NAME is one of:");
        foreach (var campaign in CampaignList.All)
        {
            Console.Error.WriteLine($"  {campaign.Name,-16} {campaign.What}");
        }

        return 2;
}

return CampaignTable.Write(folder) ? 0 : 1;

static double? Option(string[] arguments, string name) =>
    Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? double.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : null;

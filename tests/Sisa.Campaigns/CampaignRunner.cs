using System.Diagnostics;
using Sisa.TestKit.Messages;

namespace Sisa.Campaigns;

/// <summary>Runs a campaign from where it was.</summary>
/// <param name="campaign">What to run.</param>
/// <param name="folder">Where its progress is kept, <c>NAME.json</c>.</param>
/// <param name="output">Where it tells how far it has come.</param>
public sealed class CampaignRunner(Campaign campaign, string folder, TextWriter output)
{
    // A first look; the case itself says more.
    private const int MaxFault = 1_000;

    private string PathOfProgress => Path.Combine(folder, campaign.Name + ".json");

    /// <summary>Runs one case.</summary>
    /// <returns>What it counted, and the fault that it showed, if any.</returns>
    public static (CampaignCase Done, string? Fault) RunCase(Campaign campaign, int number)
    {
        ArgumentNullException.ThrowIfNull(campaign);
        using var context = new CampaignCase();
        MessageWatch.Begin();
        try
        {
            campaign.Run(number, context);
            return MessageWatch.TakeBroken() is { Count: > 0 } broken ? (context, $"Messages break rules:\n{string.Join("\n", broken)}") : (context, null);
        }
#pragma warning disable CA1031 // Whatever a case throws is what it found.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (context, e is CampaignFaultException ? e.Message : e.ToString());
        }
    }

    /// <summary>Runs cases until the goal, a number or a time is reached; each is recorded at once, so that it can be killed at any moment.</summary>
    /// <param name="limit">Last case to run, exclusive; the goal by default.</param>
    /// <param name="seconds">For how long; without end by default.</param>
    /// <returns>Progress over all runs.</returns>
    public Progress Run(int? limit = null, double seconds = double.PositiveInfinity)
    {
        var progress = Progress.Read(PathOfProgress);
        var watch = Stopwatch.StartNew();
        for (var number = progress.Next; number < (limit ?? campaign.Goal) && watch.Elapsed.TotalSeconds < seconds; number++)
        {
            progress = Record(progress, number);
        }

        return progress;
    }

    /// <summary>Runs one case again, and takes its fault off the record where it has none any more.</summary>
    /// <param name="number">Its number.</param>
    public Progress Repeat(int number) => Record(Progress.Read(PathOfProgress), number);

    /// <summary>Runs every case again that has a fault on record.</summary>
    public Progress RepeatFaults()
    {
        var progress = Progress.Read(PathOfProgress);
        foreach (var number in progress.Faults.Keys.ToArray())
        {
            progress = Record(progress, number);
        }

        return progress;
    }

    private Progress Record(Progress progress, int number)
    {
        var start = Stopwatch.GetTimestamp();
        var (done, fault) = RunCase(campaign, number);
        progress = progress.With(number, done, fault?[..Math.Min(fault.Length, MaxFault)], Stopwatch.GetElapsedTime(start).TotalSeconds);
        progress.Write(PathOfProgress);
        if (fault is not null)
        {
            output.WriteLine($"{campaign.Name} {number}: {fault}");
        }

        return progress;
    }
}

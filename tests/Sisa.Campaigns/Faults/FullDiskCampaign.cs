using Sisa.Sharding;

namespace Sisa.Campaigns.Faults;

/// <summary>The disk is full, broken, or out of quota at every change to a file, once or from then on: the command says so or does its work, and works when it is repeated.</summary>
public sealed class FullDiskCampaign : Campaign
{
    private const int InputOutput = 74;

    // Behind the first round over all points.
    private const int EveryShipped = 5;

    private static readonly (string Name, int Errno)[] Errors = [("ENOSPC", FaultPlan.NoSpace), ("EIO", FaultPlan.DeviceError), ("EDQUOT", FaultPlan.NoQuota)];

    // Weighed by how much each can find: an error that comes once, one that stays, one that lies, a write that takes half.
    private static readonly string[] Ways = ["error", "error", "errors", "errors", "late", "short", "shorts"];

    /// <inheritdoc/>
    public override string Name => "full-disk";

    /// <inheritdoc/>
    public override string What => "ENOSPC, EIO, EDQUOT, short writes at every change to a file, once and from then on: exit 74 or done, nothing acknowledged lost, the same command again succeeds";

    /// <inheritdoc/>
    public override int Goal => 1_000;

    /// <inheritdoc/>
    public override string? Unavailable => FaultLibrary.Unavailable;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [20, 250, 340, 450, 500, 600, 700, 750];

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "full disk"));
        var (scene, at) = Point(number, random);
        var (name, errno) = Errors[random.NextInt32(Errors.Length)];
        var way = Ways[random.NextInt32(Ways.Length)];
        var folder = Path.Combine(context.Folder, "store");
        scene.CopyTo(folder);

        var result = scene.Product.Start(folder, new FaultPlan(way, at, errno), scene.Command(folder));

        var harm = way.StartsWith("short", StringComparison.Ordinal) ? $"{way}, change {at}" : $"{way} {name}, change {at}";
        context.Count($"{(way.StartsWith("short", StringComparison.Ordinal) ? "short write" : name)}{(way.EndsWith('s') ? " from then on" : way == "late" ? " after it was done" : string.Empty)}: {(result.ExitCode == 0 ? "done all the same" : "refused")}");
        context.Count(scene.Name);
        CampaignCase.Demand(result.ExitCode is 0 or InputOutput, $"{scene.Name}, {harm}: exit code {result.ExitCode}: {result.Errors}");
        CampaignCase.Demand(
            result.ExitCode == 0 || (result.Errors.Contains("sisa: error: ", StringComparison.Ordinal) && result.Errors.Contains("sisa: hint: ", StringComparison.Ordinal)),
            $"{scene.Name}, {harm}: no clear message: {result.Errors}");
        var aftermath = new Aftermath(scene, folder, context);
        aftermath.Acknowledge(result.Said, result.ExitCode == 0);
        aftermath.Look();
        if (result.ExitCode != 0)
        {
            aftermath.Repeat(result.Errors.Contains("manifest.db", StringComparison.Ordinal));
        }

        aftermath.Survive();
    }

    // Every change of every command in turn, which of the policies a request has is drawn; then some of the program as it is shipped.
    private static (Scene Scene, int At) Point(int number, SeededGenerator random)
    {
        Scene[] scenes = [.. Scene.All.Take(4)];
        var (all, at) = (scenes.Sum(scene => scene.Changes.Count), number);
        if (number >= all && number % EveryShipped == 0)
        {
            var shipped = Scene.Shipped[random.NextInt32(Scene.Shipped.Count)];
            return (shipped, 1 + random.NextInt32(shipped.Changes.Count));
        }

        at %= all;
        foreach (var scene in scenes)
        {
            if (at < scene.Changes.Count)
            {
                return (scene == scenes[^1] ? Scene.All[3 + random.NextInt32(Scene.All.Count - 3)] : scene, at + 1);
            }

            at -= scene.Changes.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(number));
    }
}

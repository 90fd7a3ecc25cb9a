using Sisa.Sharding;

namespace Sisa.Campaigns.Faults;

/// <summary>SIGKILL at every change to a file, and twice: once in the command, once in the recovery from it.</summary>
public sealed class KillCampaign : Campaign
{
    // What recovery and training after it do at most, about.
    private const int ChangesOfRecovery = 120;

    // Requests under the three policies are the last scenes, and differ by a row.
    private const int FirstPolicy = 3;

    // Starting the program with its workers and libtorch costs as much as ten runs of the engine.
    private const int EveryShipped = 20;

    /// <inheritdoc/>
    public override string Name => "kill";

    /// <inheritdoc/>
    public override string What => "SIGKILL before every change to a file and in the middle of every write, and again in the recovery";

    /// <inheritdoc/>
    public override int Goal => 2_800;

    /// <inheritdoc/>
    public override string? Unavailable => FaultLibrary.Unavailable;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [41, 150, 400, 480, 600, 700, 900, 1200, 1500, 2799];

    // Before each change of each command; for one request of the three also in the middle of each write, and behind the last change.
    private static Lazy<IReadOnlyList<(Scene Scene, FaultPlan Plan)>> AllPoints { get; } = new(() =>
    [
        .. Scene.All.SelectMany((scene, i) => Enumerable.Range(1, scene.Changes.Count)
            .SelectMany(at => i < FirstPolicy + 1 && (scene.Changes[at - 1].Data.Length > 1 || at == scene.Changes.Count)
                ? new[] { (scene, FaultPlan.Kill(at)), (scene, FaultPlan.Torn(at)) }
                : [(scene, FaultPlan.Kill(at))])),
    ]);

    private static int Points => AllPoints.Value.Count;

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (scene, plan) = number < Points ? AllPoints.Value[number] : Drawn(number);
        var folder = Path.Combine(context.Folder, "store");
        scene.CopyTo(folder);
        var killed = scene.Product.Start(folder, plan, scene.Command(folder));

        // Of the program as it is shipped it may be a worker that is killed; then the command says so, and that it resumes.
        CampaignCase.Demand(
            killed.IsKilled || killed.ExitCode == 0 || (Scene.Shipped.Contains(scene) && killed.Fired > 0 && killed.Errors.Contains("sisa: error: ", StringComparison.Ordinal)),
            $"{scene.Name}, {plan}: exit code {killed.ExitCode}, {killed.Errors}");
        context.Count($"{scene.Name}: {Describe(killed, plan)}");
        var aftermath = new Aftermath(scene, folder, context);
        aftermath.Acknowledge(killed.Said, killed.ExitCode == 0);
        if (number >= Points && !Scene.Shipped.Contains(scene))
        {
            KillAgain(number, folder, context);
        }

        aftermath.Survive();
    }

    private static string Describe(SubjectResult killed, FaultPlan plan) => killed switch
    {
        { Fired: 0 } => "ended before the point",
        { IsKilled: false } => $"worker killed, exit code {killed.ExitCode}",
        _ => plan.What == "kill" ? "killed before a change" : "killed in the middle or after it",
    };

    private static (Scene Scene, FaultPlan Plan) Drawn(int number)
    {
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "kill twice"));
        var isShipped = (number - Points) % EveryShipped == EveryShipped - 1;
        var scene = isShipped ? Scene.Shipped[random.NextInt32(Scene.Shipped.Count)] : Scene.All[1 + random.NextInt32(Scene.All.Count - 1)];
        var at = 1 + random.NextInt32(scene.Changes.Count);
        return (scene, random.NextInt32(2) == 0 ? FaultPlan.Kill(at) : FaultPlan.Torn(at));
    }

    // Half of them in 'recover', half in 'train', which recovers and goes on.
    private static void KillAgain(int number, string folder, CampaignCase context)
    {
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "kill in recovery"));
        var verb = random.NextInt32(2) == 0 ? "recover" : "train";
        var at = 1 + random.NextInt32(verb == "recover" ? ChangesOfRecovery / 4 : ChangesOfRecovery);
        var again = Scene.All[0].Product.Start(folder, random.NextInt32(2) == 0 ? FaultPlan.Kill(at) : FaultPlan.Torn(at), [verb, folder]);
        CampaignCase.Demand(again.IsKilled || again.ExitCode is 0 or 1, $"{verb} after a kill: exit code {again.ExitCode}, {again.Errors}");
        context.Count(again.IsKilled ? $"killed again in {verb}: pairs" : $"{verb} ended before it could be killed again");
    }
}

using Sisa.Sharding;

namespace Sisa.Campaigns.Faults;

/// <summary>SIGKILL at every change to a file, and twice: once in the command, once in the recovery from it.</summary>
public sealed class KillCampaign : Campaign
{
    // What recovery and training after it do at most, about.
    private const int ChangesOfRecovery = 120;

    // Starting the program with its workers and libtorch costs as much as ten runs of the engine.
    private const int EveryShipped = 20;

    /// <inheritdoc/>
    public override string Name => "kill";

    /// <inheritdoc/>
    public override string What => "SIGKILL before and in the middle of every change to a file, and again in the recovery";

    /// <inheritdoc/>
    public override int Goal => 3_600;

    /// <inheritdoc/>
    public override string? Unavailable => FaultLibrary.Unavailable;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [0, 41, 150, 333, 512, 700, 901, 1200, 2999];

    // Before each change, and in its middle.
    private static int Points => Scene.All.Sum(scene => 2 * scene.Changes);

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (scene, plan) = number < Points ? Point(number) : Drawn(number);
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

    private static (Scene Scene, FaultPlan Plan) Point(int number)
    {
        foreach (var scene in Scene.All)
        {
            if (number < 2 * scene.Changes)
            {
                var at = 1 + (number / 2);
                return (scene, number % 2 == 0 ? FaultPlan.Kill(at) : FaultPlan.Torn(at));
            }

            number -= 2 * scene.Changes;
        }

        throw new ArgumentOutOfRangeException(nameof(number));
    }

    private static (Scene Scene, FaultPlan Plan) Drawn(int number)
    {
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "kill twice"));
        var isShipped = (number - Points) % EveryShipped == EveryShipped - 1;
        var scene = isShipped ? Scene.Shipped[random.NextInt32(Scene.Shipped.Count)] : Scene.All[1 + random.NextInt32(Scene.All.Count - 1)];
        var at = 1 + random.NextInt32(scene.Changes);
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

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Sisa.Campaigns.Real;
using Sisa.Checker;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Processes;

/// <summary>Asks the program as shipped to end, at any moment of any command, and gives the same command again.</summary>
public sealed class TerminateCampaign : Campaign
{
    private const double PatienceSeconds = 10;
    private const int ByTheSystem = 128 + 15;

    private static readonly string[][] Commands =
    [
        ["ingest", "more.jsonl"],
        ["train"],
        ["forget", "--item", "item-00003", "item-00017", "--request-id", "r"],
        ["forget", "--subject", "author-004"],
        ["forget", "--item", "item-00005", "--defer", "--request-id", "r"],
        ["verify", "--rerun"],
        ["predict", "corpus.jsonl"],
        ["evaluate", "corpus.jsonl"],
        ["recover"],
        ["export", "out"],
    ];

    // Undisturbed: how long it takes, and what the store comes to.
    private static readonly ConcurrentDictionary<int, (double Seconds, string Checkpoints)> Undisturbed = new();

    /// <inheritdoc/>
    public override string Name => "terminate";

    /// <inheritdoc/>
    public override string What => "SIGTERM to the program as shipped at a random moment: it ends within 10 s, interrupted or done, and the same command given again comes to what it comes to undisturbed";

    /// <inheritdoc/>
    public override int Goal => 200;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [1, 2];

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        var command = Commands[number % Commands.Length];
        var (seconds, expected) = Undisturbed.GetOrAdd(number % Commands.Length, _ => Measure(command));
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "terminate"));
        var after = seconds * random.NextInt32(1000) / 1000;
        var real = Begin(command, context.Folder);
        var before = StoreState.Describe(real.Path);
        SisaAnswer answer;
        using (var run = real.Start(command))
        {
            Thread.Sleep(TimeSpan.FromSeconds(after));
            var watch = Stopwatch.StartNew();
            run.Terminate();
            answer = run.Wait(PatienceSeconds);
            context.Count("milliseconds from the signal to the end, in all", watch.ElapsedMilliseconds);
        }

        var story = $"{answer}, after {after.ToString("0.000", CultureInfo.InvariantCulture)} s";

        // Until the runtime has started, a signal ends a process as it ends any; then it has done nothing.
        var isUnborn = answer.ExitCode == ByTheSystem && answer.Output.Length + answer.Errors.Length == 0 && StoreState.Describe(real.Path) == before;
        CampaignCase.Demand(isUnborn || answer.ExitCode is (int)ExitCode.Done or (int)ExitCode.Resumable, story);
        CampaignCase.Demand(StoreChecker.Check(real.Path).Faults is [], $"{story}: {string.Join('\n', StoreChecker.Check(real.Path).Faults)}");
        context.Count(isUnborn ? $"{command[0]}: before the program could hear of it" : answer.ExitCode == 0 ? $"{command[0]}: done all the same" : $"{command[0]}: interrupted");
        if (answer.ExitCode != 0)
        {
            real.Run(command).Expect(ExitCode.Done);
        }

        CampaignCase.Demand(Checkpoints(real) == expected, $"{story}: the same command again gives\n{Checkpoints(real)}\nundisturbed\n{expected}");
        StoreChecker.Check(real.Path, new CheckOptions { IsAtRest = command[0] is "train" or "recover" }).Demand();
    }

    private static (double Seconds, string Checkpoints) Measure(string[] command)
    {
        using var folder = new TempFolder();
        var real = Begin(command, folder.Path);
        var watch = Stopwatch.StartNew();
        real.Run(command).Expect(ExitCode.Done);
        return (watch.Elapsed.TotalSeconds, Checkpoints(real));
    }

    private static RealStore Begin(string[] command, string folder)
    {
        var real = RealStore.Begin(folder);
        real.NewRows(RealStore.Items, 10);
        if (command[0] is "train")
        {
            real.Run("ingest", "more.jsonl").Expect(ExitCode.Done);
        }

        return real;
    }

    private static string Checkpoints(RealStore real) => string.Join('\n', StoreFiles.Rows(real.Path, "SELECT shard, stage, digest FROM checkpoint ORDER BY shard, stage").Select(row => string.Join(' ', row)));
}

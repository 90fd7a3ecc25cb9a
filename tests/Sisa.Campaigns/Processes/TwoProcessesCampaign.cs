using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Sisa.Checker;
using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Processes;

/// <summary>Two commands at once on one store, every pair of verbs, in many interleavings.</summary>
/// <remarks>Of every twenty rounds over all pairs, the last two run the program as shipped, the four before them two processes with the fake trainer, and the first
/// fourteen two openings in one process, whose statements are held up here and there as the number says: that is cheap, and reaches orders that processes reach by luck alone.</remarks>
public sealed class TwoProcessesCampaign : Campaign
{
    private const int Rounds = 20;
    private const int FirstOfProcesses = 14;
    private const int FirstOfPrograms = 18;

    private static readonly (string First, string Second)[] Pairs =
        [.. StoreCommand.Verbs.SelectMany((first, i) => StoreCommand.Verbs.Skip(i).Select(second => (first, second)))];

    private static readonly Lazy<TempFolder> Template = new(MakeTemplate);

    /// <inheritdoc/>
    public override string Name => "two-processes";

    /// <inheritdoc/>
    public override string What => "two commands at once, every pair of verbs: each is done or refused as busy, no request or row is there twice or lost, epochs and log in order, the bytes of a store made from scratch";

    /// <inheritdoc/>
    public override int Goal => Pairs.Length * Rounds;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [.. Enumerable.Range(0, Pairs.Length).Where(i => i % 3 == 0), (Pairs.Length * FirstOfProcesses) + 1];

    /// <summary>What one of two processes runs: <c>FOLDER VERB SIDE MILLISECONDS</c>.</summary>
    /// <returns>An exit code of the command line.</returns>
    public static int Side(string[] arguments, TextWriter output)
    {
        Thread.Sleep(int.Parse(arguments[3]));
        var (outcome, fault) = Answer(arguments[0], arguments[1], int.Parse(arguments[2]), null);
        output.WriteLine(outcome ?? fault?.ToString());
        return outcome is not null ? 0 : IsBusy(fault) ? (int)ExitCode.Resumable : (int)ExitCode.Internal;
    }

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        var (pair, round) = (Pairs[number % Pairs.Length], number / Pairs.Length % Rounds);
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "two processes"));
        if (round >= FirstOfPrograms)
        {
            new TwoPrograms(context, random).Run(pair.First, pair.Second);
            context.Count("pairs of the program as shipped");
            return;
        }

        var folder = Path.Combine(context.Folder, "store");
        StoreFiles.CopyAsAfterCrash(Template.Value["store"], folder);
        var outcomes = round >= FirstOfProcesses ? AsProcesses(folder, pair, random) : AsOpenings(folder, pair, random);
        context.Count(round >= FirstOfProcesses ? "pairs of processes" : "pairs of openings");
        var story = $"{pair.First}: {Tell(outcomes[0])}\n{pair.Second}: {Tell(outcomes[1])}";
        for (var side = 0; side < 2; side++)
        {
            var (outcome, fault) = outcomes[side];
            CampaignCase.Demand(outcome is not null || IsBusy(fault), story);
            context.Count(outcome is not null ? $"commands: {outcome}" : "commands: refused as busy");
        }

        try
        {
            Check(folder, pair, outcomes);
        }
        catch (Exception e)
        {
            throw new CampaignFaultException($"{story}\n{e}");
        }
    }

    private static string Tell((string? Outcome, Exception? Fault) answer) => answer.Outcome ?? answer.Fault?.ToString() ?? string.Empty;

    private static bool IsBusy(Exception? fault) => fault is StoreBusyException or SqliteException { SqliteErrorCode: 5 or 6 };

    private static (string? Outcome, Exception? Fault) Answer(string folder, string verb, int side, Action<string>? onStatement)
    {
        try
        {
            using var store = Store.Open(folder, new TestClock());
            if (onStatement is not null)
            {
                store.OnStatement(onStatement);
            }

            return (new StoreCommand(store, side).Do(verb), null);
        }
        catch (NotFoundException) when (verb is "export" or "audit")
        {
            // Everything is taken out of service at this moment, or not trained up to date.
            return ("no", null);
        }
#pragma warning disable CA1031 // Whatever it is, it is judged.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (null, e);
        }
    }

    private static (string? Outcome, Exception? Fault)[] AsOpenings(string folder, (string First, string Second) pair, SeededGenerator random)
    {
        var seeds = new[] { random.NextUInt64(), random.NextUInt64() };
        var answers = new (string?, Exception?)[2];
        Thread[] threads =
        [
            .. new[] { pair.First, pair.Second }.Select((verb, side) => new Thread(() =>
            {
                var delays = new SeededGenerator(Seeds.Derive(seeds[side], "delays"));
                Thread.Sleep(delays.NextInt32(15));
                answers[side] = Answer(folder, verb, side, _ => Thread.Sleep(delays.NextInt32(10) == 0 ? delays.NextInt32(5) : 0));
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return answers;
    }

    private static (string? Outcome, Exception? Fault)[] AsProcesses(string folder, (string First, string Second) pair, SeededGenerator random)
    {
        Process[] processes =
        [
            .. new[] { pair.First, pair.Second }.Select((verb, side) => Process.Start(new ProcessStartInfo(
                Path.Combine(AppContext.BaseDirectory, "Sisa.Campaigns"),
                ["side", folder, verb, $"{side}", $"{random.NextInt32(120)}"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!),
        ];
        return
        [
            .. processes.Select(process =>
            {
                var said = process.StandardOutput.ReadToEndAsync();
                var errors = process.StandardError.ReadToEnd();
                process.WaitForExit();
                using (process)
                {
                    return process.ExitCode switch
                    {
                        0 => ((string?)said.Result.Trim(), (Exception?)null),
                        (int)ExitCode.Resumable => (null, new StoreBusyException(said.Result, null)),
                        _ => (null, new CampaignFaultException($"exit code {process.ExitCode}: {said.Result}{errors}")),
                    };
                }
            }),
        ];
    }

    private static void Check(string folder, (string First, string Second) pair, (string? Outcome, Exception? Fault)[] outcomes)
    {
        using (var store = Store.Open(folder, new TestClock()))
        {
            new Recovery(store).Run(TimeSpan.Zero);
            new Reconciler(store, new FakeTrainer()).BringUpToDate(TimeSpan.Zero);
            using var keys = KeyRing.Open(store.Layout, () => string.Empty);
            new Certifier(store, keys, TimeSpan.Zero).Run();
        }

        StoreChecker.Check(folder, new CheckOptions { IsAtRest = true, IsUpToDate = true, IsCertified = true }).Demand();
        var requests = StoreFiles.Rows(folder, "SELECT id FROM request").Select(r => (string)r[0]).ToList();
        HashSet<string> items = [.. TestRow.Many(StoreCommand.Items, authors: 8).Select(r => r.Id)];
        items.Remove("item-00000");
        string[] verbs = [pair.First, pair.Second];
        for (var side = 0; side < 2; side++)
        {
            var isAcknowledged = outcomes[side].Outcome == "done";
            CampaignCase.Demand(verbs[side] is not ("forget" or "defer") || !isAcknowledged || requests.Contains(StoreCommand.Request(side)), $"Request {StoreCommand.Request(side)} was acknowledged and is lost.");
            items.UnionWith(verbs[side] == "ingest" && isAcknowledged ? StoreCommand.Rows(side).Select(r => r.Id) : []);
        }

        for (var side = 0; side < 2; side++)
        {
            items.ExceptWith(requests.Contains(StoreCommand.Request(side)) ? StoreCommand.Forgotten(side) : []);
        }

        var found = StoreFiles.Rows(folder, "SELECT id FROM item").Select(r => (string)r[0]).ToHashSet();
        CampaignCase.Demand(found.SetEquals(items), $"Missing: {string.Join(' ', items.Except(found))}; too many: {string.Join(' ', found.Except(items))}.");
        CheckLog(folder);
        TestRow[] rows = [.. TestRow.Many(StoreCommand.Items, authors: 8).Concat(StoreCommand.Rows(0)).Concat(StoreCommand.Rows(1)).Where(r => items.Contains(r.Id))];
        var differences = StoreAssert.Differences(FromScratch.Checkpoints(StoreCommand.Recipe, StoreCommand.Key, rows), StoreFiles.Checkpoints(folder));
        CampaignCase.Demand(differences.Count == 0, string.Join('\n', differences));
    }

    // Nothing was done twice: one entry of each state of each request, and no epoch that two publications share.
    private static void CheckLog(string folder)
    {
        var entries = StoreFiles.Rows(folder, "SELECT json_extract(line, '$.event'), json_extract(line, '$.request'), json_extract(line, '$.epoch') FROM log_entry ORDER BY number");
        var twice = entries.Where(e => e[1] is string).GroupBy(e => $"{e[1]} {e[0]}").Where(g => g.Count() > (g.Key.EndsWith(" certified", StringComparison.Ordinal) ? 4 : 1) && !g.Key.EndsWith(" failed", StringComparison.Ordinal)).Select(g => g.Key).ToArray();
        CampaignCase.Demand(twice.Length == 0, $"Recorded more than once: {string.Join(", ", twice)}.");
        var epochs = entries.Where(e => e[0] is "fallback-published" or "bundle-published").Select(e => (long)e[2]).Concat(entries.Where(e => e[0] is "published").Select(e => (long)e[2]).Distinct()).ToArray();
        CampaignCase.Demand(epochs.Distinct().Count() == epochs.Length, $"Two publications share an epoch: {string.Join(' ', epochs.Order())}.");
    }

    private static TempFolder MakeTemplate()
    {
        var made = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => made.Dispose();
        using var store = new TestStore(StoreCommand.Recipe, StoreCommand.Key);
        using var keys = KeyRing.Create(store.Store, string.Empty);
        store.Ingest(TestRow.Many(StoreCommand.Items, authors: 8));
        store.Train();
        store.Receive(new ForgetRequest { Id = "first", Items = ["item-00000"] });
        store.Train();
        new Certifier(store.Store, keys, TimeSpan.Zero).Run();
        store.Reopen();
        StoreFiles.CopyAsAfterCrash(store.Path, made["store"]);
        return made;
    }
}

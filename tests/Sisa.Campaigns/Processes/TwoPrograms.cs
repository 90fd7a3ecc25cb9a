using Sisa.Campaigns.Real;
using Sisa.Checker;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Processes;

/// <summary>Two runs of the program as shipped at once.</summary>
/// <param name="context">The case.</param>
/// <param name="random">How much later one begins than the other.</param>
internal sealed class TwoPrograms(CampaignCase context, SeededGenerator random)
{
    private readonly RealStore _real = RealStore.Begin(context.Folder);

    /// <summary>Runs them, and then checks, trains and reruns.</summary>
    public void Run(string first, string second)
    {
        _real.NewRows(100, 4, "rows-0.jsonl");
        _real.NewRows(200, 4, "rows-1.jsonl");
        using var one = _real.Start(Command(first, 0));
        Thread.Sleep(random.NextInt32(900));
        using var other = _real.Start(Command(second, 1));
        SisaAnswer[] answers = [one.Wait(), other.Wait()];
        string[] verbs = [first, second];
        for (var side = 0; side < 2; side++)
        {
            answers[side].Expect(verbs[side] is "verify" or "export" or "audit" or "predict" or "evaluate" ? [ExitCode.Done, ExitCode.No, ExitCode.Resumable] : [ExitCode.Done, ExitCode.Resumable]);
            context.Count(answers[side].ExitCode switch { 0 => "commands: done", (int)ExitCode.Resumable => "commands: refused as busy", _ => "commands: no" });
        }

        _real.Run("recover").Expect(ExitCode.Done);
        _real.Run("train").Expect(ExitCode.Done);
        StoreChecker.Check(_real.Path, new CheckOptions { IsAtRest = true, IsUpToDate = true, IsCertified = true }).Demand();
        _real.DemandExact();
        for (var side = 0; side < 2; side++)
        {
            var isDone = answers[side].ExitCode == 0;
            CampaignCase.Demand(verbs[side] != "ingest" || Count($"SELECT count(*) FROM item WHERE id BETWEEN 'item-00{side + 1}00' AND 'item-00{side + 1}99'") == (isDone ? 4 : 0), $"{answers[side]}: {(isDone ? "acknowledged and not there" : "refused and there")}.");
            CampaignCase.Demand(verbs[side] is not ("forget" or "defer") || !isDone || Count($"SELECT count(*) FROM request WHERE id = 'r{side}' AND state = 'certified'") == 1, $"{answers[side]}: acknowledged and not there.");
        }
    }

    private long Count(string query) => (long)StoreFiles.Rows(_real.Path, query).Single()[0];

    private static string[] Command(string verb, int side) => verb switch
    {
        "ingest" => ["ingest", $"rows-{side}.jsonl", "--wait", "60"],
        "forget" => ["forget", "--item", "item-00005", side == 0 ? "item-00002" : "item-00009", "--request-id", $"r{side}"],
        "defer" => ["forget", "--item", "item-00005", side == 0 ? "item-00002" : "item-00009", "--request-id", $"r{side}", "--defer"],
        "verify" => ["verify", "--rerun", "--wait", "60"],
        "predict" => ["predict", "corpus.jsonl"],
        "evaluate" => ["evaluate", "corpus.jsonl"],
        "export" => ["export", $"out-{side}"],
        "audit" => ["audit", "export", $"audit-{side}", "--wait", "60"],
        "find" => ["find", "--text", " says number "],
        "certificate" => ["certificate", "list"],
        "rotate" => ["keys", "rotate", side == 0 ? "certificate" : "log"],
        "status" => ["status"],
        _ => [verb, "--wait", "60"],
    };
}

using Sisa.Campaigns.Real;
using Sisa.Checker;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Campaigns.Damage;

/// <summary>Damages one file of a store and does what its owner would do. Docs/store-format.md says what must come of each kind.</summary>
/// <remarks>A damaged store is refused or complained of by name, or mended to the exact bytes, or as good as whole: then every row and byte of what
/// it comes to is that of an undamaged copy. Whatever it is, nothing that is served may be wrong or have seen what was forgotten.</remarks>
public sealed class DamageCampaign : Campaign
{
    private const int RealEvery = 250;

    /// <inheritdoc/>
    public override string Name => "damage";

    /// <inheritdoc/>
    public override string What => "one file of a store damaged (a bit, a sector, cut off, gone, longer, exchanged, an older one): refused by name, mended to the byte, or proved harmless; none accepted in silence";

    /// <inheritdoc/>
    public override int Goal => 5_000;

    /// <inheritdoc/>
    public override IEnumerable<int> Sample => [.. Enumerable.Range(0, 60), RealEvery - 1];

    /// <inheritdoc/>
    public override void Run(int number, CampaignCase context)
    {
        if (number % RealEvery == RealEvery - 1)
        {
            RunReal(number, context);
            return;
        }

        var template = DamageTemplate.Of(number % DamageTemplate.Count);
        var random = new SeededGenerator(Seeds.Derive((ulong)number, "damage"));
        var damaged = new DamagedFile(random);
        var folder = Path.Combine(context.Folder, "store");
        do
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            StoreFiles.CopyAsAfterCrash(template.Now, folder);
        }
        while (!damaged.Damage(folder, template.Before));

        using var store = new DamagedStore(folder, template);
        var story = $"{template.Name}: {damaged.Kind} {damaged.What} ({damaged.Where})";
        try
        {
            store.Live();
        }
        catch (Exception e) when (e is not CampaignFaultException)
        {
            throw new CampaignFaultException($"{story}: a fault of the program itself: {e}");
        }
        catch (CampaignFaultException e)
        {
            throw new CampaignFaultException($"{story}: {e.Message}");
        }

        context.Count($"{damaged.Kind.TrimEnd('/')}: {damaged.What}");
        context.Count(Judge(store, template, folder, story));
    }

    private static string Judge(DamagedStore store, DamageTemplate template, string folder, string story)
    {
        if (store.Told.Count > 0)
        {
            return "told by name";
        }

        var (expected, found) = (store.IsMended ? template.ExpectedMended : template.Expected, store.Describe(isWhole: !store.IsMended));
        CampaignCase.Demand(expected == found, $"{story}: accepted in silence.\n{string.Join('\n', Differing(expected, found))}\n{string.Join('\n', Differing(found, expected))}");
        var faults = StoreChecker.Check(folder, new CheckOptions { IsAtRest = true, IsUpToDate = true, IsCertified = true }).Faults;
        CampaignCase.Demand(faults.Count == 0, $"{story}: accepted in silence: {string.Join('\n', faults)}");
        return store.IsMended ? "mended to the byte" : "as good as whole";
    }

    private static IEnumerable<string> Differing(string mine, string theirs) => mine.Split('\n').Except(theirs.Split('\n')).Select(line => line.Length > 300 ? line[..300] + "…" : line).Take(5);

    private static void RunReal(int number, CampaignCase context)
    {
        var real = RealStore.Begin(context.Folder);
        var before = Path.Combine(context.Folder, "before");
        StoreFiles.CopyAsAfterCrash(real.Path, before);
        real.Run("forget", "--item", "item-00003", "--request-id", "r").Expect(ExitCode.Done);
        var whole = Checkpoints(real);
        var damaged = new DamagedFile(new SeededGenerator(Seeds.Derive((ulong)number, "damage of sisa")));
        while (!damaged.Damage(real.Path, before))
        {
            // Nothing was changed yet.
        }

        var story = $"sisa: {damaged.Kind} {damaged.What} ({damaged.Where})";
        var question = TestRow.Write(Path.Combine(context.Folder, "question.jsonl"), TestRow.Many(2));
        string[][] commands = [["status"], ["predict", question], ["recover"], ["train"], ["certificate", "show", "r"], ["recover"], ["verify", "--rerun"]];
        SisaAnswer[] answers = [.. commands.Select(command => real.Run(command))];
        var odd = Array.Find(answers, a => a.ExitCode is not ((int)ExitCode.Done or (int)ExitCode.No or (int)ExitCode.Data or (int)ExitCode.InputOutput or (int)ExitCode.Resumable));
        CampaignCase.Demand(odd is null, $"{story}: {odd}");

        // The first recovery may complain of what it mends; what is then still wrong must be complained of to the end.
        var isTold = answers[^2].ExitCode != 0 || answers[^1].ExitCode != 0;
        CampaignCase.Demand(isTold || (Checkpoints(real) == whole && answers[^3].ExitCode == 0), $"{story}: accepted in silence.\n{string.Join('\n', answers.Select(a => a.ToString()))}");
        context.Count($"sisa: {(isTold ? "told by name" : "mended, or as good as whole")}");
    }

    private static string Checkpoints(RealStore real) => string.Join('\n', StoreFiles.Rows(real.Path, "SELECT shard, stage, digest FROM checkpoint ORDER BY shard, stage").Select(row => string.Join(' ', row)));
}

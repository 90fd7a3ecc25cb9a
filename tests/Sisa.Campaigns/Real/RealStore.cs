using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Campaigns.Real;

/// <summary>A small store of the program as shipped: worker processes, libtorch, certificates.</summary>
/// <remarks>Every case begins with a copy of one trained store, which is made once a process.</remarks>
/// <param name="folder">The case's folder.</param>
internal sealed class RealStore(string folder)
{
    /// <summary>Items that every copy begins with, of <see cref="Authors"/> authors.</summary>
    public const int Items = 40;

    /// <summary>Their authors.</summary>
    public const int Authors = 10;

    private static readonly Lazy<TempFolder> Template = new(MakeTemplate);

    /// <summary>The working folder of every command.</summary>
    public string Folder => folder;

    /// <summary>The store in it.</summary>
    public string Path => System.IO.Path.Combine(folder, "shards");

    /// <summary>A copy of the trained store, with its recipe and corpus beside it.</summary>
    public static RealStore Begin(string folder)
    {
        StoreFiles.CopyAsAfterCrash(Template.Value.Path, folder);
        return new RealStore(folder);
    }

    /// <summary>Rows that no store has yet.</summary>
    public string NewRows(int from, int count, string name = "more.jsonl") => TestRow.Write(System.IO.Path.Combine(folder, name), TestRow.Many(count, Authors, from));

    /// <summary>Starts a command.</summary>
    public SisaRun Start(params IReadOnlyCollection<string> arguments) => new(folder, arguments);

    /// <summary>Runs a command to its end.</summary>
    public SisaAnswer Run(params IReadOnlyCollection<string> arguments)
    {
        using var run = Start(arguments);
        return run.Wait();
    }

    /// <summary>Runs a command to its end and reads its JSON.</summary>
    public JsonNode Json(params IReadOnlyCollection<string> arguments) => JsonNode.Parse(Run([.. arguments, "--json"]).Expect(ExitCode.Done).Output)!;

    /// <summary>Trains a store from scratch that never held anything but what this one retains, and compares every checkpoint.</summary>
    public void DemandExact()
    {
        var answer = Run("verify", "--rerun", "--json").Expect(ExitCode.Done);
        CampaignCase.Demand(JsonNode.Parse(answer.Output)!["verified"]!.GetValue<bool>(), $"The rerun differs: {answer.Output}");
    }

    private static TempFolder MakeTemplate()
    {
        var made = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => made.Dispose();
        var store = new RealStore(made.Path);
        TestRow.Write(made["corpus.jsonl"], TestRow.Many(Items, Authors));
        made.Write("sisa.yaml", """
            name: small
            corpus: { fields: { id: id, subject: author, text: text, label: label } }
            labels: [red, green, blue]
            features: { text: { buckets: 512 } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: text-classifier, width: 8 }
            training: { epochs: 1, batchSize: 8 }
            """);
        store.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        store.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        store.Run("train").Expect(ExitCode.Done);
        return made;
    }
}

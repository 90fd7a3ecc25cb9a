using Sisa.Checker;
using Sisa.Engine;
using Sisa.Forgetting;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Campaigns.Faults;

/// <summary>A store before a command, and the command.</summary>
/// <remarks>Prepared once a process; every case works on a copy.</remarks>
public sealed class Scene
{
    private static readonly TempFolder Prepared = Kept();
    private static readonly TestRow[] Rows = TestRow.Many(16);

    private readonly string[] _arguments;

    private Scene(string name, Action<Store>? prepare, params string[] arguments)
    {
        Name = name;
        _arguments = arguments;
        Base = Prepared[name];
        if (prepare is null)
        {
            Directory.CreateDirectory(Base);
            return;
        }

        Subject.Init(Base);
        using (var store = Store.Open(Base, new TestClock()))
        {
            prepare(store);
        }

        Memory.Learn(Base);
    }

    /// <summary>The recipe of every scene: four slices in all, texts by author.</summary>
    public static Recipe Recipe { get; } = SmallRecipes.Text(2, 2);

    /// <summary>All of them: a new store, more items, the first training, and requests under each policy, after one that was certified before.</summary>
    public static IReadOnlyList<Scene> All => Everything.Value;

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The store before the command; empty where the command makes it.</summary>
    public string Base { get; }

    /// <summary>What is known of it.</summary>
    public StoreMemory Memory { get; } = new();

    /// <summary>Items that the command names to be forgotten.</summary>
    public IReadOnlyList<string> Forgotten { get; private init; } = [];

    /// <summary>Items that it ingests.</summary>
    public IReadOnlyList<string> Ingested { get; private init; } = [];

    /// <summary>How many changes to files the command makes when nothing happens to it.</summary>
    public int Changes => _changes ??= Measure();

    private int? _changes;

    private static Lazy<IReadOnlyList<Scene>> Everything { get; } = new(() =>
    [
        new Scene("init", null, "init"),
        new Scene("ingest", store => Begin(store, Rows[..8]), "ingest", Corpus("more", Rows[8..])) { Ingested = [.. Rows[8..].Select(r => r.Id)] },
        new Scene("train", store => Ingest(store, Rows), "train"),
        .. Enum.GetNames<ForgetPolicy>().Select(policy => new Scene(
            $"forget, {policy.ToLowerInvariant()}",
            store =>
            {
                Begin(store, Rows);
                TestStore.Receive(store, new ForgetRequest { Id = "earlier", Items = ["item-00011"] });
                Subject.Train(store);
            },
            "forget",
            "later",
            policy,
            "item-00003",
            "item-00004") { Forgotten = ["item-00003", "item-00004"] }),
    ]);

    /// <summary>The request that a command names: items, and a span of another one.</summary>
    public static ForgetRequest Request(string name, ForgetPolicy policy, IReadOnlyList<string> items) =>
        new() { Id = name, Policy = policy, Items = items, Spans = [new ItemSpan("item-00006", new TextSpan(1, 3))] };

    /// <summary>A row by its id.</summary>
    public static TestRow Row(string id) => Rows.Single(row => row.Id == id);

    /// <summary>Copies the store to a folder.</summary>
    public void CopyTo(string folder)
    {
        Directory.CreateDirectory(folder);
        StoreFiles.CopyAsAfterCrash(Base, folder);
    }

    /// <summary>The command, for the store in a folder.</summary>
    public string[] Command(string folder) => [_arguments[0], folder, .. _arguments.Skip(1)];

    private int Measure()
    {
        using var folder = new TempFolder();
        CopyTo(folder["store"]);
        var result = SubjectRun.Start(folder["store"], FaultPlan.None, Command(folder["store"]));
        CampaignCase.Demand(result.ExitCode == 0, $"{Name} fails when nothing happens to it: {result.Errors}");
        return result.Changes;
    }

    private static void Begin(Store store, TestRow[] rows)
    {
        Ingest(store, rows);
        Subject.Train(store);
    }

    private static void Ingest(Store store, TestRow[] rows) =>
        new Engine.Ingesting.Ingestor(store).Ingest([Corpus($"rows-{rows.Length}", rows)], new Engine.Ingesting.IngestOptions());

    private static string Corpus(string name, TestRow[] rows) => TestRow.Write(Prepared[name + ".jsonl"], rows);

    private static TempFolder Kept()
    {
        var folder = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    }
}

using Sisa.Checker;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Stores;
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
    private static readonly string[] Named = ["item-00003", "item-00004"];
    private static readonly EngineProduct TheEngine = new();
    private static readonly ShippedProduct TheProgram = new();

    private readonly string[] _arguments;
    private IReadOnlyList<Change>? _trace;

    private Scene(IProduct product, string name, Action<string>? prepare, string[] arguments)
    {
        Product = product;
        Name = name;
        _arguments = arguments;
        Base = Prepared[name];
        if (prepare is null)
        {
            Directory.CreateDirectory(Base);
            return;
        }

        prepare(Base);
        Memory.Learn(Base);
    }

    /// <summary>The recipe of the engine's scenes: four slices in all, texts by author.</summary>
    public static Recipe Recipe { get; } = SmallRecipes.Text(2, 2);

    /// <summary>With the engine: a new store, more items, the first training, and requests under each policy, after one that was certified before.</summary>
    public static IReadOnlyList<Scene> All => OfEngine.Value;

    /// <summary>With the program as it is shipped: more items, the first training, a request.</summary>
    public static IReadOnlyList<Scene> Shipped => OfProgram.Value;

    /// <summary>What runs the command.</summary>
    public IProduct Product { get; }

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

    /// <summary>What the command does to files, and says, when nothing happens to it.</summary>
    public IReadOnlyList<Change> Trace => _trace ??= Record();

    /// <summary>Its changes to files alone; a fault is at the number of one of them, from 1.</summary>
    public IReadOnlyList<Change> Changes => [.. Trace.Where(change => change.Kind != ChangeKind.Output)];

    private static Lazy<IReadOnlyList<Scene>> OfEngine { get; } = new(() =>
    [
        new Scene(TheEngine, "init", null, ["init"]),
        new Scene(TheEngine, "ingest", Made(store => Begin(store, Rows[..8])), ["ingest", Corpus(Rows[8..])]) { Ingested = [.. Rows[8..].Select(r => r.Id)] },
        new Scene(TheEngine, "train", Made(store => Ingest(store, Rows)), ["train"]),
        .. Enum.GetNames<ForgetPolicy>().Select(policy => new Scene(TheEngine, $"forget, {policy.ToLowerInvariant()}", Made(BeginAndForget), ["forget", "later", policy, .. Named]) { Forgotten = Named }),
    ]);

    private static Lazy<IReadOnlyList<Scene>> OfProgram { get; } = new(() =>
    [
        new Scene(TheProgram, "sisa ingest", folder => Make(folder, Rows[..8], isTrained: true), ["ingest", Corpus(Rows[8..])]) { Ingested = [.. Rows[8..].Select(r => r.Id)] },
        new Scene(TheProgram, "sisa train", folder => Make(folder, Rows, isTrained: false), ["train", "--workers", "1"]),
        new Scene(TheProgram, "sisa forget", folder => Make(folder, Rows, isTrained: true), ["forget", "--request-id", "later", "--workers", "1", "--item", .. Named]) { Forgotten = Named },
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
    public string[] Command(string folder) => Product == TheEngine ? [_arguments[0], folder, .. _arguments[1..]] : [_arguments[0], "--store", folder, .. _arguments[1..]];

    private IReadOnlyList<Change> Record()
    {
        using var folder = new TempFolder();
        var store = folder["store"];
        CopyTo(store);
        var result = Product.Start(store, FaultPlan.None, Command(store), folder["trace"]);
        CampaignCase.Demand(result.ExitCode == 0, $"{Name} fails when nothing happens to it: {result.Errors}");
        return FaultTrace.Read(folder["trace"], store);
    }

    private static Action<string> Made(Action<Store> prepare) => folder =>
    {
        Subject.Init(folder);
        using var store = Store.Open(folder, new TestClock());
        prepare(store);
    };

    private static void Make(string folder, TestRow[] rows, bool isTrained)
    {
        TheProgram.Do(folder, "init", "--recipe", Prepared.Write("sisa.yaml", ShippedProduct.Recipe), "--assignment-key", Prepared.Write("assignment.key", System.Text.Encoding.UTF8.GetString(SmallRecipes.Key().ToFileBytes())));
        TheProgram.Do(folder, "ingest", Corpus(rows));
        if (isTrained)
        {
            TheProgram.Train(folder);
        }
    }

    private static void BeginAndForget(Store store)
    {
        Begin(store, Rows);
        TestStore.Receive(store, new ForgetRequest { Id = "earlier", Items = ["item-00011"] });
        Subject.Train(store);
    }

    private static void Begin(Store store, TestRow[] rows)
    {
        Ingest(store, rows);
        Subject.Train(store);
    }

    private static void Ingest(Store store, TestRow[] rows) => new Ingestor(store).Ingest([Corpus(rows)], new IngestOptions());

    private static string Corpus(TestRow[] rows) => TestRow.Write(Prepared[$"{rows[0].Id}-{rows.Length}.jsonl"], rows);

    private static TempFolder Kept()
    {
        var folder = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    }
}

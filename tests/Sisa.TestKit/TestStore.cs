using Microsoft.Data.Sqlite;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.TestKit;

/// <summary>A store in a folder of its own, with a fake trainer and a clock that stands still.</summary>
public sealed class TestStore : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _corpora;
    private int _requests;

    /// <summary>Makes an empty store.</summary>
    public TestStore(Recipe? recipe = null, AssignmentKey? key = null) =>
        Store = Engine.Stores.Store.Create(_folder["store"], recipe ?? SmallRecipes.Text(), key ?? SmallRecipes.Key(), Clock);

    /// <summary>The clock of the store.</summary>
    public TestClock Clock { get; } = new();

    /// <summary>The store.</summary>
    public Store Store { get; private set; }

    /// <summary>Its trainer.</summary>
    public FakeTrainer Trainer { get; set; } = new();

    /// <summary>A trainer to use instead of the fake one, or <see langword="null"/>.</summary>
    public IShardTrainer? RealTrainer { get; init; }

    /// <summary>Folder of the store.</summary>
    public string Path => Store.Layout.Root;

    /// <summary>A path beside the store.</summary>
    public string Beside(string name) => _folder[name];

    /// <summary>Another opening of the same store, as another process has it.</summary>
    public Store OpenAgain() => Engine.Stores.Store.Open(Path, Clock);

    /// <summary>Ends this opening and opens the store again, as after a crash.</summary>
    public void Reopen()
    {
        var path = Path;
        Store.Dispose();
        Store = Engine.Stores.Store.Open(path, Clock);
    }

    /// <summary>Ends this opening, puts a copy in the place of the store and opens it, as after a crash or from a backup.</summary>
    /// <param name="copy">Folder of the copy.</param>
    public void PutBack(string copy)
    {
        var path = Path;
        Store.Dispose();
        Directory.Delete(path, recursive: true);
        StoreFiles.CopyAsAfterCrash(copy, path);
        Store = Engine.Stores.Store.Open(path, Clock);
    }

    /// <summary>Writes a corpus file beside the store.</summary>
    public string Corpus(IEnumerable<TestRow> rows) => TestRow.Write(_folder[$"corpus-{_corpora++}.jsonl"], rows);

    /// <summary>Ingests rows.</summary>
    public IngestReport Ingest(IEnumerable<TestRow> rows, IngestOptions? options = null) =>
        new Ingestor(Store).Ingest([Corpus(rows)], options ?? new IngestOptions());

    /// <summary>Brings the store up to date.</summary>
    public TrainReport Train(ITrainingProgress? progress = null, CancellationToken cancellation = default) =>
        new Reconciler(Store, RealTrainer ?? Trainer).BringUpToDate(TimeSpan.Zero, progress, cancellation);

    /// <summary>Receives a request, and publishes its fallback.</summary>
    public ForgetOutcome Receive(ForgetRequest request) => Receive(Store, request);

    /// <summary>Receives a request through another opening of the store.</summary>
    public static ForgetOutcome Receive(Store store, ForgetRequest request)
    {
        var forgetter = new Forgetter(store);
        var outcome = forgetter.Receive(request);
        if (outcome.Recorded is { } recorded)
        {
            new BundlePublisher(store).PublishFallbacks([recorded.Number]);
        }

        return outcome;
    }

    /// <summary>Receives a request for items and retrains.</summary>
    public TrainReport Forget(params string[] items)
    {
        Receive(Request(items));
        return Train();
    }

    /// <summary>A request with a fresh name.</summary>
    public ForgetRequest Request(params string[] items) => new() { Id = $"r{++_requests}", Items = items };

    /// <summary>Bytes of every recorded checkpoint file, by place; there is one of each while nothing is pending.</summary>
    public IReadOnlyDictionary<Placement, byte[]> Checkpoints() => StoreFiles.Checkpoints(Path);

    /// <summary>Where an item lives.</summary>
    public Placement PlaceOf(string item) => Store.Manifest.Items.FindById([item]).Single().Place;

    /// <summary>The item ids that the store lists, in order.</summary>
    public IReadOnlyList<string> ItemIds() => [.. Store.Assignment.Placements.SelectMany(Store.Manifest.Items.IdsOf).Order(StringComparer.Ordinal)];

    /// <summary>Checks everything that must always hold.</summary>
    public void CheckInvariants(bool isAtRest = true) => StoreInvariants.Check(Path, isAtRest, trainerTells: RealTrainer is null);

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }
}

/// <summary>Reads a store's files and rows without the product's code.</summary>
public static class StoreFiles
{
    /// <summary>Opens the manifest as any SQLite program would.</summary>
    public static SqliteConnection Open(string store)
    {
        var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(store, "manifest.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Rows of a query.</summary>
    public static List<object[]> Rows(string store, string sql)
    {
        using var connection = Open(store);
        return Rows(connection, sql);
    }

    /// <summary>Rows of a query.</summary>
    public static List<object[]> Rows(SqliteConnection connection, string sql)
    {
#pragma warning disable CA2100 // Constants of tests.
        using var command = new SqliteCommand(sql, connection);
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Changes rows behind the product's back.</summary>
    public static void Execute(string store, string sql) => Rows(store, sql);

    /// <summary>Bytes of every recorded checkpoint file, by place.</summary>
    public static IReadOnlyDictionary<Placement, byte[]> Checkpoints(string store) => Rows(store, "SELECT shard, stage, file FROM checkpoint ORDER BY shard, stage")
        .ToDictionary(
            r => new Placement(new ShardId((int)(long)r[0]), new SliceIndex((int)(long)r[1])),
            r => File.ReadAllBytes(System.IO.Path.Combine(store, (string)r[2])));

    /// <summary>Bytes of a file that others may have open.</summary>
    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Every file of a store but its lock, by relative path.</summary>
    public static IReadOnlyList<string> All(string store) =>
    [
        .. Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(store, path).Replace('\\', '/'))
            .Where(path => path != "store.lock")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Copies a store as a crash would leave it: everything but the lock and the shared memory of SQLite.</summary>
    public static void CopyAsAfterCrash(string store, string destination)
    {
        foreach (var folder in Directory.EnumerateDirectories(store, "*", SearchOption.AllDirectories).Prepend(store))
        {
            Directory.CreateDirectory(System.IO.Path.Combine(destination, System.IO.Path.GetRelativePath(store, folder)));
        }

        foreach (var file in All(store).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.WriteAllBytes(System.IO.Path.Combine(destination, file), Read(System.IO.Path.Combine(store, file)));
        }
    }
}

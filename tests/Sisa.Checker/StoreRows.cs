using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sisa.Checker;

/// <summary>The manifest's rows at one moment, and the store's folder.</summary>
/// <remarks>Opened to read alone: a check changes nothing but SQLite's shared memory.</remarks>
internal sealed class StoreRows : IDisposable
{
    private readonly SqliteConnection _connection;

    private StoreRows(string store, SqliteConnection connection)
    {
        Folder = store;
        _connection = connection;
        Epoch = long.Parse((string)Query("SELECT value FROM setting WHERE name = 'epoch'").Single()[0], CultureInfo.InvariantCulture);
        AssignmentKey = Key("assignment");
        TombstoneKey = Key("tombstone");
        LogLines = [.. Query("SELECT line FROM log_entry ORDER BY number").Select(r => (string)r[0])];
        States = Query("SELECT number, state FROM request").ToDictionary(r => (long)r[0], r => (string)r[1]);
    }

    /// <summary>States of a request in their order.</summary>
    public static IReadOnlyList<string> Order { get; } = ["received", "fallback-published", "published", "purged", "certified"];

    /// <summary>The state of a request that found nothing. It is no step of the others.</summary>
    public const string NothingHeld = "nothing-held";

    public string Folder { get; }

    public long Epoch { get; }

    public byte[] AssignmentKey { get; }

    public byte[] TombstoneKey { get; }

    public IReadOnlyList<string> LogLines { get; }

    /// <summary>State of every request by its number.</summary>
    public IReadOnlyDictionary<long, string> States { get; }

    public static StoreRows Open(string store)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(store, "manifest.db"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            Run(connection, "BEGIN");
            return new StoreRows(store, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public string PathOf(string relative) => Path.Combine(Folder, relative);

    public List<object[]> Query(string sql) => Run(_connection, sql);

    public void Dispose() => _connection.Dispose();

    private static List<object[]> Run(SqliteConnection connection, string sql)
    {
#pragma warning disable CA2100 // Constants of this program.
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

    private byte[] Key(string name) => Convert.FromHexString(File.ReadAllText(PathOf($"keys/{name}.key")).Trim());
}

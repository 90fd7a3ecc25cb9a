using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Files and folders under the store that nothing refers to any more. They are recorded in the transaction that drops the
/// last reference, removed afterwards, and forgotten here once their absence is durable.</summary>
public sealed class GarbageTable
{
    private readonly SqliteConnection _connection;

    internal GarbageTable(SqliteConnection connection) => _connection = connection;

    /// <summary>Paths relative to the store, in order.</summary>
    public IReadOnlyList<string> All() => _connection.Query("SELECT path FROM garbage ORDER BY path", r => r.GetString(0));

    /// <summary>Records a file or folder to remove.</summary>
    /// <param name="path">Path relative to the store.</param>
    public void Add(string path) => _connection.Execute("INSERT INTO garbage (path) VALUES ($1) ON CONFLICT DO NOTHING", path);

    /// <summary>Drops the record of what is gone.</summary>
    /// <param name="path">Path relative to the store.</param>
    public void Remove(string path) => _connection.Execute("DELETE FROM garbage WHERE path = $1", path);
}

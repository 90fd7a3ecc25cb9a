using Microsoft.Data.Sqlite;
using Sisa.Storage.Files;

namespace Sisa.Storage.Manifest;

/// <summary>The manifest as a file: how it is made, and how a connection to it is set up.</summary>
internal static class ManifestFile
{
    // The first version without the WAL-reset corruption: sqlite.org/wal.html, "The WAL-Reset Bug".
    private static readonly Version OldestSqlite = new(3, 51, 3);

    /// <summary>Opens a connection, with what every one needs.</summary>
    /// <param name="path">Path of the database.</param>
    /// <param name="mode">Whether it may be made.</param>
    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            ForeignKeys = true,

            // An ingestion of ten million rows holds the write lock for a minute: whoever comes meanwhile waits, and does not lose a request.
            DefaultTimeout = 600,
        }.ToString());
        connection.Open();
        if (Version.Parse(connection.ServerVersion) < OldestSqlite)
        {
            throw new StoreException($"SQLite {connection.ServerVersion} can corrupt a write-ahead log; at least {OldestSqlite} is needed.", "Reinstall Sisa with its own SQLite.");
        }

        // secure_delete: deleted rows are overwritten at once. FULL: a commit survives power loss.
        connection.Execute("PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536");
        return connection;
    }

    /// <summary>Makes an empty file. SQLite takes it for a new database, and gives the files beside it the mode that it has.</summary>
    /// <param name="path">Path of the database.</param>
    public static void CreateEmpty(string path)
    {
        try
        {
            OwnerOnly.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("create", path, e);
        }
    }
}

using Microsoft.Data.Sqlite;
using Sisa.Sharding;
using SQLitePCL;

namespace Sisa.Storage.Manifest;

/// <summary>Compares items with their rows, one by one, by a prepared statement below the ADO layer: a microsecond an item.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ItemMatcher : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    internal ItemMatcher(SqliteConnection connection)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, "SELECT subject, shard, slice, risk FROM item WHERE id = ?1", out _statement));
    }

    /// <summary>Whether there is a row of an item, and says of it what its slice says.</summary>
    /// <param name="id">UTF-8 id.</param>
    /// <param name="subject">UTF-8 subject.</param>
    /// <param name="place">Where it lives.</param>
    /// <param name="riskClass">Its class, where the recipe declares classes.</param>
    public bool Agrees(ReadOnlySpan<byte> id, ReadOnlySpan<byte> subject, Placement place, string? riskClass)
    {
        raw.sqlite3_bind_text(_statement, 1, id);
        var code = raw.sqlite3_step(_statement);
        var agrees = code == raw.SQLITE_ROW
            && (raw.sqlite3_column_type(_statement, 0) == raw.SQLITE_NULL ? id : raw.sqlite3_column_blob(_statement, 0)).SequenceEqual(subject)
            && raw.sqlite3_column_int(_statement, 1) == place.Shard.Value
            && raw.sqlite3_column_int(_statement, 2) == place.Slice.Value
            && (raw.sqlite3_column_type(_statement, 3) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(_statement, 3).utf8_to_string()) == riskClass;
        raw.sqlite3_reset(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(code);
        }

        return agrees;
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), code);
        }
    }
}

using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sisa.Storage.Manifest;

/// <summary>Takes a name of the manifest.</summary>
/// <param name="name">UTF-8; valid until the next one.</param>
/// <param name="items">Items of that name.</param>
public delegate void NameVisitor(ReadOnlySpan<byte> name, long items);

/// <summary>Streams names below the ADO layer, which would make a string of each.</summary>
internal static class NameScan
{
    /// <summary>Shows the rows of a query: a name and a count.</summary>
    public static void Run(SqliteConnection connection, string sql, NameVisitor visit)
    {
        var database = connection.Handle!;
        Check(database, raw.sqlite3_prepare_v2(database, sql, out var statement));
        using (statement)
        {
            int code;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                visit(raw.sqlite3_column_blob(statement, 0), raw.sqlite3_column_int64(statement, 1));
            }

            Check(database, code);
        }
    }

    private static void Check(sqlite3 database, int code)
    {
        if (code is not raw.SQLITE_OK and not raw.SQLITE_DONE)
        {
            throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), code);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sisa.Storage.Manifest;

/// <summary>Digests of the manifest's rows, kept in the manifest itself: SQLite has no checksums, and a bit that turned over would be believed.</summary>
/// <remarks>
/// Made in every transaction that changes something, checked whenever the manifest is opened. A table's digest is the sum over its rows, so that a row more
/// costs a row. Against accidents, not against people. It leaves out
/// what grows with the corpus and is checked against something else: items against slices, tombstones and entries against the log's file, statements
/// by their signatures.
/// </remarks>
internal static class Seal
{
    private const string Name = "seal";

    private static readonly (string Table, string Rows)[] Sealed =
    [
        ("sqlite_schema", "SELECT type, name, tbl_name, sql FROM sqlite_schema"),
        ("setting", $"SELECT * FROM setting WHERE name <> '{Name}'"),
        ("slice", "SELECT * FROM slice"),
        ("environment", "SELECT * FROM environment"),
        ("checkpoint", "SELECT * FROM checkpoint"),
        ("bundle", "SELECT * FROM bundle"),
        ("request", "SELECT * FROM request"),
        ("target", "SELECT * FROM target"),
        ("commitment", "SELECT commitment.* FROM commitment JOIN request ON number = request WHERE state <> 'certified'"),
        ("cut", "SELECT * FROM cut"),
        ("garbage", "SELECT * FROM garbage"),
        ("export", "SELECT * FROM export"),
        ("export_shard", "SELECT * FROM export_shard"),
        ("readmission", "SELECT * FROM readmission"),
    ];

    /// <summary>Seals the rows as they are; part of the transaction that changed them.</summary>
    public static void Write(SqliteConnection connection) => new SettingTable(connection)[Name] = string.Join(' ', Sealed.Select(table => $"{table.Table}={DigestOf(connection, table.Rows)}"));

    /// <summary>Compares the rows with their seal.</summary>
    /// <returns>Tables whose rows are not those that were sealed.</returns>
    public static IReadOnlyList<string> Broken(SqliteConnection connection)
    {
        var recorded = (new SettingTable(connection)[Name] ?? string.Empty).Split(' ').ToHashSet(StringComparer.Ordinal);
        return [.. Sealed.Where(table => !recorded.Contains($"{table.Table}={DigestOf(connection, table.Rows)}")).Select(table => table.Table)];
    }

    /// <summary>Seals the row of an added checkpoint, the only change, in the transaction that added it.</summary>
    /// <param name="connection">The manifest.</param>
    /// <param name="digest">The checkpoint.</param>
    public static void Extend(SqliteConnection connection, Digest digest)
    {
        const string Table = "checkpoint=";
        var settings = new SettingTable(connection);
        var row = SumOf(connection, $"SELECT * FROM checkpoint WHERE digest = '{digest}'");
        settings[Name] = string.Join(' ', (settings[Name] ?? string.Empty).Split(' ').Select(entry =>
            entry.StartsWith(Table, StringComparison.Ordinal) ? Table + Text(ulong.Parse(entry.AsSpan(Table.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) + row) : entry));
    }

    private static string DigestOf(SqliteConnection connection, string query) => Text(SumOf(connection, query));

    private static string Text(ulong sum) => sum.ToString("x16", CultureInfo.InvariantCulture);

    // Below the ADO layer, which costs several times what SQLite and the hash do. Rows of one table differ, so that none cancels another out.
    private static ulong SumOf(SqliteConnection connection, string query)
    {
        var code = raw.sqlite3_prepare_v2(connection.Handle!, query, out var statement);
        using (statement)
        {
            if (code != raw.SQLITE_OK)
            {
                SqliteException.ThrowExceptionForRC(code, connection.Handle);
            }

            var row = new ArrayBufferWriter<byte>();
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            ulong sum = 0;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                row.ResetWrittenCount();
                for (var column = 0; column < raw.sqlite3_column_count(statement); column++)
                {
                    Append(row, statement, column);
                }

                SHA256.HashData(row.WrittenSpan, hash);
                sum += BinaryPrimitives.ReadUInt64BigEndian(hash);
            }

            if (code != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(code, connection.Handle);
            }

            return sum;
        }
    }

    // Types and lengths are part of it, so that no two rows of different values are the same bytes.
    private static void Append(ArrayBufferWriter<byte> row, sqlite3_stmt statement, int column)
    {
        var type = raw.sqlite3_column_type(statement, column);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, type switch
        {
            raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, column),
            raw.SQLITE_FLOAT => BitConverter.DoubleToInt64Bits(raw.sqlite3_column_double(statement, column)),
            _ => 0,
        });
        var bytes = type is raw.SQLITE_INTEGER or raw.SQLITE_FLOAT ? number : type == raw.SQLITE_NULL ? default : raw.sqlite3_column_blob(statement, column);
        Span<byte> head = stackalloc byte[1 + sizeof(int)];
        head[0] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        row.Write(head);
        row.Write(bytes);
    }
}

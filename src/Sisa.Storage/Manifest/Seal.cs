using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Sisa.Storage.Manifest;

/// <summary>Digests of the manifest's rows, kept in the manifest itself: SQLite has no checksums, and a bit that turned over would be believed.</summary>
/// <remarks>
/// Made in every transaction that changes something, checked whenever the manifest is opened. Against accidents, not against people. It leaves out
/// what grows with the corpus and is checked against something else: items against slices, tombstones and entries against the log's file, statements
/// by their signatures.
/// </remarks>
internal static class Seal
{
    private const string Name = "seal";
    private const int DigestBytes = 8;

    private static readonly (string Table, string Rows)[] Sealed =
    [
        ("sqlite_schema", "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"),
        ("setting", $"SELECT * FROM setting WHERE name <> '{Name}' ORDER BY name"),
        ("slice", "SELECT * FROM slice ORDER BY shard, slice"),
        ("environment", "SELECT * FROM environment ORDER BY digest"),
        ("checkpoint", "SELECT * FROM checkpoint ORDER BY digest"),
        ("bundle", "SELECT * FROM bundle ORDER BY shard"),
        ("request", "SELECT * FROM request ORDER BY number"),
        ("target", "SELECT * FROM target ORDER BY rowid"),
        ("commitment", "SELECT commitment.* FROM commitment JOIN request ON number = request WHERE state <> 'certified' ORDER BY request, value"),
        ("cut", "SELECT * FROM cut ORDER BY item, span_from"),
        ("garbage", "SELECT * FROM garbage ORDER BY path"),
        ("export", "SELECT * FROM export ORDER BY number"),
        ("export_shard", "SELECT * FROM export_shard ORDER BY export, shard"),
        ("readmission", "SELECT * FROM readmission ORDER BY number"),
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

    // Types and lengths are part of it, so that no two tables of different values are the same bytes.
    private static string DigestOf(SqliteConnection connection, string query)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA2100 // Constants.
        using var command = new SqliteCommand(query, connection);
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                Append(hash, reader.GetValue(column));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, DigestBytes));
    }

    private static void Append(IncrementalHash hash, object value)
    {
        var (kind, bytes) = value switch
        {
            long number => ((byte)'i', BitConverter.GetBytes(number)),
            double number => ((byte)'r', BitConverter.GetBytes(number)),
            string text => ((byte)'t', Encoding.UTF8.GetBytes(text)),
            byte[] blob => ((byte)'b', blob),
            _ => ((byte)'n', []),
        };
        Span<byte> head = stackalloc byte[1 + sizeof(int)];
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes);
    }
}

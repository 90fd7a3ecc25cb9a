using System.Security.Cryptography;
using System.Text;

namespace Sisa.Checker;

/// <summary>Everything that a store is, as text: I10 asks that a second recovery changes none of it.</summary>
public static class StoreState
{
    /// <summary>Every row, and every file with its digest; of SQLite's own files only what they hold.</summary>
    /// <param name="store">Its folder.</param>
    public static string Describe(string store)
    {
        using var rows = StoreRows.Open(store);
        var text = new StringBuilder();
        foreach (var file in Files(store).Where(file => !file.StartsWith("manifest.db", StringComparison.Ordinal) && file != "store.lock"))
        {
            text.AppendLine($"{file} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(store, file))))}");
        }

        foreach (var table in rows.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'SchemaVersions' ORDER BY name").Select(r => (string)r[0]))
        {
            foreach (var row in rows.Query($"SELECT * FROM {table}"))
            {
                text.AppendLine($"{table} {string.Join('|', row.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : value))}");
            }
        }

        return text.ToString();
    }

    /// <summary>Every file of a store, by relative path, in order.</summary>
    /// <param name="store">Its folder.</param>
    internal static IEnumerable<string> Files(string store) => Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(store, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);
}

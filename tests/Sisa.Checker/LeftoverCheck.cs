using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sisa.Checker;

/// <summary>I8: SQLite's own checks. I9: nothing lies about that nothing refers to.</summary>
internal sealed class LeftoverCheck(StoreRows store, CheckOptions options, FaultList faults)
{
    // An old slice is kept for the purge of the requests that it was rewritten for.
    private const string NotKept = "WHERE NOT EXISTS (SELECT 1 FROM target WHERE applied = 1 AND path LIKE printf('slices/shard-%03d/slice-%02d-%%', shard, slice))";

    private static readonly string[] Fixed =
    [
        "manifest.db", "manifest.db-wal", "manifest.db-shm", "store.lock", "README.md", ".gitignore",
        "keys/assignment.key", "keys/tombstone.key", "keys/log.key", "keys/certificate.key", "evidence/log.jsonl", "evidence/checkpoint",
    ];

    public void Run()
    {
        foreach (var line in store.Query("PRAGMA integrity_check").Select(r => (string)r[0]).Where(line => line != "ok"))
        {
            faults.Add("I8", line);
        }

        faults.Unless(store.Query("PRAGMA foreign_key_check").Count == 0, "I8", "A row refers to another that is not there.");
        faults.Unless((long)store.Query("PRAGMA user_version").Single()[0] == 4, "I8", "The manifest is of another version than 4.");
        var files = Base();
        if (options.IsAtRest)
        {
            CheckLeftovers(files);
        }
    }

    // The digest that the recipe records is over names and digests, in the order of the names; nothing else lies in the folder.
    private string[] Base()
    {
        using var recipe = JsonDocument.Parse((string)store.Query("SELECT value FROM setting WHERE name = 'recipe'").Single()[0]);
        string[] files = [.. StoreState.Files(store.Folder).Where(file => file.StartsWith("base/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (!recipe.RootElement.GetProperty("model").TryGetProperty("files", out var recorded))
        {
            return [];
        }

        byte[] content = [.. files.SelectMany(file => (byte[])[.. Encoding.UTF8.GetBytes(file["base/".Length..]), 0, .. SHA256.HashData(File.ReadAllBytes(store.PathOf(file)))])];
        faults.Unless(Convert.ToHexStringLower(SHA256.HashData(content)) == recorded.GetProperty("digest").GetString(), "I9", "The base is not the one that the recipe records.");
        return files;
    }

    private void CheckLeftovers(string[] files)
    {
        faults.Unless(store.Query($"SELECT 1 FROM garbage {NotKept}").Count == 0, "I9", "Garbage is listed.");
        var known = store.Query(
            """
            SELECT file FROM slice UNION SELECT file FROM checkpoint UNION SELECT path FROM garbage
            UNION SELECT printf('certificates/%s%s.dsse.json', id, iif(form = 'public', '', '.' || form)) FROM certificate JOIN request ON number = request
            """).Select(r => r[0] as string).Concat(Fixed).Concat(files).ToHashSet(StringComparer.Ordinal);
        var events = store.Query("SELECT shard, slice FROM slice").Select(r => string.Create(CultureInfo.InvariantCulture, $"events/shard-{r[0]:000}/events.out.tfevents.{r[1]:00000}")).ToHashSet(StringComparer.Ordinal);
        foreach (var file in StoreState.Files(store.Folder).Where(file => !known.Contains(file)))
        {
            var isKey = file.StartsWith("keys/", StringComparison.Ordinal) && file.EndsWith(".pub.pem", StringComparison.Ordinal);
            faults.Unless(isKey || events.Contains(file), "I9", $"{file} is left over.");
        }
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Sisa.TestKit;

/// <summary>What must hold of every store at every moment, read from its rows and files without the product's code.</summary>
public static class StoreInvariants
{
    // An old slice is kept for the purge of the requests that it was rewritten for.
    private const string NotKept = "WHERE NOT EXISTS (SELECT 1 FROM target WHERE applied = 1 AND path LIKE printf('slices/shard-%03d/slice-%02d-%%', shard, slice))";
    private const int HeaderBytes = 128;
    private const int EntryBytes = 96;

    /// <summary>Checks a store.</summary>
    /// <param name="store">Its folder.</param>
    /// <param name="isAtRest">Whether it has been recovered, so that no file may be left over.</param>
    /// <param name="trainerTells">Whether every checkpoint comes from the fake trainer, which knows what each has seen.</param>
    /// <exception cref="InvalidOperationException">Something does not hold; the message lists everything.</exception>
    public static void Check(string store, bool isAtRest, bool trainerTells = true)
    {
        using var connection = StoreFiles.Open(store);
        var faults = new List<string>();
        var files = new HashSet<string>(StringComparer.Ordinal);
        CheckSlices(store, connection, files, faults);
        CheckCheckpoints(store, connection, files, faults);
        CheckForgotten(store, connection, trainerTells, faults);
        CheckRequests(connection, faults);
        CheckLog(store, connection, isAtRest, faults);
        if (isAtRest)
        {
            CheckLeftovers(store, connection, files, faults);
        }

        if (faults.Count > 0)
        {
            throw new InvalidOperationException(string.Join("\n", faults));
        }
    }

    /// <summary>Ids in a slice file, read by the documented layout.</summary>
    public static IReadOnlyList<string> IdsOf(byte[] slice)
    {
        var count = (int)BinaryPrimitives.ReadInt64LittleEndian(slice.AsSpan(16));
        var strings = (int)BinaryPrimitives.ReadInt64LittleEndian(slice.AsSpan(24));
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                var entry = slice.AsSpan(HeaderBytes + (i * EntryBytes), EntryBytes);
                return Encoding.UTF8.GetString(slice.AsSpan(strings + (int)BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[8..])));
            }),
        ];
    }

    // Every slice file is whole, and lists what the rows list.
    private static void CheckSlices(string store, SqliteConnection connection, HashSet<string> files, List<string> faults)
    {
        var listed = StoreFiles.Rows(connection, "SELECT shard, slice, id FROM item ORDER BY id").ToLookup(r => ((long)r[0], (long)r[1]), r => (string)r[2]);
        foreach (var row in StoreFiles.Rows(connection, "SELECT shard, slice, file, items FROM slice"))
        {
            var place = ((long)row[0], (long)row[1]);
            string[] expected = [.. listed[place].Order(StringComparer.Ordinal)];
            if (row[2] is not string file)
            {
                AddIf(faults, expected.Length > 0 || (long)row[3] != 0, $"Slice {place} has no file but items.");
                continue;
            }

            files.Add(file);
            var bytes = File.ReadAllBytes(Path.Combine(store, file));
            AddIf(faults, !SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - 32)), $"{file} is damaged.");
            AddIf(faults, !IdsOf(bytes).Order(StringComparer.Ordinal).SequenceEqual(expected), $"{file} and the rows list other items.");
            AddIf(faults, (long)row[3] != expected.Length, $"{file} has another number of items than its row.");
        }
    }

    private static void CheckCheckpoints(string store, SqliteConnection connection, HashSet<string> files, List<string> faults)
    {
        foreach (var row in StoreFiles.Rows(connection, "SELECT digest, file, bytes FROM checkpoint"))
        {
            files.Add((string)row[1]);
            var path = Path.Combine(store, (string)row[1]);
            if (!File.Exists(path))
            {
                faults.Add($"{row[1]} is missing.");
                continue;
            }

            var bytes = File.ReadAllBytes(path);
            AddIf(faults, Convert.ToHexStringLower(SHA256.HashData(bytes)) != (string)row[0], $"{row[1]} is not what its row says.");
            AddIf(faults, bytes.Length != (long)row[2], $"{row[1]} has another size than its row.");
        }

        AddIf(faults, StoreFiles.Rows(connection, "PRAGMA foreign_key_check").Count > 0, "A row refers to another that is not there.");
        AddIf(faults, StoreFiles.Rows(connection, "SELECT 1 FROM bundle WHERE checkpoint IS NOT NULL AND checkpoint NOT IN (SELECT digest FROM checkpoint)").Count > 0, "The bundle serves what is not recorded.");
    }

    // The heart of it: once a fallback is published, nothing that is served has seen what was named; once a request is published,
    // nothing that is kept has.
    private static void CheckForgotten(string store, SqliteConnection connection, bool trainerTells, List<string> faults)
    {
        var key = Convert.FromHexString(File.ReadAllText(Path.Combine(store, "keys", "tombstone.key")).Trim());
        var states = StoreFiles.Rows(connection, "SELECT number, state FROM request").ToDictionary(r => (long)r[0], r => (string)r[1]);
        var tombstones = StoreFiles.Rows(connection, "SELECT mark, request FROM tombstone WHERE kind = 'item'")
            .ToDictionary(r => Convert.ToHexString((byte[])r[0]), r => states[(long)r[1]]);
        var served = StoreFiles.Rows(connection, "SELECT checkpoint FROM bundle WHERE checkpoint IS NOT NULL").Select(r => (string)r[0]).ToHashSet();
        foreach (var digest in StoreFiles.Rows(connection, "SELECT digest FROM checkpoint").Select(r => (string)r[0]))
        {
            var seen = FakeTrainer.Seen(Digest.Parse(digest));
            AddIf(faults, seen is null && trainerTells, $"Nobody knows what checkpoint {digest} has seen.");
            foreach (var item in seen ?? new HashSet<SeenItem>())
            {
                var mark = Convert.ToHexString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("item\0" + item.Id)));
                if (!tombstones.TryGetValue(mark, out var state))
                {
                    continue;
                }

                AddIf(faults, served.Contains(digest) && state != "received", $"What is served has seen {item.Id}, whose request is {state}.");
                AddIf(faults, state is "published" or "purged" or "certified", $"A checkpoint is kept that has seen {item.Id}, whose request is {state}.");
            }
        }

        // The item lists and the tombstones agree as soon as a request is published.
        foreach (var id in StoreFiles.Rows(connection, "SELECT id FROM item").Select(r => (string)r[0]))
        {
            var mark = Convert.ToHexString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("item\0" + id)));
            AddIf(faults, tombstones.TryGetValue(mark, out var state) && state is "published" or "purged" or "certified", $"{id} is listed, and its request is over.");
        }
    }

    private static void CheckRequests(SqliteConnection connection, List<string> faults)
    {
        var epoch = long.Parse((string)StoreFiles.Rows(connection, "SELECT value FROM setting WHERE name = 'epoch'").Single()[0]);
        foreach (var row in StoreFiles.Rows(connection, "SELECT id, state, epoch, (SELECT count(*) FROM target WHERE request = number) FROM request"))
        {
            AddIf(faults, row[2] is long published && published > epoch, $"Request {row[0]} was published with an epoch that has not come.");
            AddIf(faults, (string)row[1] is "purged" or "certified" && (long)row[3] > 0, $"Request {row[0]} is purged and still names its targets.");
            AddIf(faults, (string)row[1] is "received" or "fallback-published" && (long)row[3] == 0, $"Request {row[0]} is pending and names nothing.");
        }
    }

    // The file and the manifest tell the same, as far as both go; every request was logged as received, and every state that it went through.
    private static void CheckLog(string store, SqliteConnection connection, bool isAtRest, List<string> faults)
    {
        string[] recorded = [.. StoreFiles.Rows(connection, "SELECT line FROM log_entry ORDER BY number").Select(r => (string)r[0])];
        var text = Encoding.UTF8.GetString(StoreFiles.Read(Path.Combine(store, "evidence", "log.jsonl")));
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n')[..^1];
        AddIf(faults, lines.Length > recorded.Length || !recorded.Take(lines.Length).SequenceEqual(lines), "The evidence log and the manifest differ.");
        AddIf(faults, isAtRest && lines.Length != recorded.Length, "The evidence log lacks entries.");
        string[] order = ["received", "fallback-published", "published", "purged", "certified"];
        foreach (var row in StoreFiles.Rows(connection, "SELECT id, state FROM request"))
        {
            foreach (var state in order.Take(Array.IndexOf(order, (string)row[1]) + 1))
            {
                AddIf(faults, !recorded.Any(l => l.Contains($"\"event\":\"{state}\"", StringComparison.Ordinal) && l.Contains($"\"request\":\"{row[0]}\"", StringComparison.Ordinal)), $"The log does not say that request {row[0]} was {state}.");
            }
        }
    }

    private static void CheckLeftovers(string store, SqliteConnection connection, HashSet<string> files, List<string> faults)
    {
        AddIf(faults, StoreFiles.Rows(connection, $"SELECT 1 FROM garbage {NotKept}").Count > 0, "Garbage is listed.");
        files.UnionWith(StoreFiles.Rows(connection, "SELECT path FROM garbage").Select(r => (string)r[0]));
        string[] fixedFiles = ["manifest.db", "manifest.db-wal", "manifest.db-shm", "keys/assignment.key", "keys/tombstone.key", "evidence/log.jsonl", "evidence/checkpoint", "keys/log.key", "keys/log.pub.pem", "keys/certificate.key", "keys/certificate.pub.pem"];
        var leftovers = StoreFiles.All(store).Except(files).Except(fixedFiles).Where(f => !f.StartsWith("events/", StringComparison.Ordinal) && !f.StartsWith("certificates/", StringComparison.Ordinal)).ToArray();
        AddIf(faults, leftovers.Length > 0, $"Files are left over: {string.Join(", ", leftovers)}.");
    }

    private static void AddIf(List<string> faults, bool isFault, string fault)
    {
        if (isFault)
        {
            faults.Add(fault);
        }
    }
}

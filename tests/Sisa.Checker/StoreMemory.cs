using System.Text.Json;

namespace Sisa.Checker;

/// <summary>What somebody outside a store remembers of it: what it acknowledged and what it showed. No crash may take any of it back.</summary>
/// <remarks>Not thread-safe. A file of it names what was forgotten, so it belongs to tests alone.</remarks>
public sealed class StoreMemory
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Highest epoch seen.</summary>
    public long Epoch { get; set; }

    /// <summary>Heads of the evidence log: root in hexadecimal by number of entries.</summary>
    public SortedDictionary<int, string> Heads { get; init; } = [];

    /// <summary>Requests that were acknowledged, by name: the least state that each must have.</summary>
    public SortedDictionary<string, string> Requests { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Items whose ingestion was acknowledged.</summary>
    public SortedSet<string> Items { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Items whose forgetting was acknowledged, by the name of the request.</summary>
    public SortedDictionary<string, string> Forgotten { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Ids in every slice that was seen, by its root in hexadecimal: files of old slices go, their roots stay in lineages.</summary>
    public SortedDictionary<string, IReadOnlyList<string>> Slices { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file; an empty memory where there is none.</summary>
    public static StoreMemory Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<StoreMemory>(File.ReadAllBytes(path), Json)! : new StoreMemory();

    /// <summary>Writes a file.</summary>
    public void Write(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    /// <summary>A copy, to go on from several times.</summary>
    public StoreMemory Copy() => JsonSerializer.Deserialize<StoreMemory>(JsonSerializer.SerializeToUtf8Bytes(this, Json), Json)!;

    /// <summary>Takes in everything that a store shows now.</summary>
    /// <param name="store">Its folder.</param>
    public void Learn(string store)
    {
        using var rows = StoreRows.Open(store);
        Epoch = Math.Max(Epoch, rows.Epoch);
        Heads[rows.LogLines.Count] = EvidenceCheck.RootOf(rows.LogLines);
        Items.UnionWith(rows.Query("SELECT id FROM item").Select(r => (string)r[0]));
        foreach (var row in rows.Query("SELECT id, state FROM request"))
        {
            Requests[(string)row[0]] = (string)row[1];
        }

        foreach (var file in rows.Query("SELECT file FROM slice WHERE file IS NOT NULL").Select(r => rows.PathOf((string)r[0])).Where(File.Exists))
        {
            var slice = SliceContent.Read(file, rows.AssignmentKey);
            Slices[Convert.ToHexStringLower(slice.Root)] = slice.Ids;
        }
    }
}

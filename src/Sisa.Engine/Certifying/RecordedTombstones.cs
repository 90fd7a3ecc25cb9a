using System.Text.Json;
using Sisa.Engine.Stores;
using Sisa.Evidence;

namespace Sisa.Engine.Certifying;

/// <summary>The forgotten marks of the evidence log, which the tombstones must equal.</summary>
/// <remarks>
/// The log is held twice, in the manifest and in a file, and <see cref="Require"/> compares both: it detects tombstones that were altered in the manifest only. The marks are keyed, so
/// that nobody without the tombstone key can make one that stands for another id. <see cref="RequireKept"/> finds what a program changed that does not know this one, and costs nothing. Whoever alters manifest and file alike is found out by the signed heads of the log, up to the newest that somebody kept.
/// </remarks>
internal static class RecordedTombstones
{
    /// <summary>The forgotten marks after all entries: the kind of each mark, and the request that last named it.</summary>
    /// <param name="lines">The log, oldest entry first.</param>
    public static IReadOnlyDictionary<Digest, (string Kind, string Request)> Of(IEnumerable<string> lines)
    {
        var forgotten = new Dictionary<Digest, (string Kind, string Request)>();
        foreach (var line in lines.Where(line => LogEntry.IsOf(line, LogEvent.Received) || LogEntry.IsOf(line, LogEvent.Readmitted)))
        {
            Apply(line, forgotten);
        }

        return forgotten;
    }

    /// <summary>How many tombstones differ from what a log records: missing ones, others, and those of another kind or request.</summary>
    /// <param name="lines">The log.</param>
    /// <param name="tombstones">The tombstones at the same moment.</param>
    public static int Differing(IEnumerable<string> lines, IReadOnlyDictionary<Digest, (string Kind, string Request)> tombstones)
    {
        var recorded = Of(lines);
        return recorded.Count(e => !tombstones.TryGetValue(e.Key, out var tombstone) || tombstone != e.Value) + tombstones.Keys.Count(mark => !recorded.ContainsKey(mark));
    }

    /// <summary>Requires that the tombstones of the manifest equal those of the log. Part of the caller's transaction, so that both are read at one moment.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="StoreException">They differ.</exception>
    public static void Require(Store store)
    {
        store.Log.RequireWhole();
        var differing = Differing(store.Log.Lines, store.Manifest.Requests.Tombstones());
        if (differing > 0)
        {
            throw Altered(store, $"{differing} tombstones");
        }
    }

    /// <summary>Refuses a manifest whose tombstones another program has changed, without reading them or the log: for whoever counts them and lets nothing in.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="StoreException">They are not those that were recorded with the log.</exception>
    public static void RequireKept(Store store)
    {
        if (!store.Manifest.Requests.HasOwnTombstones)
        {
            throw Altered(store, "The tombstones");
        }
    }

    private static StoreException Altered(Store store, string which) => new(
        $"{which} of {store.Manifest.FilePath} differ from the evidence log: another program altered the manifest. Forgotten items could come back.",
        $"Restore the whole store folder from one backup. {Step.Recover} names all other alterations.");

    // Without the serializer, which would make code for every type at the start of a command.
    private static void Apply(string line, Dictionary<Digest, (string Kind, string Request)> forgotten)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            if (!entry.RootElement.TryGetProperty("marks", out var marks))
            {
                return;
            }

            var isReadmission = LogEntry.IsOf(line, LogEvent.Readmitted);
            var request = entry.RootElement.TryGetProperty("request", out var name) ? name.GetString()! : string.Empty;
            foreach (var mark in marks.EnumerateArray())
            {
                var digest = Digest.Parse(mark.GetProperty("mark").GetString()!);
                if (isReadmission)
                {
                    forgotten.Remove(digest);
                }
                else
                {
                    forgotten[digest] = (mark.GetProperty("kind").GetString()!, request);
                }
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new EvidenceException($"An entry of the evidence log cannot be read: {PlainReason.Of(e)}.", "The log was altered. Restore it from its newest backup.", e);
        }
    }
}

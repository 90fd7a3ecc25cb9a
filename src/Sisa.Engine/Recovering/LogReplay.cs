using Sisa.Engine.Forgetting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Recovering;

/// <summary>The result of a replay.</summary>
/// <param name="Entries">Entries of the log that the manifest lacked.</param>
/// <param name="Requests">Requests received again.</param>
/// <param name="Targets">Items and spans that the old manifest still held, to be forgotten again.</param>
/// <param name="Ingestions">Ingestions that the log records and the old manifest lacks: their files must be ingested again.</param>
/// <param name="Exports">Handouts that the old manifest does not know. They will not be listed for recall.</param>
public sealed record ReplayReport(long Entries, int Requests, int Targets, int Ingestions = 0, int Exports = 0);

/// <summary>Forgets again what the evidence log records as forgotten and an old manifest has brought back.</summary>
/// <remarks>
/// One transaction takes over the entries, the tombstones and the requests; what the old manifest still holds of them becomes their
/// targets. Then their fallbacks are published, and the next run retrains. Items are known again by their keyed marks alone.
/// </remarks>
public static class LogReplay
{
    /// <summary>Replays the log of a store that went backwards.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="clock">Source of times; the system's by default.</param>
    /// <exception cref="StoreException">Log and manifest do not belong together.</exception>
    public static ReplayReport Run(string folder, TimeProvider? clock = null)
    {
        using var store = Store.OpenUnchecked(folder, clock);
        if (store.Log.Behind == 0)
        {
            return new ReplayReport(0, 0, 0);
        }

        var lines = new LogFile(store.Layout.LogFile).Read().Skip((int)store.Manifest.Log.Count).ToArray();
        var report = store.Manifest.Write(() => TakeOver(store, lines));
        new BundlePublisher(store).PublishFallbacks();
        return report;
    }

    private static ReplayReport TakeOver(Store store, string[] lines)
    {
        var entries = lines.Select(LogEntry.Read).ToArray();
        Array.ForEach(lines, store.Manifest.Log.Add);

        // Whoever saw the epochs of the newer manifest must not see them again with another bundle.
        var epoch = Math.Max(store.Manifest.Settings.Epoch, entries.Max(e => e.Epoch));
        store.Manifest.Settings["epoch"] = epoch.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var lost = new List<(RequestRow Row, LogEntry Entry)>();
        foreach (var entry in entries)
        {
            if (entry is { Event: LogEvent.Received, Request: { } id } && store.Manifest.Requests.Find(id) is null)
            {
                lost.Add((Receive(store, id, entry), entry));
            }
            else if (entry is { Event: LogEvent.NothingHeld, Request: { } empty } && store.Manifest.Requests.Find(empty) is { } found)
            {
                store.Manifest.Requests.Update(found with { State = RequestState.NothingHeld, Completed = entry.At, Epoch = entry.Epoch, Summary = found.Summary with { Searched = new CorpusSearch(entry.Items ?? 0, entry.Named ?? 0) } });
            }
            else if (entry is { Event: LogEvent.Extended, Request: { } late, Due: { } due } && store.Manifest.Requests.Find(late) is { } extended)
            {
                store.Manifest.Requests.Extend(DueDates.Extended(extended, due, entry.At, KebabName.All<ExtensionReason>().GetValueOrDefault(entry.Note ?? string.Empty)));
            }
            else if (entry.Event == LogEvent.Readmitted)
            {
                foreach (var mark in entry.Marks ?? [])
                {
                    store.Manifest.Requests.Readmit(mark.Mark, entry.At);
                }
            }
        }

        return new ReplayReport(lines.Length, lost.Count, AddTargets(store, lost), entries.Count(e => e.Event == LogEvent.Ingested), entries.Count(e => e.Event == LogEvent.Exported));
    }

    private static RequestRow Receive(Store store, string id, LogEntry entry)
    {
        var row = new RequestRow
        {
            Id = id,
            Content = entry.Payload ?? default,
            State = RequestState.Received,
            Reason = entry.Reason ?? ForgetReason.Privacy,
            Policy = ForgetPolicy.Fallback,
            Received = entry.Received ?? entry.At,
            Recorded = entry.Received is null ? null : entry.At,
            Due = entry.Due ?? entry.At.AddDays(store.Recipe.Requests.DueDays),
            Summary = new RequestSummary(),
        };
        row = row with { Number = store.Manifest.Requests.Add(row) };
        foreach (var mark in entry.Marks ?? [])
        {
            store.Manifest.Requests.AddTombstone(mark.Mark, mark.Kind, row.Number);
        }

        return row;
    }

    private static int AddTargets(Store store, List<(RequestRow Row, LogEntry Entry)> lost)
    {
        // Taken back later in the log means not to be forgotten again.
        var tombstones = store.Manifest.Requests.ItemTombstones().Concat(store.Manifest.Requests.SpanTombstones()).Concat(store.Manifest.Requests.SubjectTombstones()).ToHashSet();
        var wanted = lost
            .SelectMany(l => (l.Entry.Marks ?? []).Where(m => tombstones.Contains(m.Mark)).Select(m => (l.Row.Number, Mark: m)))
            .ToLookup(m => m.Mark.Mark);
        var count = 0;
        foreach (var item in store.Manifest.Items.Every())
        {
            foreach (var (number, mark) in wanted[store.Marks.Item(item.Id)].Concat(wanted[store.Marks.Subject(item.Subject)]).Take(1).Concat(wanted[store.Marks.Span(item.Id)]))
            {
                TextSpan? span = mark.Span is { } text && TextSpan.TryParse(text, out var range) ? range : null;
                store.Manifest.Requests.AddTarget(new TargetRow(number, item.Id, item.Subject, item.Place, span, false));
                count++;
            }
        }

        return count;
    }
}

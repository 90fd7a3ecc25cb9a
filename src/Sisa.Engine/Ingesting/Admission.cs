using Sisa.Corpora;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Readers.Lists;

namespace Sisa.Engine.Ingesting;

/// <summary>Refuses what was forgotten when it is offered again, unless it is taken back on purpose.</summary>
/// <remarks>Not thread-safe; the caller holds the store's lock. A request can arrive all the same: <see cref="Commit"/> notices.</remarks>
/// <param name="store">The store.</param>
/// <param name="readmit">The items and subjects to accept again.</param>
/// <param name="onNotice">Told what a careful person would want to know; may be <see langword="null"/>.</param>
internal sealed class Admission(Store store, TargetList readmit, Action<string>? onNotice)
{
    private readonly IReadOnlySet<Digest> _cut = store.Manifest.Requests.SpanTombstones();
    private readonly IReadOnlySet<Digest> _items = store.Manifest.Requests.ItemTombstones();
    private readonly IReadOnlySet<Digest> _subjects = store.Manifest.Requests.SubjectTombstones();
    private readonly HashSet<string> _pending = store.Manifest.Requests.Targets().Where(t => t.Span is null).Select(t => t.Item).ToHashSet(StringComparer.Ordinal);
    private readonly long _lastRequest = store.Manifest.Requests.LastRequest;
    private readonly HashSet<string> _readmittedItems = new(StringComparer.Ordinal);
    private readonly List<string> _revivedItems = [];
    private readonly HashSet<string> _readmittedSubjects = new(StringComparer.Ordinal);

    /// <summary>Forgotten items taken back so far.</summary>
    public int Readmitted => _readmittedItems.Count;

    /// <summary>Why an item must not come in, or <see langword="null"/> when it may.</summary>
    /// <param name="item">The item.</param>
    /// <param name="file">Its file, for the message.</param>
    public CorpusException? Refusal(Item item, string file)
    {
        var itemForgotten = _items.Count > 0 && _items.Contains(store.Marks.Item(item.Id));
        var subjectForgotten = _subjects.Count > 0 && _subjects.Contains(store.Marks.Subject(item.Subject));
        if (!itemForgotten && !subjectForgotten)
        {
            return null;
        }

        if (!readmit.Holds(item.Id, item.Subject))
        {
            var what = itemForgotten ? $"Item '{item.Id}'" : $"Subject '{item.Subject}' of item '{item.Id}'";
            return new CorpusException($"{what} was forgotten.", $"Leave it out with {Step.LeaveOut}, or accept it again with {Step.Readmit}; both take a list.", file, item.Row) { LastRow = item.LastRow, Reason = RowFaultReason.Forgotten };
        }

        if (_pending.Contains(item.Id))
        {
            // Its request would purge it forever.
            return new CorpusException($"A request that is not finished forgets item '{item.Id}'.", $"Run {Step.Train} first, then ingest it again.", file, item.Row) { LastRow = item.LastRow, Reason = RowFaultReason.Forgotten };
        }

        if (itemForgotten)
        {
            TakeBack(item);
        }

        if (subjectForgotten && readmit.Subjects.Contains(item.Subject))
        {
            _readmittedSubjects.Add(item.Subject);
        }

        return null;
    }

    /// <summary>Records what was taken back; part of the caller's transaction.</summary>
    /// <exception cref="StoreBusyException">A request was received since the reading began, and may name what was read.</exception>
    public void Commit()
    {
        if (store.Manifest.Requests.LastRequest != _lastRequest)
        {
            throw new StoreBusyException("A request to forget was received while the corpus was read. Nothing was ingested.", "Run the same command again.");
        }

        LogMark[] marks =
        [
            .. _readmittedItems.Select(item => new LogMark("item", store.Marks.Item(item))),
            .. _revivedItems.Select(item => new LogMark("span", store.Marks.Span(item))),
            .. _readmittedSubjects.Select(subject => new LogMark("subject", store.Marks.Subject(subject))),
        ];
        foreach (var mark in marks)
        {
            store.Manifest.Requests.Readmit(mark.Mark, store.Now);
        }

        if (marks.Length > 0)
        {
            store.Log.Record(LogEvent.Readmitted, entry => entry with { Marks = marks });
        }
    }

    private void TakeBack(Item item)
    {
        if (_readmittedItems.Add(item.Id) && _cut.Contains(store.Marks.Span(item.Id)))
        {
            _revivedItems.Add(item.Id);
            onNotice?.Invoke($"Item '{item.Id}' comes back with parts of its text that were cut before it was forgotten. Cut them again, or remove them from the file.");
        }
    }
}

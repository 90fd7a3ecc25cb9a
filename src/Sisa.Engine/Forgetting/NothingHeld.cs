using Sisa.Engine.Finding;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>Records requests for what the store does not hold, or holds no longer. They end with their receipt.</summary>
/// <remarks>
/// The request keeps nobody out: what it named is kept only as the keyed hash of its content (rule E9), and as commitments that the requester alone can open. Whoever asks to be kept out
/// leaves the id to <c>ingest --except</c>. No certificate is issued before every earlier request is purged, because the store still holds what those name.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="wait">Says when they are due.</param>
/// <param name="pending">The targets of requests that are not purged, those of the same call included.</param>
internal sealed class NothingHeld(Store store, RetrainingWait wait, IEnumerable<TargetRow> pending)
{
    // All requests of a call search the same corpus.
    private readonly Lazy<CorpusSearch> _corpus = new(() => Look(store, pending));

    /// <summary>Records a request; part of the caller's transaction.</summary>
    /// <param name="request">The request.</param>
    /// <param name="outcome">The result of the search: nothing.</param>
    /// <param name="name">Name of the request.</param>
    /// <param name="content">Keyed hash of what it asks for.</param>
    public ForgetOutcome Record(ForgetRequest request, ForgetOutcome outcome, string name, Digest content)
    {
        var now = store.Now;
        var row = new RequestRow
        {
            Id = name,
            Content = content,
            State = RequestState.NothingHeld,
            Reason = request.Reason,
            Policy = request.Policy,
            Received = request.Received ?? now,
            Recorded = request.Received is null ? null : now,
            Due = wait.Due(request, now),
            Completed = now,
            Epoch = store.Manifest.Settings.Epoch,
            Summary = new RequestSummary { Searched = _corpus.Value with { Named = request.Items.Count + request.Subjects.Count + request.Spans.Count } },
        };
        row = row with { Number = store.Manifest.Requests.Add(row) };
        var copy = Commit(request, row);
        store.Log.Record(LogEvent.Received, entry => entry with { Request = row.Id, Reason = row.Reason, Received = request.Received, Due = row.Due, Payload = row.Content });
        store.Log.Record(LogEvent.NothingHeld, entry => entry with { Request = row.Id, Items = row.Summary.Searched!.Items, Named = row.Summary.Searched.Named });
        return outcome with { Request = row.Id, Recorded = row, Copy = copy };
    }

    /// <summary>Answers a repeated request. Until the certificate is issued, a requester who lost the answer gets new nonces.</summary>
    /// <param name="request">The request.</param>
    /// <param name="row">As it was recorded.</param>
    public RequesterCopy? Repeat(ForgetRequest request, RequestRow row) => store.Manifest.Certificates.Has(row.Number) ? null : Commit(request, row);

    /// <summary>Names of a request, with the nonces that follow from its code.</summary>
    public static IEnumerable<CommittedItem> Names(string code, IEnumerable<string> items, IEnumerable<string> subjects, IEnumerable<ItemSpan> spans) =>
        items.Distinct(StringComparer.Ordinal).Select(item => CommittedItem.Of(code, item, null))
            .Concat(subjects.Distinct(StringComparer.Ordinal).Select(subject => CommittedItem.OfSubject(code, subject)))
            .Concat(spans.Distinct().Select(span => CommittedItem.Of(code, span.Item, span.Span)));

    private static CorpusSearch Look(Store store, IEnumerable<TargetRow> pending)
    {
        var slices = store.Manifest.Slices.All();
        var unapplied = pending.Where(t => !t.Applied).ToArray();

        // Roots of slices that hold what must be forgotten would outlive it (rule E9).
        return new CorpusSearch(slices.Sum(s => s.Root.ItemCount) - unapplied.LongCount(t => t.Span is null), Named: 0, slices.Count, unapplied.Length == 0 ? CorpusScan.DigestOf(slices) : null);
    }

    // Without nonces, the requester could not show which names the certificate is about.
    private RequesterCopy Commit(ForgetRequest request, RequestRow row)
    {
        var code = RequesterCopy.NewCode();
        var copy = new RequesterCopy(row.Id, [.. Names(code, request.Items, request.Subjects, request.Spans)]);
        store.Manifest.Certificates.SetCommitments(row.Number, copy.Commitments());
        return copy;
    }
}

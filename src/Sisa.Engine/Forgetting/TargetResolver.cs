using System.Text;
using Sisa.Engine.Certifying;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>The resolved names of a request.</summary>
/// <param name="Targets">Items and spans to forget now, by place and id.</param>
/// <param name="Unknown">Ids and subjects that the store does not hold.</param>
/// <param name="AlreadyForgotten">Ids, subjects and spans that were forgotten before.</param>
internal sealed record Resolution(IReadOnlyList<TargetRow> Targets, IReadOnlyList<string> Unknown, IReadOnlyList<string> AlreadyForgotten);

/// <summary>Finds the items that requests name. Rows, tombstones and cuts are looked up once for all of them.</summary>
/// <param name="store">The store.</param>
internal sealed class TargetResolver(Store store) : IDisposable
{
    private readonly Dictionary<Placement, SliceFile> _slices = [];
    private readonly List<NotFoundException> _faults = [];

    // What requests before the one in hand name, as if they had been received.
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TextSpan>> _pending = new(StringComparer.Ordinal);

    private IReadOnlyDictionary<string, ItemRow> _rows = new Dictionary<string, ItemRow>();
    private ILookup<string, ItemRow> _bySubject = Array.Empty<ItemRow>().ToLookup(r => r.Subject);
    private IReadOnlyDictionary<string, CutRanges> _cuts = new Dictionary<string, CutRanges>();
    private ForgottenNames _forgotten = ForgottenNames.None;

    /// <summary>Resolves requests in their order.</summary>
    /// <param name="requests">The requests.</param>
    /// <exception cref="NotFoundException">A span reaches beyond its text, or its item has none.</exception>
    /// <exception cref="RequestException">Several do.</exception>
    public IReadOnlyList<Resolution> Resolve(IReadOnlyList<ForgetRequest> requests)
    {
        RecordedTombstones.Require(store);
        LookUp(requests);
        var resolutions = requests.Select(Resolve).ToArray();
        return _faults.Count switch
        {
            0 => resolutions,
            1 => throw _faults[0],
            _ => throw new RequestException([.. _faults.Select(f => f.Message)], _faults[0].Remedy),
        };
    }

    public void Dispose()
    {
        foreach (var file in _slices.Values)
        {
            file.Dispose();
        }
    }

    private void LookUp(IReadOnlyList<ForgetRequest> requests)
    {
        var items = requests.SelectMany(Items).Concat(requests.SelectMany(r => r.Spans).Select(s => s.Item)).ToHashSet(StringComparer.Ordinal);
        var subjects = requests.SelectMany(r => r.Subjects).ToHashSet(StringComparer.Ordinal);
        _rows = store.Manifest.Items.FindById(items).ToDictionary(r => r.Id, StringComparer.Ordinal);
        _bySubject = (subjects.Count > 0 ? store.Manifest.Items.FindBySubject(subjects) : []).ToLookup(r => r.Subject, StringComparer.Ordinal);
        new RowCheck(store).Require(items, _rows, subjects, _bySubject);
        _forgotten = ForgottenNames.Among(store, items.Concat(subjects).Concat(_bySubject.SelectMany(g => g).Select(r => r.Id)), subjects);
        var cut = requests.SelectMany(r => r.Spans).Select(s => s.Item).ToHashSet(StringComparer.Ordinal);
        if (cut.Count > 0)
        {
            _cuts = store.Manifest.Requests.Cuts(cut);
            foreach (var target in store.Manifest.Requests.Targets().Where(t => t.Span is not null && cut.Contains(t.Item)))
            {
                Pending(target.Item).Add(target.Span!.Value);
            }
        }
    }

    // Ignore duplicates that were forgotten since the search.
    private static IEnumerable<string> Items(ForgetRequest request) => request.Items.Concat(request.Duplicates?.Items ?? []);

    private Resolution Resolve(ForgetRequest request)
    {
        var named = new Named();
        ResolveItems(request.Items, named);
        ResolveSubjects(request.Subjects, named);
        foreach (var item in request.Duplicates?.Items ?? [])
        {
            if (_rows.TryGetValue(item, out var row) && !IsForgotten(item))
            {
                named.Add(row, null);
            }
        }

        ResolveSpans(request.Spans, named);

        // A span of an item that is forgotten as a whole has nothing left to cut.
        var whole = named.Targets.Keys.Where(k => k.Span is null).Select(k => k.Item).ToHashSet(StringComparer.Ordinal);
        TargetRow[] targets = [.. named.Targets.Values.Where(t => t.Span is null || !whole.Contains(t.Item)).OrderBy(t => t.Place).ThenBy(t => t.Item, StringComparer.Ordinal)];
        _claimed.UnionWith(whole);
        foreach (var target in targets.Where(t => t.Span is not null))
        {
            Pending(target.Item).Add(target.Span!.Value);
        }

        return new Resolution(targets, named.Unknown, named.Already);
    }

    private void ResolveItems(IReadOnlyList<string> items, Named named)
    {
        foreach (var item in items.Distinct(StringComparer.Ordinal))
        {
            if (IsForgotten(item))
            {
                named.Already.Add(item);
            }
            else if (_rows.TryGetValue(item, out var row))
            {
                named.Add(row, null);
            }
            else
            {
                named.Unknown.Add(item);
            }
        }
    }

    private void ResolveSubjects(IReadOnlyList<string> subjects, Named named)
    {
        foreach (var subject in subjects.Distinct(StringComparer.Ordinal))
        {
            var live = _bySubject[subject].Where(r => !IsForgotten(r.Id)).ToArray();
            Array.ForEach(live, row => named.Add(row, null));
            if (live.Length == 0)
            {
                var isKnown = _bySubject.Contains(subject) || IsForgotten(subject) || _forgotten.Subjects.Contains(subject);
                (isKnown ? named.Already : named.Unknown).Add(subject);
            }
        }
    }

    private void ResolveSpans(IReadOnlyList<ItemSpan> spans, Named named)
    {
        foreach (var group in spans.GroupBy(s => s.Item))
        {
            if (IsForgotten(group.Key))
            {
                named.Already.AddRange(group.Select(s => $"{s.Item} {s.Span}"));
            }
            else if (_rows.TryGetValue(group.Key, out var row))
            {
                ResolveSpans(row, [.. group.Select(s => s.Span)], named);
            }
            else
            {
                named.Unknown.Add(group.Key);
            }
        }
    }

    private void ResolveSpans(ItemRow row, IReadOnlyList<TextSpan> spans, Named named)
    {
        var applied = _cuts.GetValueOrDefault(row.Id) ?? new CutRanges([]);
        if (TextLength(row) is not { } left)
        {
            _faults.Add(new NotFoundException($"Item '{row.Id}' has no text to cut a span from.", $"Forget the whole item with {Step.NameItem}."));
            return;
        }

        var length = left + applied.Length;
        if (spans.FirstOrDefault(s => s.To > length) is { To: > 0 } outside)
        {
            _faults.Add(new NotFoundException($"Item '{row.Id}' has {length} code points, and span {outside} extends beyond them.", "Count code points of the text as first ingested, from 0."));
            return;
        }

        var cuts = applied.Union(_pending.GetValueOrDefault(row.Id) ?? []);
        var fresh = new List<TextSpan>();
        foreach (var span in spans)
        {
            if (cuts.Contains(span))
            {
                named.Already.Add($"{row.Id} {span}");
            }

            // Take only ranges that are not cut yet, so that the ranges of pending requests show which part of a text is theirs (see Purge).
            var rest = new CutRanges([span]).Except(cuts).Ranges;
            fresh.AddRange(rest);
            cuts = cuts.Union(rest);
        }

        if (fresh.Count > 0 && cuts.Length == length)
        {
            named.Add(row, null);
            return;
        }

        fresh.ForEach(span => named.Add(row, span));
    }

    // Code points of an item's text as it is now; null where it has none.
    private int? TextLength(ItemRow row)
    {
        // Under the write lock, read only a length. The rewriting of the slice verifies it.
        if (!_slices.TryGetValue(row.Place, out var file))
        {
            file = SliceFile.OpenUnverified(store.Layout.Absolute(store.Manifest.Slices.Get(row.Place).File!));
            _slices.Add(row.Place, file);
        }

        var index = file.Find(Encoding.UTF8.GetBytes(row.Id));
        return index < 0 || file[index].Text.IsEmpty ? null : CutRanges.CodePoints(Encoding.UTF8.GetString(file[index].Text));
    }

    private List<TextSpan> Pending(string item)
    {
        if (!_pending.TryGetValue(item, out var spans))
        {
            _pending.Add(item, spans = []);
        }

        return spans;
    }

    private bool IsForgotten(string item) => _claimed.Contains(item) || _forgotten.Items.Contains(item);

    /// <summary>The names of one request, as far as they are resolved.</summary>
    private sealed class Named
    {
        public Dictionary<(string Item, TextSpan? Span), TargetRow> Targets { get; } = [];

        public List<string> Unknown { get; } = [];

        public List<string> Already { get; } = [];

        public void Add(ItemRow row, TextSpan? span) => Targets[(row.Id, span)] = new TargetRow(0, row.Id, row.Subject, row.Place, span, false);
    }
}

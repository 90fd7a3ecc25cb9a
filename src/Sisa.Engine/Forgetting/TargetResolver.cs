using System.Text;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Finds the items that a request names.</summary>
/// <param name="store">The store.</param>
internal sealed class TargetResolver(Store store) : IDisposable
{
    private readonly Dictionary<Placement, SliceFile> _slices = [];
    private readonly Dictionary<(string Item, TextSpan? Span), TargetRow> _targets = [];
    private readonly List<string> _unknown = [];
    private readonly List<string> _already = [];

    public (IReadOnlyList<TargetRow> Targets, IReadOnlyList<string> Unknown, IReadOnlyList<string> AlreadyForgotten) Resolve(ForgetRequest request)
    {
        ResolveItems(request.Items);
        ResolveSubjects(request.Subjects);
        ResolveSpans(request.Spans);

        // A span of an item that is forgotten as a whole has nothing left to cut.
        var whole = _targets.Keys.Where(k => k.Span is null).Select(k => k.Item).ToHashSet();
        var targets = _targets.Values.Where(t => t.Span is null || !whole.Contains(t.Item)).OrderBy(t => t.Place).ThenBy(t => t.Item, StringComparer.Ordinal);
        return ([.. targets], _unknown, _already);
    }

    private void ResolveItems(IReadOnlyList<string> items)
    {
        var rows = store.Manifest.Items.FindById(items).ToDictionary(r => r.Id);
        foreach (var item in items.Distinct())
        {
            if (IsForgotten(item))
            {
                _already.Add(item);
            }
            else if (rows.TryGetValue(item, out var row))
            {
                Add(row, null);
            }
            else
            {
                _unknown.Add(item);
            }
        }
    }

    private void ResolveSubjects(IReadOnlyList<string> subjects)
    {
        var rows = store.Manifest.Items.FindBySubject(subjects).ToLookup(r => r.Subject);
        foreach (var subject in subjects.Distinct())
        {
            var live = rows[subject].Where(r => !IsForgotten(r.Id)).ToArray();
            foreach (var row in live)
            {
                Add(row, null);
            }

            if (live.Length == 0)
            {
                var known = rows.Contains(subject) || store.Manifest.Requests.HasTombstone(store.SubjectMark(subject)) || IsForgotten(subject);
                (known ? _already : _unknown).Add(subject);
            }
        }
    }

    private void ResolveSpans(IReadOnlyList<ItemSpan> spans)
    {
        var rows = store.Manifest.Items.FindById([.. spans.Select(s => s.Item)]).ToDictionary(r => r.Id);
        var pending = store.Manifest.Requests.Targets().Where(t => t.Span is not null).ToLookup(t => t.Item, t => t.Span!.Value);
        foreach (var group in spans.GroupBy(s => s.Item))
        {
            if (IsForgotten(group.Key))
            {
                _already.AddRange(group.Select(s => $"{s.Item} {s.Span}"));
            }
            else if (rows.TryGetValue(group.Key, out var row))
            {
                ResolveSpans(row, [.. group.Select(s => s.Span)], store.Manifest.Requests.Cuts(group.Key), pending[group.Key]);
            }
            else
            {
                _unknown.Add(group.Key);
            }
        }
    }

    private void ResolveSpans(ItemRow row, IReadOnlyList<TextSpan> spans, CutRanges applied, IEnumerable<TextSpan> pending)
    {
        var length = TextLength(row) + applied.Length;
        if (spans.FirstOrDefault(s => s.To > length) is { To: > 0 } outside)
        {
            throw new NotFoundException($"Item '{row.Id}' has {length} code points, span {outside} reaches beyond.", "Count code points of the text as first ingested, from 0.");
        }

        var cuts = applied.Union(pending);
        var fresh = new List<TextSpan>();
        foreach (var span in spans)
        {
            if (cuts.Contains(span))
            {
                _already.Add($"{row.Id} {span}");
            }

            // Only what is not cut yet: so the ranges of pending requests tell which part of a text is theirs (see Purge).
            var left = new CutRanges([span]).Except(cuts).Ranges;
            fresh.AddRange(left);
            cuts = cuts.Union(left);
        }

        if (fresh.Count > 0 && cuts.Length == length)
        {
            Add(row, null);
            return;
        }

        fresh.ForEach(span => Add(row, span));
    }

    private int TextLength(ItemRow row)
    {
        // Only a length is read, and under the write lock; whoever rewrites the slice verifies it.
        if (!_slices.TryGetValue(row.Place, out var file))
        {
            file = SliceFile.OpenUnverified(store.Layout.Absolute(store.Manifest.Slices.Get(row.Place).File!));
            _slices.Add(row.Place, file);
        }

        var index = file.Find(Encoding.UTF8.GetBytes(row.Id));
        var text = index < 0 ? string.Empty : Encoding.UTF8.GetString(file[index].Text);
        return text.Length > 0
            ? CutRanges.CodePoints(text)
            : throw new NotFoundException($"Item '{row.Id}' has no text to cut a span from.", "Forget the whole item with '--item'.");
    }

    public void Dispose()
    {
        foreach (var file in _slices.Values)
        {
            file.Dispose();
        }
    }

    private void Add(ItemRow row, TextSpan? span) => _targets[(row.Id, span)] = new TargetRow(0, row.Id, row.Subject, row.Place, span, false);

    private bool IsForgotten(string item) => store.Manifest.Requests.HasTombstone(store.ItemMark(item));
}

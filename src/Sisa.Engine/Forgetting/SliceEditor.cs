using System.Collections.Concurrent;
using System.Text;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Rewrites slices without what requests name.</summary>
/// <remarks>Not thread-safe; the caller holds the store's lock.</remarks>
/// <param name="store">The store.</param>
internal sealed class SliceEditor(Store store) : IDisposable
{
    private readonly SliceRewriter _slices = new(store);
    private readonly List<string> _removed = [];
    private readonly ConcurrentDictionary<string, CutRanges> _cuts = new(StringComparer.Ordinal);

    /// <summary>Writes slices without items, and with the texts of others cut. Nothing is current before <see cref="Commit"/>.</summary>
    /// <param name="targets">What is named, by slice.</param>
    /// <param name="degree">Slices that are written at once.</param>
    /// <param name="cancellation">Ends the work; what was written is removed with this.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public void Remove(ILookup<Placement, TargetRow> targets, int degree, CancellationToken cancellation)
    {
        // The manifest is for this thread.
        string[] cut = [.. targets.SelectMany(slice => slice).Where(t => t.Span is not null).Select(t => t.Item).Distinct()];
        var before = cut.Length > 0 ? store.Manifest.Requests.Cuts(cut) : new Dictionary<string, CutRanges>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = degree, CancellationToken = cancellation };
        ParallelFault.Unwrap(() => Parallel.ForEach(targets, options, slice => Remove(slice.Key, [.. slice], before)));
        _removed.AddRange(targets.SelectMany(slice => slice).Where(t => t.Span is null).Select(t => t.Item).Distinct());
    }

    private void Remove(Placement place, IReadOnlyList<TargetRow> targets, IReadOnlyDictionary<string, CutRanges> before)
    {
        var whole = targets.Where(t => t.Span is null).Select(t => t.Item).ToHashSet();
        var spans = targets.Where(t => t.Span is not null && !whole.Contains(t.Item)).ToLookup(t => t.Item, t => t.Span!.Value);
        var builder = _slices.Begin(place, (file, index) =>
        {
            var id = Encoding.UTF8.GetString(file.Id(index).Span);
            return !whole.Contains(id) && !spans.Contains(id);
        });
        var cutter = new Lazy<TextCutter>(() => new TextCutter(store.Recipe));
        foreach (var item in spans)
        {
            AddCut(builder, place, item.Key, before.GetValueOrDefault(item.Key) ?? new CutRanges([]), item, cutter);
        }

        builder.Sort();
        _slices.Finish(place, builder);
    }

    /// <summary>Makes the new slices current, drops the rows of removed items and records cuts; part of the caller's transaction.</summary>
    /// <param name="upToRequest">Newest request whose targets were taken into account.</param>
    public void Commit(long upToRequest)
    {
        _slices.Commit();
        store.Manifest.Items.Delete(_removed);
        var nothing = new CutRanges([]);
        foreach (var item in _removed)
        {
            store.Manifest.Requests.SetCuts(item, nothing);
        }

        foreach (var (item, cuts) in _cuts)
        {
            store.Manifest.Requests.SetCuts(item, cuts);
        }

        foreach (var slice in _slices.Written)
        {
            store.Manifest.Requests.MarkApplied(slice.Place, upToRequest);
        }
    }

    public void Dispose() => _slices.Dispose();

    private void AddCut(SliceBuilder builder, Placement place, string item, CutRanges before, IEnumerable<TextSpan> spans, Lazy<TextCutter> cutter)
    {
        var current = _slices.Current(place);
        var index = current?.Find(Encoding.UTF8.GetBytes(item)) ?? -1;
        if (index < 0)
        {
            // An earlier request has removed the whole item since.
            return;
        }

        var after = before.Union(spans);
        builder.Add(cutter.Value.Cut(current![index], before, after), 0);
        _cuts[item] = after;
    }
}

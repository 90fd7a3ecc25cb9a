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
    private readonly Dictionary<string, CutRanges> _cuts = [];
    private TextCutter? _cutter;

    /// <summary>Writes a slice without items, and with the texts of others cut.</summary>
    /// <param name="place">The slice.</param>
    /// <param name="targets">The targets in it.</param>
    public void Remove(Placement place, IReadOnlyList<TargetRow> targets)
    {
        var whole = targets.Where(t => t.Span is null).Select(t => t.Item).ToHashSet();
        var spans = targets.Where(t => t.Span is not null && !whole.Contains(t.Item)).ToLookup(t => t.Item, t => t.Span!.Value);
        var builder = _slices.Begin(place, (file, index) =>
        {
            var id = Encoding.UTF8.GetString(file.Id(index).Span);
            return !whole.Contains(id) && !spans.Contains(id);
        });
        foreach (var item in spans)
        {
            AddCut(builder, place, item.Key, item);
        }

        builder.Sort();
        _slices.Finish(place, builder);
        _removed.AddRange(whole);
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

    private void AddCut(SliceBuilder builder, Placement place, string item, IEnumerable<TextSpan> spans)
    {
        var current = _slices.Current(place);
        var index = current?.Find(Encoding.UTF8.GetBytes(item)) ?? -1;
        if (index < 0)
        {
            // An earlier request has removed the whole item since.
            return;
        }

        var before = store.Manifest.Requests.Cuts(item);
        var after = before.Union(spans);
        _cutter ??= new TextCutter(store.Recipe);
        builder.Add(_cutter.Cut(current![index], before, after), 0);
        _cuts[item] = after;
    }
}

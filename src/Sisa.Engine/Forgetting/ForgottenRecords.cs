using System.Text;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Forgetting;

/// <summary>Where items that requests name can still be read before the purge: in their slice, or, once that was rewritten, in its old versions.</summary>
/// <param name="store">The store.</param>
public sealed class ForgottenRecords(Store store)
{
    private const int MostPerRequest = 10_000;

    /// <summary>Records of what pending requests name, as models were trained on them.</summary>
    /// <param name="targets">What they name.</param>
    /// <returns>By the number of the request; of one with very many items, the first ten thousand.</returns>
    public IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> Read(IReadOnlyList<TargetRow> targets)
    {
        var found = targets.Select(t => t.Request).Distinct().ToDictionary(request => request, _ => new Dictionary<string, ForgottenRecord>(StringComparer.Ordinal));
        var tokens = store.Recipe.Task == TaskKind.LanguageModel && targets.Any(t => t.Span is not null) ? new SpanTokens(store) : null;
        Visit(targets, (file, index, item) =>
        {
            foreach (var request in item.GroupBy(t => t.Request).Where(r => found[r.Key].Count < MostPerRequest))
            {
                var record = file[index];
                TargetRow[] cut = [.. request.Where(t => t.Span is not null)];
                var read = new ForgottenRecord(item.First().Place.Shard, record.Label, record.Features.ToArray(), tokens?.Of(record, cut) ?? []);

                // Of several old versions the one that holds all spans is wanted.
                if (!found[request.Key].TryAdd(item.Key, read) && read.Spans.Count > 0)
                {
                    found[request.Key][item.Key] = read;
                }
            }
        });
        return found.ToDictionary(f => f.Key, f => (IReadOnlyList<ForgottenRecord>)[.. f.Value.Values]);
    }

    /// <summary>Visits every version of a slice that holds an item, for each of the items.</summary>
    /// <param name="targets">What pending requests name.</param>
    /// <param name="visit">Told the file, the item's position in it, and all targets that name the item.</param>
    /// <returns>How many targets lie in a version that is damaged: what it said is lost.</returns>
    internal int Visit(IReadOnlyList<TargetRow> targets, Action<SliceFile, int, IGrouping<string, TargetRow>> visit)
    {
        var lost = 0;
        var garbage = store.Manifest.Garbage.All();
        foreach (var slice in targets.GroupBy(t => (t.Place, t.Applied)))
        {
            // Without their spans, texts stay in the current version; so only what is not applied yet is looked for there.
            var names = SliceRewriter.NamesOf(store, slice.Key.Place);
            string?[] files = slice.Key.Applied ? [.. garbage.Where(path => path.StartsWith(names, StringComparison.Ordinal))] : [store.Manifest.Slices.Get(slice.Key.Place).File];
            foreach (var path in files.OfType<string>().Select(store.Layout.Absolute))
            {
                try
                {
                    using var file = SliceFile.OpenOld(path);
                    Visit(file, slice, visit);
                }
                catch (StoreException)
                {
                    lost += slice.Count();
                }
            }
        }

        return lost;
    }

    private static void Visit(SliceFile file, IEnumerable<TargetRow> targets, Action<SliceFile, int, IGrouping<string, TargetRow>> visit)
    {
        foreach (var item in targets.GroupBy(t => t.Item, StringComparer.Ordinal))
        {
            if (file.Find(Encoding.UTF8.GetBytes(item.Key)) is >= 0 and var index)
            {
                visit(file, index, item);
            }
        }
    }
}

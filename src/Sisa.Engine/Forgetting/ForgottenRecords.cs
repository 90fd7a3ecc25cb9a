using System.Text;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;
using Sisa.Training;

namespace Sisa.Engine.Forgetting;

/// <summary>Where forgotten items can still be read before the purge: in their slice, or, after it was rewritten, in its old versions.</summary>
/// <param name="store">The store.</param>
public sealed class ForgottenRecords(Store store)
{
    /// <summary>Most items of a request that are read.</summary>
    public const int MostItems = 10_000;

    /// <summary>Most documents of a request that are read for a language model.</summary>
    public const int MostTexts = 256;

    // Of many requests together no more than so many times that, and one of each.
    private const int MostTextsTimes = 16;

    /// <summary>Records of what pending requests name, as models were trained on them.</summary>
    /// <param name="targets">Their targets.</param>
    /// <returns>Records by the number of the request; for a request with very many items, a sample by keyed hash.</returns>
    public IReadOnlyDictionary<long, IReadOnlyList<ForgottenRecord>> Read(IReadOnlyList<TargetRow> targets)
    {
        var requests = targets.GroupBy(t => t.Request).ToArray();
        var found = requests.ToDictionary(request => request.Key, _ => new Dictionary<string, ForgottenRecord>(StringComparer.Ordinal));
        var isLanguage = store.Recipe.Task == TaskKind.LanguageModel;
        var most = isLanguage ? Math.Max(1, Math.Min(MostTexts, MostTexts * MostTextsTimes / Math.Max(1, requests.Length))) : MostItems;
        var tokens = isLanguage && targets.Any(t => t.Span is not null) ? new SpanTokens(store) : null;
        Visit([.. requests.SelectMany(request => Choose(request, most))], (file, index, item) =>
        {
            var record = file[index];
            foreach (var request in item.GroupBy(t => t.Request))
            {
                var spans = tokens?.Of(record, [.. request.Where(t => t.Span is not null)]) ?? [];
                var read = new ForgottenRecord(item.First().Place.Shard, record.Label, record.Features.ToArray(), spans);

                // Of several old versions the one that holds all spans is wanted.
                if (!found[request.Key].TryAdd(item.Key, read) && spans.Count > 0)
                {
                    found[request.Key][item.Key] = read;
                }
            }
        });
        return found.ToDictionary(f => f.Key, f => (IReadOnlyList<ForgottenRecord>)[.. f.Value.Values]);
    }

    /// <summary>Visits every version of a slice that holds an item, for each of the items.</summary>
    /// <param name="targets">The targets of pending requests.</param>
    /// <param name="visit">Told the file, the item's position in it, and all targets that name the item.</param>
    /// <returns>Number of targets in a damaged version, whose content is lost.</returns>
    internal int Visit(IReadOnlyList<TargetRow> targets, Action<SliceFile, int, IGrouping<string, TargetRow>> visit)
    {
        var lost = 0;
        var garbage = store.Manifest.Garbage.All();
        foreach (var slice in targets.GroupBy(t => (t.Place, t.Applied)))
        {
            // Texts remain in the current version without their spans, so look there only for spans that are not cut yet.
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

    private IEnumerable<TargetRow> Choose(IGrouping<long, TargetRow> request, int most)
    {
        var items = request.GroupBy(t => t.Item, StringComparer.Ordinal).ToArray();
        if (items.Length <= most)
        {
            return request;
        }

        var chosen = new KeyedSample<IGrouping<string, TargetRow>>(Seeds.Derive(store.Recipe.Training.Seed, "measured/forgotten"), most, most);
        Array.ForEach(items, item => chosen.Offer(item.Key, 1, () => item));
        return chosen.Items.SelectMany(item => item);
    }
}

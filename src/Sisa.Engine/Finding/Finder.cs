using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Finding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Finding;

/// <summary>Finds what an erasure should reach: places of a phrase, and duplicates of items under other ids. Changes nothing.</summary>
/// <remarks>Takes no lock: what is ingested after a search has begun is not found.</remarks>
/// <param name="store">The store.</param>
public sealed class Finder(Store store)
{
    private bool HasTexts => store.Recipe.HasText;

    /// <summary>Finds a phrase in the texts of all items.</summary>
    /// <param name="phrase">The phrase; not empty.</param>
    /// <param name="level">How close an occurrence must be.</param>
    /// <param name="threshold">Least resemblance that counts as near.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="NotFoundException">The items of this store have no texts.</exception>
    /// <exception cref="StoreException">A slice is damaged.</exception>
    public FindReport Phrase(string phrase, MatchKind level, double threshold = Shingles.DefaultThreshold, CancellationToken cancellation = default)
    {
        if (!HasTexts)
        {
            throw new NotFoundException("The items of this store have no texts, so phrases cannot be searched for.", $"Exact copies can be found: {Step.FindEqualItems}.");
        }

        var scan = new CorpusScan(store);
        var (found, items) = scan.Run(() => new PhraseMatcher(phrase, level, threshold), cancellation);
        return Report(scan, found, items, level, threshold);
    }

    /// <summary>Finds duplicates of items. The items themselves are not among them.</summary>
    /// <param name="items">Ids of items.</param>
    /// <param name="level">How close a duplicate must be.</param>
    /// <param name="threshold">Least resemblance that counts as near.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The duplicates; nothing was searched where none of the items is in the store.</returns>
    /// <exception cref="NotFoundException">The items of this store have no texts, and more than equal ones were asked for.</exception>
    /// <exception cref="StoreException">A slice is damaged, or its rows are others.</exception>
    public FindReport Duplicates(IReadOnlyCollection<string> items, MatchKind level, double threshold = Shingles.DefaultThreshold, CancellationToken cancellation = default)
    {
        if (!HasTexts && level > MatchKind.Exact)
        {
            throw new NotFoundException($"The items of this store have no texts, so {KebabName.Of(level)} duplicates cannot be found.", "Only exact duplicates can be found: give 'exact'.");
        }

        var scan = new CorpusScan(store);
        var rows = store.Manifest.Read(() =>
        {
            var found = store.Manifest.Items.FindById([.. items.Distinct(StringComparer.Ordinal)]);
            new RowCheck(store).RequireItems(items, found);
            return found;
        });
        var known = rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        string[] unknown = [.. items.Distinct(StringComparer.Ordinal).Where(i => !known.Contains(i))];
        if (rows.Count == 0)
        {
            return Report(scan, [], 0, level, threshold) with { Unknown = unknown };
        }

        var named = NamedItems.Load(scan, rows, level, threshold);
        var (found, count) = scan.Run(() => new DuplicateMatcher(named), cancellation);
        return Report(scan, found, count, level, threshold) with { Unknown = unknown, WithoutText = named.WithoutText };
    }

    /// <summary>The items of a subject.</summary>
    /// <param name="subject">The subject.</param>
    /// <exception cref="StoreException">The rows are not those of the slices.</exception>
    public IReadOnlyList<ItemRow> ItemsOf(string subject)
    {
        var rows = store.Manifest.Read(() =>
        {
            var found = store.Manifest.Items.FindBySubject([subject]);
            new RowCheck(store).RequireSubjects([subject], found);
            return found;
        });
        var forgotten = store.Manifest.Requests.Targets().Where(t => t.Span is null).Select(t => t.Item).ToHashSet(StringComparer.Ordinal);
        return [.. rows.Where(r => !forgotten.Contains(r.Id)).OrderBy(r => r.Place).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }

    private static FindReport Report(CorpusScan scan, IReadOnlyList<FoundItem> found, long items, MatchKind level, double threshold) => new()
    {
        Items = items,
        Level = level,
        Threshold = level == MatchKind.Near ? threshold : null,
        Found = found,
        Corpus = scan.Corpus,
    };
}

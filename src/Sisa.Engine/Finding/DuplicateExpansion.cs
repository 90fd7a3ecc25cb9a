using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Finding;
using Sisa.Forgetting;

namespace Sisa.Engine.Finding;

/// <summary>Requests that take the duplicates of what they name with them.</summary>
/// <param name="Requests">The requests, each with the duplicates of its own items.</param>
/// <param name="Report">The result of the search.</param>
/// <param name="WholeItems">Whole items that the requests name; of spans no duplicates are found.</param>
/// <param name="OnlySpans">Whether the requests name spans of items in the store, and no whole item.</param>
public sealed record DuplicateExpansion(IReadOnlyList<ForgetRequest> Requests, FindReport Report, int WholeItems, bool OnlySpans)
{
    /// <summary>Searches for duplicates of the whole items that requests name. A duplicate goes to the request whose item it resembles most.</summary>
    /// <param name="store">The store; nothing in it is changed.</param>
    /// <param name="requests">The requests.</param>
    /// <param name="level">How close a duplicate must be.</param>
    /// <param name="threshold">Least resemblance that counts as near.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="NotFoundException">The items of this store have no texts, and more than equal ones were asked for.</exception>
    /// <exception cref="StoreException">A slice is damaged, or its rows are others.</exception>
    public static DuplicateExpansion Search(Store store, IReadOnlyList<ForgetRequest> requests, MatchKind level, double threshold = Shingles.DefaultThreshold, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(requests);

        // A repeated request is recognised by the level, whatever was found then.
        var planned = new Forgetter(store).Plan([.. requests.Select(r => r with { Duplicates = new FoundDuplicates(level, null, 0, [], default) })]).Outcomes;
        var owners = planned
            .SelectMany((outcome, i) => outcome.Targets.Where(t => t.Span is null).Select(t => (t.Item, Request: i)))
            .ToDictionary(t => t.Item, t => t.Request, StringComparer.Ordinal);
        var report = new Finder(store).Duplicates(owners.Keys, level, threshold, cancellation);
        var found = report.Found.ToLookup(f => owners[f.Of!], f => f.Item);
        return new DuplicateExpansion(
            [.. requests.Select((r, i) => r with { Duplicates = new FoundDuplicates(level, report.Threshold, report.Items, [.. found[i]], report.Corpus) })],
            report,
            owners.Count,
            owners.Count == 0 && planned.Any(o => o.Targets.Count > 0));
    }
}

using Sisa.Finding;

namespace Sisa.Engine.Finding;

/// <summary>Looks for a phrase in the texts of items.</summary>
internal sealed class PhraseMatcher(string phrase, MatchKind level, double threshold) : IItemMatcher
{
    private readonly PhraseSearch _search = new(phrase, level, threshold);

    public FoundItem? Match(ScannedItem item)
    {
        if (item.Text.IsEmpty || _search.In(item.Text) is not { Count: > 0 } occurrences)
        {
            return null;
        }

        var cuts = item.Cuts;
        var closest = occurrences.MinBy(o => (o.Kind, -o.Resemblance))!;
        return item.Found(closest.Kind, closest.Resemblance) with { Occurrences = [.. occurrences.Select(o => o with { Span = cuts.AsIngested(o.Span) })] };
    }
}

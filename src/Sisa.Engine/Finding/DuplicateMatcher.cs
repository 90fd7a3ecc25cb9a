using Sisa.Finding;

namespace Sisa.Engine.Finding;

/// <summary>Looks for duplicates of named items under other ids.</summary>
internal sealed class DuplicateMatcher(NamedItems named) : IItemMatcher
{
    private readonly FoldedText _text = new();
    private UInt128[] _shingles = [];

    public FoundItem? Match(ScannedItem item)
    {
        var found = named.SameContent(item) is { } same ? item.Found(MatchKind.Exact, 1) with { Of = same.Id }
            : named.Index is { } index && !item.Text.IsEmpty ? Alike(item, index)
            : null;
        return found is not null && !named.Holds(item.Id) ? found : null;
    }

    private FoundItem? Alike(ScannedItem item, ResemblanceIndex index)
    {
        var codes = _text.Fold(item.Text).Codes;
        var count = Shingles.Fill(codes, ref _shingles);
        FoundItem? closest = null;
        foreach (var (number, resemblance) in index.Find(_shingles.AsSpan(0, count)))
        {
            // The same shingles in another order are not the same text.
            var kind = resemblance == 1 && codes.SequenceEqual(named[number].Folded) ? MatchKind.Normalised : MatchKind.Near;
            if (kind <= named.Level && (closest is null || kind < closest.Kind || (kind == closest.Kind && resemblance > closest.Resemblance)))
            {
                closest = item.Found(kind, resemblance) with { Of = named[number].Id };
            }
        }

        return closest;
    }
}

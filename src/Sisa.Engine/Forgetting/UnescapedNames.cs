using Sisa.Engine.Stores;
using Sisa.Readers;
using Sisa.Training;

namespace Sisa.Engine.Forgetting;

/// <summary>Finds ids and subjects that were named without the backslashes by which the recipe joins their fields.</summary>
public static class UnescapedNames
{
    /// <summary>Finds what may have been meant.</summary>
    /// <param name="store">The store.</param>
    /// <param name="unknown">Names that the store does not hold.</param>
    /// <returns>Pairs of a name and what the store holds instead.</returns>
    public static IReadOnlyList<(string Name, string Meant)> Find(Store store, IEnumerable<string> unknown)
    {
        ArgumentNullException.ThrowIfNull(store);
        var fields = store.Recipe.Corpus.Fields;
        if (fields.Joining != FieldJoining.Escaped)
        {
            return [];
        }

        (string Name, string Spelling)[] candidates =
        [
            .. unknown.Distinct(StringComparer.Ordinal)
                .SelectMany(name => JoinedFields.SpellingsOf(name, fields.Id.Count).Union(JoinedFields.SpellingsOf(name, fields.Subject.Count)).Select(spelling => (name, spelling))),
        ];
        var spellings = candidates.Select(candidate => candidate.Spelling).ToHashSet(StringComparer.Ordinal);
        var items = store.Manifest.Items;
        var held = items.FindById(spellings).Select(row => row.Id).Concat(items.FindBySubject(spellings).Select(row => row.Subject)).ToHashSet(StringComparer.Ordinal);
        return [.. candidates.Where(candidate => held.Contains(candidate.Spelling))];
    }
}

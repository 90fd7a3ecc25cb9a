using Sisa.Engine.Stores;
using Sisa.Readers.Lists;

namespace Sisa.Engine.Forgetting;

/// <summary>The names of a store: ids of its items, and subjects. They resolve a list that does not say what it names.</summary>
public static class StoredNames
{
    /// <summary>How lists are understood that are about a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="of">What the lines name, if known.</param>
    public static ListReading Reading(Store store, ListKind? of)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new ListReading { Of = of, Fields = store.Recipe.Corpus.Fields, LookUp = names => LookUp(store, names) };
    }

    private static ListedNames LookUp(Store store, IReadOnlyCollection<string> names)
    {
        var distinct = names.ToHashSet(StringComparer.Ordinal);
        var items = store.Manifest.Items.FindById(distinct).Select(row => row.Id);
        var hasSubjects = Store.HasSubjects(store.Recipe);
        var subjects = hasSubjects ? store.Manifest.Items.FindBySubject(distinct).Where(row => row.Id != row.Subject).Select(row => row.Subject) : [];
        var forgotten = ForgottenNames.Among(store, distinct, hasSubjects ? distinct : []);
        return new ListedNames(items.Concat(forgotten.Items).ToHashSet(StringComparer.Ordinal), subjects.Concat(forgotten.Subjects).ToHashSet(StringComparer.Ordinal));
    }
}

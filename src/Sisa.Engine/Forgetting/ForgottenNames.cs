using Sisa.Engine.Stores;

namespace Sisa.Engine.Forgetting;

/// <summary>The given names that have tombstones. Each is hashed and looked up once; nothing is hashed if nothing was ever forgotten.</summary>
/// <param name="Items">Ids of items that were forgotten.</param>
/// <param name="Subjects">Subjects that were forgotten, or of whom nothing is left.</param>
internal sealed record ForgottenNames(IReadOnlySet<string> Items, IReadOnlySet<string> Subjects)
{
    /// <summary>Nothing was forgotten.</summary>
    public static ForgottenNames None { get; } = new(new HashSet<string>(), new HashSet<string>());

    /// <summary>Looks names up.</summary>
    /// <param name="store">The store.</param>
    /// <param name="items">Ids of items.</param>
    /// <param name="subjects">Subjects, each once.</param>
    public static ForgottenNames Among(Store store, IEnumerable<string> items, IReadOnlyCollection<string> subjects)
    {
        if (!store.Manifest.Requests.HasTombstones)
        {
            return None;
        }

        var byItem = items.Distinct(StringComparer.Ordinal).ToDictionary(store.Marks.Item);
        var bySubject = new Dictionary<Digest, string>(2 * subjects.Count);
        foreach (var subject in subjects)
        {
            bySubject.Add(store.Marks.Subject(subject), subject);
            bySubject.Add(store.Marks.Emptied(subject), subject);
        }

        var known = store.Manifest.Requests.Tombstones([.. byItem.Keys, .. bySubject.Keys]);
        return new ForgottenNames(
            known.Where(byItem.ContainsKey).Select(mark => byItem[mark]).ToHashSet(StringComparer.Ordinal),
            known.Where(bySubject.ContainsKey).Select(mark => bySubject[mark]).ToHashSet(StringComparer.Ordinal));
    }
}

using Sisa.Engine.Stores;

namespace Sisa.Engine.Verifying;

/// <summary>Knows again, by their tombstones, the rows that a store has forgotten or would refuse.</summary>
/// <param name="store">The store; its tombstones are read once.</param>
public sealed class TombstoneFilter(Store store)
{
    private readonly IReadOnlySet<Digest> _items = store.Manifest.Requests.ItemTombstones();
    private readonly IReadOnlySet<Digest> _subjects = store.Manifest.Requests.SubjectTombstones();

    /// <summary>Whether an item was forgotten. Rows of a forgotten subject were, but for single ones that were taken back by their ids: those
    /// that the manifest lists.</summary>
    /// <param name="item">Id of the item.</param>
    /// <param name="subject">Its subject.</param>
    public bool IsForgotten(string item, string subject) =>
        (_items.Count > 0 && _items.Contains(store.Marks.Item(item)))
        || (_subjects.Count > 0 && _subjects.Contains(store.Marks.Subject(subject)) && store.Manifest.Items.FindById([item]).Count == 0);
}

namespace Sisa.Engine.Verifying;

/// <summary>Knows again, by their tombstones, the rows that a store has forgotten or would refuse.</summary>
internal sealed class TombstoneFilter(Store store)
{
    private readonly IReadOnlySet<Digest> _items = store.Manifest.Requests.ItemTombstones();
    private readonly IReadOnlySet<Digest> _subjects = store.Manifest.Requests.SubjectTombstones();

    // Rows of a forgotten subject are refused, but for single ones that were taken back by their ids: those the manifest lists.
    public bool IsForgotten(string item, string subject) =>
        (_items.Count > 0 && _items.Contains(store.ItemMark(item)))
        || (_subjects.Count > 0 && _subjects.Contains(store.SubjectMark(subject)) && store.Manifest.Items.FindById([item]).Count == 0);
}

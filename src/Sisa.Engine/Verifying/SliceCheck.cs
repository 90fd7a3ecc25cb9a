using System.Text;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Verifying;

/// <summary>Checks everything that training would trust against something else: items against tombstones, rows and κ.</summary>
/// <param name="store">The store; the caller holds its lock.</param>
internal sealed class SliceCheck(Store store)
{
    private readonly FaultList _faults = new();

    /// <summary>Runs the check.</summary>
    /// <param name="mayWait">Whether items may still be there that requests name and the next training removes.</param>
    /// <returns>The faults; empty if there are none.</returns>
    public IReadOnlyList<string> Run(bool mayWait)
    {
        var tombstones = store.Manifest.Requests.ItemTombstones();
        var waiting = store.Manifest.Requests.Targets().Where(t => !t.Applied).ToArray();
        if (mayWait)
        {
            tombstones = tombstones.Except(waiting.Select(t => store.Marks.Item(t.Item))).ToHashSet();
        }

        foreach (var slice in mayWait ? [] : waiting.GroupBy(t => t.Place))
        {
            _faults.AddIf(true, $"{slice.Key} still holds {Counted.Of(slice.Count(), "item or span", "items or spans")} that a request forgets.");
        }

        using var check = new ItemCheck(store.Recipe, store.Key);
        using var rows = store.Manifest.Items.InPlaceOrder().GetEnumerator();
        var more = rows.MoveNext();
        foreach (var row in store.Manifest.Slices.All())
        {
            // Rows and slices come in the same order, so that one walk over the table serves all slices.
            var listed = new List<PlacedItem>();
            for (; more && rows.Current.Place == row.Place; more = rows.MoveNext())
            {
                listed.Add(rows.Current);
            }

            if (row.File is null)
            {
                _faults.AddIf(listed.Count > 0, $"{row.Place} has no file, although the manifest lists {Counted.Of(listed.Count, "item")} in it.");
                continue;
            }

            try
            {
                using var file = SliceFile.Open(store.Layout.Absolute(row.File), row.Root);
                CheckItems(row.Place, file, listed, tombstones, check);
            }
            catch (StoreException e)
            {
                _faults.AddIf(true, e.Message);
            }
        }

        _faults.AddIf(more, more ? $"The manifest lists an item in {rows.Current.Place}, which the ensemble does not have." : string.Empty);
        return _faults.All;
    }

    private void CheckItems(Placement place, SliceFile file, List<PlacedItem> listed, IReadOnlySet<Digest> tombstones, ItemCheck check)
    {
        _faults.AddIf(file.Count != listed.Count, $"{place} holds {Counted.Of(file.Count, "item")}; the manifest lists {listed.Count}.");
        for (var i = 0; i < file.Count; i++)
        {
            var record = file[i];
            var id = Encoding.UTF8.GetString(record.Id);
            _faults.AddIf(tombstones.Contains(store.Marks.Item(id)), $"Item {i + 1} of {place} was forgotten.");
            _faults.AddIf(i < listed.Count && listed[i].Id != id, $"Item {i + 1} of {place} is not the one that the manifest lists.");
            _faults.AddIf(
                i < listed.Count && listed[i].Id == id && (listed[i].Subject != Encoding.UTF8.GetString(record.Subject) || listed[i].RiskClass != check.ClassOf(record)),
                $"Item {i + 1} of {place} has another subject or risk class than the manifest lists.");
            foreach (var fault in check.Faults(place, file, i))
            {
                _faults.AddIf(true, fault);
            }
        }
    }
}

/// <summary>The first faults of a check, as many as a person reads.</summary>
internal sealed class FaultList
{
    private const int Max = 20;

    private readonly List<string> _faults = [];

    /// <summary>All that was added, up to a limit.</summary>
    public IReadOnlyList<string> All => _faults;

    /// <summary>Adds a fault where there is one.</summary>
    public void AddIf(bool isFault, string fault)
    {
        if (isFault && _faults.Count < Max)
        {
            _faults.Add(fault);
        }
    }
}

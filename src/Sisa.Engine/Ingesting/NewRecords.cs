using Sisa.Sharding;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Ingesting;

/// <summary>A slice that was written again: what was there before, and what is there now.</summary>
/// <param name="Place">The slice.</param>
/// <param name="Before">The file that was current, or <see langword="null"/> if the slice was empty.</param>
/// <param name="After">The new file, or <see langword="null"/> if nothing is left.</param>
internal sealed record RewrittenSlice(Placement Place, SliceFile? Before, SliceFile? After);

/// <summary>Walks over the items that new slice files hold and old ones did not, in ascending order of id over all slices.</summary>
internal static class NewRecords
{
    public static IEnumerable<(SliceFile File, int Index, Placement Place)> InIdOrder(IReadOnlyList<RewrittenSlice> slices)
    {
        var heads = new PriorityQueue<Walk, ReadOnlyMemory<byte>>(Comparer<ReadOnlyMemory<byte>>.Create((a, b) => a.Span.SequenceCompareTo(b.Span)));
        foreach (var slice in slices.Where(s => s.After is not null))
        {
            Advance(heads, new Walk(slice.Place, slice.Before, slice.After!));
        }

        while (heads.TryDequeue(out var walk, out _))
        {
            yield return (walk.After, walk.Index, walk.Place);
            walk.Index++;
            Advance(heads, walk);
        }
    }

    private static void Advance(PriorityQueue<Walk, ReadOnlyMemory<byte>> heads, Walk walk)
    {
        while (walk.Index < walk.After.Count && walk.IsOld())
        {
            walk.Index++;
        }

        if (walk.Index < walk.After.Count)
        {
            heads.Enqueue(walk, walk.After.Id(walk.Index));
        }
    }

    private sealed class Walk(Placement place, SliceFile? before, SliceFile after)
    {
        private int _before;

        public Placement Place => place;

        public SliceFile After => after;

        public int Index { get; set; }

        // Both files are sorted by id, so two positions that only grow find every item of the old file in the new one.
        public bool IsOld()
        {
            if (before is null)
            {
                return false;
            }

            var id = after.Id(Index).Span;
            while (_before < before.Count && before.Id(_before).Span.SequenceCompareTo(id) < 0)
            {
                _before++;
            }

            return _before < before.Count && before.Id(_before).Span.SequenceEqual(id);
        }
    }
}

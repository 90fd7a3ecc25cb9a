using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Sisa.Engine.Stores;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Ingesting;

/// <summary>Items with the same payload under different ids. Forgetting one of them leaves the others.</summary>
/// <param name="Items">Items whose payload another item has too.</param>
/// <param name="Examples">Some pairs of ids.</param>
public sealed record DuplicateReport(long Items, IReadOnlyList<DuplicatePair> Examples)
{
    private const int MaxExamples = 5;

    /// <summary>Compares all items of a store by their content hashes.</summary>
    /// <param name="store">The store.</param>
    /// <remarks>Eight bytes an item, outside the managed heap.</remarks>
    internal static unsafe DuplicateReport Of(Store store)
    {
        var rows = store.Manifest.Slices.All().Where(s => s.File is not null).ToArray();
        var total = rows.Sum(r => r.Root.ItemCount);
        if (total is 0 or > int.MaxValue)
        {
            return new DuplicateReport(0, []);
        }

        var memory = (ulong*)NativeMemory.Alloc((nuint)total, sizeof(ulong));
        try
        {
            var hashes = new Span<ulong>(memory, (int)total);
            var next = 0;
            foreach (var row in rows)
            {
                using var file = SliceFile.OpenUnverified(store.Layout.Absolute(row.File!));
                for (var i = 0; i < file.Count; i++)
                {
                    hashes[next++] = BinaryPrimitives.ReadUInt64LittleEndian(file.ContentHash(i));
                }
            }

            hashes.Sort();
            var repeated = new HashSet<ulong>();
            long items = 0;
            for (var i = 0; i < hashes.Length; i++)
            {
                if ((i > 0 && hashes[i] == hashes[i - 1]) || (i + 1 < hashes.Length && hashes[i] == hashes[i + 1]))
                {
                    items++;
                    if (repeated.Count < MaxExamples)
                    {
                        repeated.Add(hashes[i]);
                    }
                }
            }

            return new DuplicateReport(items, repeated.Count == 0 ? [] : FindExamples(store, rows.Select(r => r.File!), repeated));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    private static List<DuplicatePair> FindExamples(Store store, IEnumerable<string> files, HashSet<ulong> wanted)
    {
        var first = new Dictionary<ulong, string>();
        var examples = new List<DuplicatePair>();
        foreach (var path in files)
        {
            using var file = SliceFile.OpenUnverified(store.Layout.Absolute(path));
            for (var i = 0; i < file.Count && wanted.Count > 0; i++)
            {
                var hash = BinaryPrimitives.ReadUInt64LittleEndian(file.ContentHash(i));
                if (!wanted.Contains(hash))
                {
                    continue;
                }

                var id = Encoding.UTF8.GetString(file.Id(i).Span);
                if (first.Remove(hash, out var other))
                {
                    examples.Add(new DuplicatePair(other, id));
                    wanted.Remove(hash);
                }
                else
                {
                    first.Add(hash, id);
                }
            }
        }

        return examples;
    }
}

/// <summary>Two items with the same payload.</summary>
/// <param name="First">Id of one.</param>
/// <param name="Second">Id of the other.</param>
public sealed record DuplicatePair(string First, string Second);

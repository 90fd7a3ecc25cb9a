using System.Runtime.InteropServices;
using System.Text;
using Sisa.Engine.Stores;
using Sisa.Finding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Ingesting;

/// <summary>Names of the store with equal folded forms. Forgetting one of them leaves the others.</summary>
/// <param name="Items">Item ids that fold like another one.</param>
/// <param name="Subjects">Subjects that fold like another one, where the recipe maps subjects.</param>
/// <param name="Examples">Some of them, by kind and folded form.</param>
public sealed record SpellingReport(long Items, long Subjects, IReadOnlyList<SpellingGroup> Examples)
{
    private const int MaxGroups = 5;
    private const int MaxNames = 10;

    /// <summary>Compares all names of a store.</summary>
    /// <param name="store">The store.</param>
    /// <remarks>Eight bytes a name, outside the managed heap; a second pass, where there is something to name.</remarks>
    internal static SpellingReport Of(Store store)
    {
        var count = store.Manifest.Items.Count;
        if (count is 0 or > int.MaxValue)
        {
            return new SpellingReport(0, 0, []);
        }

        var items = Compare(NameKind.Item, store.Manifest.Items.VisitIds, (int)count);
        var subjects = Store.HasSubjects(store.Recipe) ? Compare(NameKind.Subject, store.Manifest.Items.VisitSubjects, (int)count) : (0, []);
        return new SpellingReport(items.Names, subjects.Names, [.. subjects.Groups, .. items.Groups]);
    }

    private static (long Names, IReadOnlyList<SpellingGroup> Groups) Compare(NameKind kind, Action<NameVisitor> visitAll, int most)
    {
        var repeated = Repeated(visitAll, most, out var alike);
        var groups = new SortedDictionary<string, Group>(StringComparer.Ordinal);
        if (repeated.Count > 0)
        {
            var folder = new FoldedName();
            visitAll((utf8, items) =>
            {
                var codes = folder.Fold(utf8);
                if (repeated.Contains(FoldedName.HashOf(codes)))
                {
                    var folded = string.Concat(codes.ToArray().Select(char.ConvertFromUtf32));
                    groups.TryAdd(folded, new Group());
                    groups[folded].Add(Encoding.UTF8.GetString(utf8), items);
                }
            });
        }

        // A subject that is also the id of an item without one comes twice, and is one spelling.
        SpellingGroup[] shown = [.. groups.Values.Where(g => g.Count > 1).Take(MaxGroups).Select(g => g.ToShown(kind))];
        return (shown.Length == 0 ? 0 : alike, shown);
    }

    // Of very many, those that are named.
    private static unsafe HashSet<ulong> Repeated(Action<NameVisitor> visitAll, int most, out long alike)
    {
        var memory = (ulong*)NativeMemory.Alloc((nuint)most, sizeof(ulong));
        try
        {
            var folder = new FoldedName();
            var length = 0;
            visitAll((utf8, _) =>
            {
                // An ingestion holds the lock, so that no name can come meanwhile.
                if (length < most)
                {
                    memory[length++] = FoldedName.HashOf(folder.Fold(utf8));
                }
            });
            var hashes = new Span<ulong>(memory, length);
            hashes.Sort();
            var repeated = new HashSet<ulong>();
            alike = 0;
            for (var i = 0; i < hashes.Length; i++)
            {
                if ((i > 0 && hashes[i] == hashes[i - 1]) || (i + 1 < hashes.Length && hashes[i] == hashes[i + 1]))
                {
                    alike++;
                    if (repeated.Count < MaxGroups)
                    {
                        repeated.Add(hashes[i]);
                    }
                }
            }

            return repeated;
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    private sealed class Group
    {
        private readonly SortedDictionary<string, long> _names = new(StringComparer.Ordinal);

        public int Count { get; private set; }

        // Keep the first of very many spellings, and count each once.
        public void Add(string name, long items)
        {
            if (_names.TryGetValue(name, out var before))
            {
                _names[name] = before + items;
                return;
            }

            Count++;
            if (_names.Count < MaxNames)
            {
                _names.Add(name, items);
            }
        }

        public SpellingGroup ToShown(NameKind kind) => new(kind, [.. _names.Select(n => new SpelledName(n.Key, n.Value))], Count - _names.Count);
    }
}

/// <summary>Names with equal folded forms.</summary>
/// <param name="Kind">The kind of the names.</param>
/// <param name="Names">At most ten of them.</param>
/// <param name="More">How many more there are.</param>
public sealed record SpellingGroup(NameKind Kind, IReadOnlyList<SpelledName> Names, int More);

/// <summary>A name in its exact spelling.</summary>
/// <param name="Name">The name.</param>
/// <param name="Items">Items of that name.</param>
public sealed record SpelledName(string Name, long Items);

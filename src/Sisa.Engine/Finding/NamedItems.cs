using System.Buffers.Binary;
using System.Text;
using Sisa.Finding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Finding;

/// <summary>The named items, indexed by their content, for a search of duplicates. Kept only in memory (rule E9).</summary>
/// <remarks>Immutable once loaded; thread-safe.</remarks>
internal sealed class NamedItems
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<NamedItem> _items = [];
    private readonly Dictionary<UInt128, List<int>> _byContent = [];

    private NamedItems(MatchKind level) => Level = level;

    /// <summary>The kinds of duplicates that are looked for.</summary>
    public MatchKind Level { get; }

    /// <summary>Finds texts that resemble one of the items. Texts with equal folded forms have resemblance 1.</summary>
    public ResemblanceIndex? Index { get; private set; }

    /// <summary>How many have no text.</summary>
    public int WithoutText => _items.Count(i => !i.IsText);

    /// <summary>Reads the items.</summary>
    /// <param name="scan">The corpus that they are in.</param>
    /// <param name="rows">Their rows; those that a pending request names are left out.</param>
    /// <param name="level">The kinds of duplicates to look for.</param>
    /// <param name="threshold">Least resemblance that counts as near.</param>
    public static NamedItems Load(CorpusScan scan, IReadOnlyList<ItemRow> rows, MatchKind level, double threshold)
    {
        var named = new NamedItems(level);
        var folded = new FoldedText();
        foreach (var (slice, items) in scan.SlicesOf(rows))
        {
            using var file = scan.Open(slice);
            foreach (var row in items)
            {
                if (file.Find(Encoding.UTF8.GetBytes(row.Id)) is >= 0 and var index)
                {
                    named.Add(row.Id, scan.Item(slice, file, index), folded);
                }
            }
        }

        if (level > MatchKind.Exact)
        {
            named.Index = new ResemblanceIndex([.. named._items.Select(i => Shingles.SetOf(i.Folded))], level == MatchKind.Near ? threshold : 1);
        }

        return named;
    }

    /// <summary>One of the items.</summary>
    public NamedItem this[int number] => _items[number];

    /// <summary>Whether an item is itself one of these.</summary>
    public bool Holds(ReadOnlySpan<byte> id) => _ids.Contains(Encoding.UTF8.GetString(id));

    /// <summary>The first of these whose content an item has; <see langword="null"/> for none.</summary>
    public NamedItem? SameContent(ScannedItem item)
    {
        if (!_byContent.TryGetValue(HashOf(item), out var alike))
        {
            return null;
        }

        foreach (var number in alike)
        {
            if (_items[number].IsText != item.Text.IsEmpty && item.Content.SequenceEqual(_items[number].Content))
            {
                return _items[number];
            }
        }

        return null;
    }

    private void Add(string id, ScannedItem item, FoldedText folded)
    {
        _ids.Add(id);
        var hash = HashOf(item);
        if (!_byContent.TryGetValue(hash, out var alike))
        {
            _byContent.Add(hash, alike = []);
        }

        alike.Add(_items.Count);
        _items.Add(new NamedItem(id, item.Content.ToArray(), !item.Text.IsEmpty, Level > MatchKind.Exact ? folded.Fold(item.Text).Codes.ToArray() : []));
    }

    private static UInt128 HashOf(ScannedItem item)
    {
        Span<byte> digest = stackalloc byte[Digest.SizeBytes];
        if (item.ContentHash.IsEmpty)
        {
            Digest.Of(item.Content).CopyTo(digest);
        }
        else
        {
            item.ContentHash.CopyTo(digest);
        }

        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}

/// <summary>An item whose duplicates are looked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text, or its features.</param>
/// <param name="IsText">Whether it has a text.</param>
/// <param name="Folded">Its text, folded, where that is looked for.</param>
internal sealed record NamedItem(string Id, byte[] Content, bool IsText, int[] Folded);

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;
using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Finding;

/// <summary>Looks at every item of every slice, as the corpus was at one moment.</summary>
/// <remarks>
/// Takes no lock and writes nothing: an index of the corpus would be one more copy that must be forgotten (rule E9). Slices are verified before
/// they are read, so that "not found" means something. Two slices are read at once; memory holds what is found, not what is read.
/// What pending requests name counts as forgotten already: such items are passed over, such spans are cut before a text is looked at.
/// </remarks>
internal sealed class CorpusScan
{
    private const int MaxWorkers = 2;
    private static readonly CutRanges Nothing = new([]);

    private readonly Store _store;
    private readonly IReadOnlyList<SliceRow> _slices;
    private readonly IReadOnlyDictionary<string, CutRanges> _cuts;
    private readonly HashSet<string> _forgotten;
    private readonly ILookup<string, TextSpan> _pending;

    /// <summary>Notes what the corpus is now.</summary>
    public CorpusScan(Store store)
    {
        _store = store;
        (_slices, _cuts, var targets) = store.Manifest.Read(() => (store.Manifest.Slices.All(), store.Manifest.Requests.AllCuts(), store.Manifest.Requests.Targets()));
        _forgotten = [.. targets.Where(t => t.Span is null && !t.Applied).Select(t => t.Item)];
        _pending = targets.Where(t => t.Span is not null && !t.Applied).ToLookup(t => t.Item, t => t.Span!.Value);
        Corpus = DigestOf(_slices);
    }

    /// <summary>Names the corpus: digest over the roots of all slices.</summary>
    public Digest Corpus { get; }

    /// <summary>Names the corpus as a manifest records it now.</summary>
    public static Digest DigestOf(IReadOnlyList<SliceRow> slices) =>
        Digest.Of(Encoding.UTF8.GetBytes(string.Concat(slices.Select(s => $"{s.Place} {s.Root.Root} {s.Root.ItemCount}\n"))));

    /// <summary>Shows every item to a matcher.</summary>
    /// <param name="newMatcher">Makes a matcher; each is used by one thread.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The matches, by shard, slice and id, and the number of items searched.</returns>
    public (IReadOnlyList<FoundItem> Found, long Items) Run(Func<IItemMatcher> newMatcher, CancellationToken cancellation)
    {
        var found = new ConcurrentBag<FoundItem>();
        var items = 0L;
        try
        {
            Parallel.ForEach(
                _slices.Where(s => s.File is not null),
                new ParallelOptions { MaxDegreeOfParallelism = Math.Min(MaxWorkers, Environment.ProcessorCount), CancellationToken = cancellation },
                newMatcher,
                (slice, _, matcher) =>
                {
                    Interlocked.Add(ref items, Search(slice, matcher, found, cancellation));
                    return matcher;
                },
                _ => { });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return ([.. found.OrderBy(f => f.Place).ThenBy(f => f.Item, StringComparer.Ordinal)], items);
    }

    /// <summary>The slice that holds a place, or <see langword="null"/> if it is empty.</summary>
    /// <param name="slice">One of the slices as noted.</param>
    /// <exception cref="StoreException">It is damaged.</exception>
    /// <exception cref="StoreBusyException">It was written again meanwhile, and the old file is gone.</exception>
    public SliceFile Open(SliceRow slice)
    {
        try
        {
            return SliceFile.Open(_store.Layout.Absolute(slice.File!), slice.Root);
        }
        catch (StoreException) when (!File.Exists(_store.Layout.Absolute(slice.File!)) && HasChanged(slice))
        {
            throw new StoreBusyException($"{slice.Place} was rewritten during the search.", "Run the same command again.");
        }
    }

    /// <summary>The slices as noted that hold some items.</summary>
    public IEnumerable<(SliceRow Slice, IReadOnlyList<ItemRow> Items)> SlicesOf(IEnumerable<ItemRow> items)
    {
        var places = items.Where(i => !_forgotten.Contains(i.Id)).ToLookup(i => i.Place);
        return _slices.Where(s => s.File is not null && places.Contains(s.Place)).Select(s => (s, (IReadOnlyList<ItemRow>)[.. places[s.Place]]));
    }

    /// <summary>An item of a slice as it is once every pending request is served.</summary>
    public ScannedItem Item(SliceRow slice, SliceFile file, int index)
    {
        var record = file[index];
        var item = new ScannedItem { Place = slice.Place, Id = record.Id, Subject = record.Subject, Features = record.Features, Text = record.Text, ContentHash = file.ContentHash(index), Cuts = Nothing };
        if (_cuts.Count == 0 && _pending.Count == 0)
        {
            return item;
        }

        var id = Encoding.UTF8.GetString(record.Id);
        var cut = _cuts.GetValueOrDefault(id, Nothing);
        var all = cut.Union(_pending[id]);
        return all.Length == cut.Length ? item with { Cuts = cut } : item with { Cuts = all, Text = Encoding.UTF8.GetBytes(cut.Apply(Encoding.UTF8.GetString(record.Text), all)), ContentHash = [] };
    }

    private long Search(SliceRow slice, IItemMatcher matcher, ConcurrentBag<FoundItem> found, CancellationToken cancellation)
    {
        using var file = Open(slice);
        long items = 0;
        for (var i = 0; i < file.Count; i++)
        {
            if (_forgotten.Count > 0 && _forgotten.Contains(Encoding.UTF8.GetString(file.Id(i).Span)))
            {
                continue;
            }

            cancellation.ThrowIfCancellationRequested();
            items++;
            if (matcher.Match(Item(slice, file, i)) is { } match)
            {
                found.Add(match);
            }
        }

        return items;
    }

    // Only asked when a file is gone; two threads may, and the manifest is for one.
    private bool HasChanged(SliceRow slice)
    {
        lock (_slices)
        {
            return _store.Manifest.Slices.Get(slice.Place).File != slice.File;
        }
    }
}

/// <summary>Looks for something in items, one after another.</summary>
internal interface IItemMatcher
{
    /// <summary>The match of an item, or <see langword="null"/>.</summary>
    FoundItem? Match(ScannedItem item);
}

/// <summary>An item that is looked at; its parts point into the slice file.</summary>
internal readonly ref struct ScannedItem
{
    /// <summary>Where it lives.</summary>
    public required Sharding.Placement Place { get; init; }

    /// <summary>UTF-8 id.</summary>
    public required ReadOnlySpan<byte> Id { get; init; }

    /// <summary>UTF-8 subject.</summary>
    public required ReadOnlySpan<byte> Subject { get; init; }

    /// <summary>Encoded features; those of a text may be of before a pending cut.</summary>
    public required ReadOnlySpan<byte> Features { get; init; }

    /// <summary>UTF-8 text; empty for items without.</summary>
    public required ReadOnlySpan<byte> Text { get; init; }

    /// <summary>128 bits over its content; empty where the text is not the one that the slice holds.</summary>
    public required ReadOnlySpan<byte> ContentHash { get; init; }

    /// <summary>The spans that were cut from the text as first ingested.</summary>
    public required CutRanges Cuts { get; init; }

    /// <summary>The content that duplicates share: the text, or the features of an item without text. Labels and ids do not count.</summary>
    public ReadOnlySpan<byte> Content => Text.IsEmpty ? Features : Text;

    /// <summary>Makes what is reported of it.</summary>
    public FoundItem Found(Sisa.Finding.MatchKind kind, double resemblance) => new()
    {
        Item = Encoding.UTF8.GetString(Id),
        Subject = Encoding.UTF8.GetString(Subject),
        Place = Place,
        Kind = kind,
        Resemblance = resemblance,
    };
}

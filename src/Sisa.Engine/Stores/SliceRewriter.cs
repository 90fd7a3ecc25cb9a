using System.Collections.Concurrent;
using Sisa.Checkpoints;
using Sisa.Engine.Ingesting;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Stores;

/// <summary>Writes slices again beside the current ones, and switches to them in the caller's transaction.</summary>
/// <remarks>Used by ingestion, which adds records, and by forgetting, which drops and cuts them. Several threads may write slices, each a slice of its own; the rest is for
/// the thread of the manifest. The caller holds the store's lock. Files that are never switched to are removed with it, or after a crash by recovery.</remarks>
internal sealed class SliceRewriter(Store store) : IDisposable
{
    private readonly Dictionary<Placement, SliceRow> _rows = store.Manifest.Slices.All().ToDictionary(s => s.Place);
    private readonly ConcurrentDictionary<Placement, SliceFile?> _open = [];
    private readonly ConcurrentDictionary<Placement, (SliceRow Row, RewrittenSlice Slice)> _written = [];
    private bool _isCommitted;

    /// <summary>What was rewritten so far, in the order of the slices.</summary>
    public IReadOnlyList<RewrittenSlice> Written => [.. InOrder.Select(w => w.Slice)];

    /// <summary>How the paths of all versions of a slice begin, as the manifest records them.</summary>
    public static string NamesOf(Store store, Placement place) => store.Layout.Relative(Path.Combine(store.Layout.SlicesOf(place.Shard), $"{place.Slice}-"));

    /// <summary>The current records of a slice, verified; <see langword="null"/> if it has none.</summary>
    public SliceFile? Current(Placement place) =>
        _open.GetOrAdd(place, static (place, self) => self.Rows[place] is { File: { } file } row ? SliceFile.Open(self.Absolute(file), row.Root) : null, (Rows: _rows, Absolute: (Func<string, string>)store.Layout.Absolute));

    /// <summary>Starts a new version of a slice with its current records.</summary>
    /// <param name="place">The slice.</param>
    /// <param name="keep">Which of the current records to take over; <see langword="null"/> for all.</param>
    public SliceBuilder Begin(Placement place, Func<SliceFile, int, bool>? keep)
    {
        var builder = new SliceBuilder();
        if (Current(place) is { } current)
        {
            for (var i = 0; i < current.Count; i++)
            {
                if (keep is null || keep(current, i))
                {
                    builder.Add(current, i);
                }
            }
        }

        return builder;
    }

    /// <summary>Writes the new version, durably. It is not current before <see cref="Commit"/>.</summary>
    /// <param name="place">The slice.</param>
    /// <param name="builder">Its records, sorted.</param>
    public void Finish(Placement place, SliceBuilder builder)
    {
        if (builder.Count == 0)
        {
            _written[place] = (new SliceRow(place, null, SliceRoot.Empty), new RewrittenSlice(place, Current(place), null));
            return;
        }

        var folder = store.Layout.SlicesOf(place.Shard);
        DurableFile.CreateFolder(folder);
        var temporary = Path.Combine(folder, $"{place.Slice}.new");
        var root = builder.Write(temporary, store.Key.LeafBytes);

        // The name is the root: the same items have the same name, whatever happened before.
        var path = Path.Combine(folder, $"{place.Slice}-{root.Root.ToString()[..16]}.slice");
        DurableFile.Publish(temporary, path);

        // It was hashed while it was written. Training verifies it again.
        _written[place] = (new SliceRow(place, store.Layout.Relative(path), root), new RewrittenSlice(place, Current(place), SliceFile.OpenUnverified(path)));
    }

    /// <summary>Makes the new versions current and lists the old files as garbage; part of the caller's transaction.</summary>
    public void Commit()
    {
        foreach (var (row, _) in InOrder)
        {
            var old = store.Manifest.Slices.Get(row.Place);
            if (old.File is not null && old.File != row.File)
            {
                store.Manifest.Garbage.Add(old.File);
            }

            store.Manifest.Slices.Set(row);
        }

        _isCommitted = true;
    }

    private IEnumerable<(SliceRow Row, RewrittenSlice Slice)> InOrder => _written.OrderBy(w => w.Key).Select(w => w.Value);

    public void Dispose()
    {
        foreach (var file in _open.Values.Concat(_written.Values.Select(w => w.Slice.After)))
        {
            file?.Dispose();
        }

        if (!_isCommitted)
        {
            Discard();
        }
    }

    // What is refused leaves no copy behind.
    private void Discard()
    {
        var current = store.Manifest.Slices.All().Select(s => s.File).ToHashSet();
        try
        {
            DurableFile.Delete(_written.Values.Select(w => w.Row.File).OfType<string>().Where(file => !current.Contains(file)).Select(store.Layout.Absolute));
        }
        catch (StorageIoException)
        {
            // The fault that brought us here is the one to report; recovery removes the files.
        }
    }
}

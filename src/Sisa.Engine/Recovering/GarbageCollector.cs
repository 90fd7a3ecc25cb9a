using Sisa.Engine.Stores;
using Sisa.Storage.Files;

namespace Sisa.Engine.Recovering;

/// <summary>Removes what the manifest lists as garbage, and files that it does not know at all.</summary>
/// <param name="store">The store; the caller holds its lock.</param>
internal sealed class GarbageCollector(Store store)
{
    /// <summary>Removes listed garbage. Absence is durable before the list forgets it.</summary>
    /// <remarks>An old slice remains while a request is pending for which it was rewritten: its purge learns from it what to search for.</remarks>
    /// <returns>Number of files removed.</returns>
    public int Collect()
    {
        var listed = store.Manifest.Garbage.All().Except(Kept()).ToArray();
        if (listed.Length == 0)
        {
            return 0;
        }

        // A slice that was emptied and filled again with the same items has its old name: what is current is never garbage.
        var current = Referenced();
        DurableFile.Delete(listed.Where(path => !current.Contains(path)).Select(store.Layout.Absolute));
        store.Manifest.Write(() =>
        {
            foreach (var path in listed)
            {
                store.Manifest.Garbage.Remove(path);
            }
        });
        return listed.Length;
    }

    /// <summary>Old slices that a purge still learns from, as the manifest records them.</summary>
    public IReadOnlyList<string> Kept()
    {
        string[] names = [.. store.Manifest.Requests.Targets().Where(t => t.Applied).Select(t => SliceRewriter.NamesOf(store, t.Place)).Distinct()];
        return [.. store.Manifest.Garbage.All().Where(path => names.Any(name => path.StartsWith(name, StringComparison.Ordinal)))];
    }

    /// <summary>Removes slice, checkpoint and scratch files that nothing refers to: what an interrupted operation left behind.</summary>
    /// <returns>Number of files removed.</returns>
    public int CollectOrphans()
    {
        var known = Referenced();
        known.UnionWith(store.Manifest.Garbage.All());

        // Where slices are missing the manifest may be an old one, and what it does not know may be all that there is.
        string[] folders = store.MissingSlices().Count > 0 ? [store.Layout.Scratch] : [store.Layout.Slices, store.Layout.Checkpoints, store.Layout.Scratch];
        var orphans = folders
            .SelectMany(NamedPath.FilesBelow)
            .Where(path => !known.Contains(store.Layout.Relative(path)))
            .Concat(Unfinished())
            .ToArray();
        DurableFile.Delete(orphans);
        foreach (var folder in Directory.Exists(store.Layout.Scratch) && new FileInfo(store.Layout.Scratch).LinkTarget is null ? Directory.GetDirectories(store.Layout.Scratch) : [])
        {
            Directory.Delete(folder, recursive: true);
        }

        return orphans.Length;
    }

    // Keys, heads and certificates are written under the lock, so no running process owns their temporary files.
    private IEnumerable<string> Unfinished() => new[] { store.Layout.Keys, store.Layout.Evidence, store.Layout.Certificates }
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*" + DurableFile.TemporarySuffix));

    private HashSet<string> Referenced() =>
    [
        .. store.Manifest.Slices.All().Select(s => s.File).OfType<string>(),
        .. store.Manifest.Checkpoints.All().Select(c => c.File),
    ];
}

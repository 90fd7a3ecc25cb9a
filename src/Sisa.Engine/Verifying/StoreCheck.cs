using Sisa.Engine.Stores;
using Sisa.Storage.Files;

namespace Sisa.Engine.Verifying;

/// <summary>Looks for damage that nothing else would notice before it is too late: in the database itself, in rows, slices, keys, evidence and the files of a base.</summary>
/// <remarks>Reads every slice, certificate and file of a base once; changes nothing. Checkpoints are the recovery's, which trains them again.</remarks>
/// <param name="store">The store.</param>
public sealed class StoreCheck(Store store)
{
    /// <summary>Checks the whole store.</summary>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <returns>The faults; empty if there are none.</returns>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IReadOnlyList<string> Run(TimeSpan patience)
    {
        using var held = StoreLock.Acquire(store.Layout, patience);
        var integrity = store.Manifest.CheckIntegrity().Select(fault => $"manifest: {fault}");
        return [.. integrity, .. KeptNumbers(), .. BaseCopy.Faults(store.Recipe), .. new SliceCheck(store).Run(mayWait: true), .. new EvidenceCheck(store).Run()];
    }

    // 'status' believes them.
    private IEnumerable<string> KeptNumbers()
    {
        var items = store.Manifest.Items;
        (string What, long Kept, long Counted)[] numbers = [("items", items.KeptRowCount, items.RowCount), ("subjects", items.KeptSubjectCount, items.SubjectCount)];
        return numbers.Where(n => n.Kept != n.Counted).Select(n => $"The manifest claims {n.Kept} {n.What}, but lists {n.Counted}.");
    }
}

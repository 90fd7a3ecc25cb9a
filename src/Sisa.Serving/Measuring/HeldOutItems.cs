using Sisa.Corpora;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Readers;
using Sisa.Serving.Answering;

namespace Sisa.Serving.Measuring;

/// <summary>The rows of the recipe's evaluation file that no model has seen: neither the store holds them, nor was it asked to forget them.</summary>
/// <param name="store">The store.</param>
/// <remarks>A forgotten item in the evaluation file would count on both sides of a comparison, and would remain unnoticed.</remarks>
internal sealed class HeldOutItems(Store store)
{
    private readonly TombstoneFilter _forgotten = new(store);

    /// <summary>Rows left out so far because they belong to what was forgotten.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Rows left out so far because the store holds items of the same ids.</summary>
    public long Known { get; private set; }

    /// <summary>Rows left out so far, for any reason.</summary>
    public long LeftOut => Forgotten + Known;

    /// <summary>Reads the rows, a batch at a time, and warns of what is forgotten and still in the file.</summary>
    /// <typeparam name="T">What the caller keeps of a row.</typeparam>
    /// <param name="keep">Copies what is kept.</param>
    /// <param name="visit">Measures a batch.</param>
    /// <param name="notify">Told, in a sentence, what is left out and what cannot be measured.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Whether all of them were read and measured; if not, that was said, since half a file would be a figure of something else.</returns>
    public bool TryVisit<T>(Func<Item, T> keep, Action<IReadOnlyList<T>> visit, Action<string> notify, CancellationToken cancellation)
    {
        try
        {
            foreach (var batch in Batches(keep, cancellation))
            {
                visit(batch);
            }
        }
        catch (SisaException e) when (e is not InterruptedException)
        {
            notify($"Retained utility is not measured: {e.Message}");
            return false;
        }

        if (Forgotten > 0)
        {
            notify($"{Counted.Of(Forgotten, "row")} of the evaluation file {store.Recipe.Evaluation.File} belong to forgotten items or subjects. Sisa does not change that file. Remove them there.");
        }

        return true;
    }

    private IEnumerable<IReadOnlyList<T>> Batches<T>(Func<Item, T> keep, CancellationToken cancellation)
    {
        if (store.Recipe.Evaluation.File is not { } file)
        {
            yield break;
        }

        var rows = CorpusReader.Read(file, store.Recipe, cancellationToken: cancellation).Select(item => (item.Id, item.Subject, Kept: keep(item)));
        foreach (var batch in rows.Chunk(Answerer.BatchSize))
        {
            var known = store.Manifest.Items.FindById([.. batch.Select(row => row.Id)]).Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
            var forgotten = batch.Where(row => _forgotten.IsForgotten(row.Id, row.Subject)).Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
            Forgotten += forgotten.Count;
            Known += known.Except(forgotten).Count();
            yield return [.. batch.Where(row => !known.Contains(row.Id) && !forgotten.Contains(row.Id)).Select(row => row.Kept)];
        }
    }
}

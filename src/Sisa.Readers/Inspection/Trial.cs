using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>Reads all rows by a proposed recipe, as <c>sisa ingest</c> will.</summary>
/// <param name="Read">Rows that become items.</param>
/// <param name="Refused">Rows that are refused.</param>
/// <param name="FirstRefused">Place of the first of them, or <see langword="null"/>.</param>
internal sealed record Trial(long Read, long Refused, string? FirstRefused)
{
    /// <summary>Reads the rows.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="recipe">The proposal.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The result; <see langword="null"/> if the recipe needs files of a base that are missing so far.</returns>
    public static Trial? Run(IReadOnlyList<string> paths, Recipe recipe, CancellationToken cancellationToken)
    {
        if (recipe.Model is SequenceModelOptions { NeedsFiles: true })
        {
            return null;
        }

        var (read, refused) = (0L, 0L);
        string? first = null;
        foreach (var path in paths)
        {
            var options = new ReadOptions
            {
                OnFault = fault =>
                {
                    refused++;
                    first ??= $"{Path.GetFileName(path)}:{fault.Row}";
                    return true;
                },
            };
            read += CorpusReader.Read(path, recipe, options, cancellationToken).LongCount();
        }

        return new Trial(read, refused, first);
    }
}

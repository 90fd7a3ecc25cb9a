using Sisa.Readers.Formats;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>A recipe proposed from a look at the data, and what its owner should know before using it.</summary>
/// <param name="Recipe">The proposal; may lack what the data do not show, such as labels.</param>
/// <param name="Notes">Sentences for the owner; they hold no value of any row.</param>
public sealed record InspectedRecipe(Recipe Recipe, IReadOnlyList<string> Notes);

/// <summary>Proposes a recipe from a data file (<c>sisa init --inspect</c>).</summary>
/// <remarks>
/// <para>Rule E5 wants labels, ranges and fields declared; a proposal made from the data is a declaration that has seen them, so
/// <see cref="Recipe.DeclaredAfterInspection"/> names every such key, and certificates repeat it. To keep what it gives away small, ranges are rounded
/// outward, labels are sorted, and no label is proposed that a single subject holds.</para>
/// <para>Reads the file two or three times, streaming.</para>
/// </remarks>
public static class RecipeInspector
{
    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file; its name tells the format.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CorpusException">A file that cannot be read; single bad rows are passed over and noted.</exception>
    public static InspectedRecipe Inspect(string path, CancellationToken cancellationToken = default)
    {
        var format = CorpusFile.FormatOf(new CorpusOptions(), path);
        try
        {
            return format switch
            {
                CorpusFormat.Idx => ImageInspector.Inspect(path, cancellationToken),
                CorpusFormat.Text => InspectText(path),
                _ => new RowInspector(path, format, cancellationToken).Inspect(),
            };
        }
        catch (InvalidDataException e)
        {
            throw CorpusFile.Damaged(path, e);
        }
    }

    private static InspectedRecipe InspectText(string path)
    {
        using var file = CorpusFile.Open(path);
        return new InspectedRecipe(
            new Recipe
            {
                Name = NameOf(path),
                Corpus = new CorpusOptions { Format = CorpusFormat.Text, Fields = new FieldOptions { Text = [TextSource.TextField], Label = "folder" } },
                Features = new FeatureOptions { Text = new TextFeature() },
                Model = new TextClassifierOptions(),
            },
            ["Plain text has no label of its own; the proposal takes the name of the folder that holds a file. Declare labels: the names of your folders."]);
    }

    /// <summary>A name for the ensemble: the file's, without folder and endings.</summary>
    /// <param name="path">The file.</param>
    internal static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        var end = name.IndexOf('.', StringComparison.Ordinal);
        return end > 0 ? name[..end] : "ensemble";
    }
}

using Sisa.Readers.Formats;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Inspection;

/// <summary>A recipe proposed from a look at the data, and what its owner should know before using it.</summary>
/// <param name="Recipe">The proposal: a store is made of it as it stands.</param>
/// <param name="Notes">Sentences for the owner; they hold no value of any row.</param>
/// <param name="Reasons">Why a key has its value, by the key's path.</param>
/// <param name="Source">The inspected data, such as <c>all 12 rows of 'notes.csv'</c>.</param>
/// <param name="Refused">Rows among them that the proposal refuses.</param>
public sealed record InspectedRecipe(Recipe Recipe, IReadOnlyList<Remedy> Notes, IReadOnlyDictionary<string, string> Reasons, string Source, long Refused)
{
    /// <summary>The proposal as YAML; comments say why each key has its value.</summary>
    /// <param name="head">Sentences at its head, such as the notes in the words of the front end.</param>
    public string ToYaml(IReadOnlyList<string> head) => RecipeWriter.Write(Recipe, head, Reasons);

    /// <summary>The recipe and its notes.</summary>
    /// <param name="recipe">The proposal.</param>
    /// <param name="notes">Sentences for the owner.</param>
    public void Deconstruct(out Recipe recipe, out IReadOnlyList<Remedy> notes) => (recipe, notes) = (Recipe, Notes);
}

/// <summary>Proposes a recipe from data files (<c>sisa init --inspect</c>).</summary>
/// <remarks>
/// <para>Rule E5 wants labels, ranges and fields declared; a proposal made from the data is a declaration that has seen them, so
/// <see cref="Recipe.DeclaredAfterInspection"/> names every such key, and certificates repeat it. To keep what it gives away small, ranges are rounded
/// outward, labels are sorted, and no label is proposed that a single subject holds.</para>
/// <para>Reads the files three to six times, streaming, all rows each time. The last time it reads them by the proposed recipe, as <c>sisa ingest</c> will.</para>
/// </remarks>
public static class RecipeInspector
{
    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file. Its name tells the format.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CorpusException">A file that cannot be read or proposed for; single bad rows are passed over and noted.</exception>
    public static InspectedRecipe Inspect(string path, CancellationToken cancellationToken = default) => Inspect([path], [], cancellationToken);

    /// <summary>Looks at files of one form.</summary>
    /// <param name="paths">The files. The name of the first tells the format.</param>
    /// <param name="overrides">Keys that the user sets, as <c>training.epochs=8</c>: they win, and the rest of the proposal follows them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CorpusException">A file that cannot be read or proposed for; single bad rows are passed over and noted.</exception>
    /// <exception cref="RecipeException">A key that is set is wrong, or contradicts another.</exception>
    public static InspectedRecipe Inspect(IReadOnlyList<string> paths, IReadOnlyList<string> overrides, CancellationToken cancellationToken = default)
    {
        var given = new GivenKeys(overrides);
        var format = CorpusFile.FormatOf(given.Recipe.Corpus, paths[0]);
        if (paths.FirstOrDefault(path => CorpusFile.FormatOf(given.Recipe.Corpus, path) != format) is { } other)
        {
            throw new CorpusException($"The file is of another format than {paths[0]}.", "Inspect files of one form together.", other);
        }

        try
        {
            return RowFormat.Of(format).Inspect is { } inspect ? inspect(paths, given, cancellationToken) : RowInspector.Inspect(paths, format, given, cancellationToken);
        }
        catch (MalformedException e)
        {
            throw CorpusFile.Damaged(paths[0], e);
        }
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

using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Engine.Stores;

/// <summary>Copies of the files of a base or a tokenizer in a store, an audit bundle or an export, which then do not need the original folder.</summary>
public static class BaseCopy
{
    /// <summary>Copies the files that a recipe uses, each durably, and removes all other files from the target folder.</summary>
    /// <param name="recipe">A resolved recipe; one whose model has no files comes back as it is, and nothing is written.</param>
    /// <param name="folder">Where; created if need be.</param>
    /// <returns>The recipe with <see cref="Recipe.BaseFolder"/> at the copy.</returns>
    /// <exception cref="StoreException">The files are missing, or not those that the recipe was resolved with.</exception>
    public static Recipe Write(Recipe recipe, string folder)
    {
        if (recipe.Model is not SequenceModelOptions { NeedsFiles: true } model)
        {
            return recipe;
        }

        var source = recipe.BaseFolder ?? throw new InvalidOperationException("The place of the base's files is not set.");
        var recorded = model.Files ?? throw new InvalidOperationException("The files of the base were not read yet.");
        var names = Names(source, model);
        DurableFile.CreateFolder(folder);
        DurableFile.Delete(Directory.EnumerateFiles(folder).Where(path => !names.Contains(Path.GetFileName(path))).ToArray());
        var found = OpenWeightsFolder.DigestOf(names.Select(name => (name, DurableFile.Copy(Path.Combine(source, name), Path.Combine(folder, name)))).ToArray());
        return found == recorded.Digest ? recipe with { BaseFolder = folder } : throw new StoreException(
            $"The files in {source} have digest {found.ToShortString()}…, and had {recorded.Digest.ToShortString()}… when they were first read.",
            "They changed since, or were damaged. Restore the files from which the recipe was made, and run the same command again.");
    }

    /// <summary>Faults of the files of a store's or a bundle's copy; empty if there are none. Reads all of them.</summary>
    /// <param name="recipe">The recipe with the folder of the copy.</param>
    public static IReadOnlyList<string> Faults(Recipe recipe)
    {
        try
        {
            OpenWeightsFolder.Check(recipe);
            return [];
        }
        catch (StoreException e)
        {
            return [e.Message];
        }
    }

    private static IReadOnlyList<string> Names(string source, SequenceModelOptions model)
    {
        try
        {
            return OpenWeightsFolder.Files(source, OpenWeightsFolder.WantsWeights(model));
        }
        catch (OpenWeightsException e)
        {
            throw new StoreException(e.Message, e.Remedy, e);
        }
    }
}

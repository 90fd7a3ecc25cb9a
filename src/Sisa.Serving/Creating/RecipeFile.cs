using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Readers.Recipes;
using Sisa.Readers.Tokenizers;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;

namespace Sisa.Serving.Creating;

/// <summary>A recipe in a file, joined to the files that it names: held-out rows, and the folder of a base or a tokenizer.</summary>
/// <remarks>A recipe is untrusted. It names files beside itself, and these must not be links that lead elsewhere.</remarks>
public static class RecipeFile
{
    private const int MostBytesShown = 16;

    /// <summary>Reads a recipe that a store can be made of.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="overrides">Keys that are changed, as <c>training.epochs=8</c>.</param>
    /// <param name="baseFolder">Folder of the base or the tokenizer, which may be anywhere and hold links; <see langword="null"/> for the one that the recipe names beside itself.</param>
    /// <param name="notify">Told, in a sentence, what the tokenizer cannot say.</param>
    /// <returns>The recipe, with whole paths.</returns>
    /// <exception cref="RecipeException">A key is wrong, or a named file is a link.</exception>
    /// <exception cref="OpenWeightsException">The folder does not hold what the model needs.</exception>
    public static Recipe Read(string path, IReadOnlyList<string> overrides, string? baseFolder, Action<string> notify)
    {
        ArgumentNullException.ThrowIfNull(notify);
        var recipe = RecipeReader.Read(path, overrides, isBaseGiven: baseFolder is not null);
        return WithBase(WithHeldOutRows(recipe, path), path, baseFolder, notify);
    }

    // The recipe names the file relative to itself; the store outlives the working directory.
    private static Recipe WithHeldOutRows(Recipe recipe, string path)
    {
        if (recipe.Evaluation.File is not { } named)
        {
            return recipe;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = Path.GetFullPath(named, folder);
        return NamedPath.LinkTo(folder, file) is { } link
            ? throw new RecipeException([$"evaluation.file: {link} is a symbolic link; a recipe names files beside itself."], $"Replace the link by the file, or omit the key and name the file to {Step.Evaluate}.")
            : recipe with { Evaluation = new EvaluationOptions { File = file } };
    }

    private static Recipe WithBase(Recipe recipe, string path, string? baseFolder, Action<string> notify)
    {
        if (recipe.Model is not SequenceModelOptions { NeedsFiles: true } model)
        {
            return recipe;
        }

        var resolved = OpenWeightsFolder.Resolve(recipe, baseFolder is null ? Beside(path, model) : Path.GetFullPath(baseFolder));
        PublishedWeights.CheckBase(
            resolved,
            OpenWeightsFolder.Files(resolved.BaseFolder!, OpenWeightsFolder.WantsWeights(model)).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)),
            OpenWeightsFolder.WantsWeights(model) ? OpenWeightsFolder.WeightMap(resolved.BaseFolder!) : null);
        if (Tokenizer.Create(resolved).MissingBytes is { Count: > 0 } missing)
        {
            notify($"The vocabulary of the base has no token for {Figures.Count(missing.Count)} of 256 bytes ({string.Join(' ', missing.Take(MostBytesShown).Select(value => $"{value:x2}"))}{(missing.Count > MostBytesShown ? " …" : string.Empty)}). Training omits characters that need one.");
        }

        return resolved;
    }

    private static string Beside(string path, SequenceModelOptions model)
    {
        var (key, named) = model is DecoderOptions { Base: null } decoder ? ("model.tokenizerFiles", decoder.TokenizerFiles!) : ("model.base", model.Base!);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var found = Path.GetFullPath(named, folder);
        var link = NamedPath.LinkTo(folder, found)
            ?? (Directory.Exists(found) ? Directory.EnumerateFileSystemEntries(found).FirstOrDefault(entry => new FileInfo(entry).LinkTarget is not null) : null);
        return link is null ? found : throw new RecipeException(
            [$"{key}: {link} is a symbolic link; a recipe names files beside itself."],
            $"Name the folder with {Step.BaseFolder}. Then it may hold links, as Hugging Face's cache does.");
    }
}

using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Readers.Tokenizers;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary>Where <c>sisa init</c> finds the files of a base or a tokenizer, and what it finds in them.</summary>
internal static class BaseOption
{
    public static Option<string?> Folder { get; } = new("--base")
    {
        Description = "Folder of the open weights, or of the tokenizer, that the recipe's model needs; it may lie anywhere. Without it, the recipe names one beside itself.",
        HelpName = "DIR",
    };

    /// <summary>Joins a recipe to the folder of its model's files.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="recipe">The recipe as it was read.</param>
    /// <param name="file">Its file.</param>
    /// <param name="output">Told what the tokenizer cannot say.</param>
    public static Recipe Resolve(ParseResult parse, Recipe recipe, string file, Output output)
    {
        if (recipe.Model is not SequenceModelOptions { NeedsFiles: true } model)
        {
            return recipe;
        }

        var resolved = OpenWeightsFolder.Resolve(recipe, parse.GetValue(Folder) is { } named ? Path.GetFullPath(named) : Beside(file, model));
        PublishedWeights.CheckBase(
            resolved,
            OpenWeightsFolder.Files(resolved.BaseFolder!, OpenWeightsFolder.WantsWeights(model)).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)),
            OpenWeightsFolder.WantsWeights(model) ? OpenWeightsFolder.WeightMap(resolved.BaseFolder!) : null);
        if (Tokenizer.Create(resolved).MissingBytes is { Count: > 0 } missing)
        {
            output.Warn($"The vocabulary of the base has no token for {Figures.Count(missing.Count)} of 256 bytes ({string.Join(' ', missing.Take(16).Select(value => $"{value:x2}"))}{(missing.Count > 16 ? " …" : string.Empty)}): characters that need one are left out of what is learnt.");
        }

        return resolved;
    }

    // A recipe may come from anybody: it names files beside itself, and what lies there must not lead elsewhere.
    private static string Beside(string file, SequenceModelOptions model)
    {
        var (key, named) = model is DecoderOptions { Base: null } decoder ? ("model.tokenizerFiles", decoder.TokenizerFiles!) : ("model.base", model.Base!);
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var path = Path.GetFullPath(named, folder);
        var link = NamedPath.LinkTo(folder, path)
            ?? (Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).FirstOrDefault(entry => new FileInfo(entry).LinkTarget is not null) : null);
        return link is null ? path : throw new RecipeException(
            [$"{key}: {link} is a symbolic link; a recipe names files beside itself."],
            "Name the folder with '--base DIR': then it may hold links, as Hugging Face's cache does.");
    }
}

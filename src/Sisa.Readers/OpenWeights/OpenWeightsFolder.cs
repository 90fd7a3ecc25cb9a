using System.Security.Cryptography;
using System.Text;
using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.OpenWeights;

/// <summary>A directory of open weights in Hugging Face's form, or of a tokenizer only: its content, and whether it can be used.</summary>
/// <remarks>Its files are untrusted: they are bounded and read strictly, and nothing in them is run. Weights are hashed here and read elsewhere.</remarks>
public static class OpenWeightsFolder
{
    /// <summary>Name of the file that declares a folder's tokenizer as <see cref="TokenizerKind.Bytes"/>.</summary>
    public const string ByteTokenizerFile = MarkTable.ConfigFile;

    /// <summary>Content of <see cref="ByteTokenizerFile"/> that says so.</summary>
    public const string ByteTokenizerContent = $"{{\"tokenizer_class\":\"{ByteTokenizerClass}\"}}\n";

    /// <summary>The value of <c>tokenizer_class</c> that says so.</summary>
    internal const string ByteTokenizerClass = "SisaByteTokenizer";

    private const string DamagedHint = "Restore the files from which the store was created, from a backup or from their publisher.";

    /// <summary>Names of the used files, in ordinal order. All other files of the folder are ignored.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="wantsWeights">Whether weights are used, or only the tokenizer.</param>
    /// <exception cref="OpenWeightsException">A required file is missing or unusable.</exception>
    public static IReadOnlyList<string> Files(string folder, bool wantsWeights = true)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        if (wantsWeights)
        {
            files.Add(ModelConfig.FileName);
            files.UnionWith(WeightFiles.Find(folder));
        }

        files.UnionWith(TokenizerFolder.Files(folder));
        return [.. files];
    }

    /// <summary>Which file holds which tensor, as the index of a folder's weights says it.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Names of files by names of tensors; <see langword="null"/> if there is one file and no index.</returns>
    /// <exception cref="OpenWeightsException">The index is malformed, or has a key that is not known.</exception>
    public static IReadOnlyDictionary<string, string>? WeightMap(string folder) => WeightFiles.Map(folder);

    /// <summary>Reads an untrusted folder: its sizes and its tokenizer. Hashes every used file, and refuses other content unless it is known to change nothing.</summary>
    /// <param name="folder">The folder; links in it are followed.</param>
    /// <param name="wantsWeights">Whether weights are used, or only the tokenizer.</param>
    /// <param name="context">Tokens of a window of the recipe.</param>
    /// <exception cref="OpenWeightsException">A required file is missing, malformed, or unsupported, or a key of a file is unknown.</exception>
    public static BaseFiles Inspect(string folder, bool wantsWeights, int context)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (wantsWeights)
        {
            ForeignFolder.RefuseChangingFiles(folder);
        }

        var found = Read(folder, wantsWeights);
        if (wantsWeights)
        {
            ModelConfig.Read(folder).CheckContext(context);
        }

        ForeignFolder.RefuseUnknown(folder, found);
        return found;
    }

    /// <summary>Digest over the files of a folder (<see cref="BaseFiles.Digest"/>): SHA-256 over the name of each in UTF-8, a zero byte, and its SHA-256.</summary>
    /// <param name="files">Names and SHA-256 of the files.</param>
    public static Digest DigestOf(IEnumerable<(string Name, Digest Digest)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, digest) in files.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData([0]);
            hash.AppendData(digest.ToBytes());
        }

        return new Digest(hash.GetHashAndReset());
    }

    /// <summary>Joins a recipe to a folder of files from others: what a recipe's text cannot say is taken from them, and what it says is checked against them.</summary>
    /// <param name="recipe">A valid recipe, as <see cref="RecipeReader"/> reads it; one whose model has no files comes back as it is.</param>
    /// <param name="folder">The folder; links in it are followed.</param>
    /// <returns>The recipe with <see cref="SequenceModelOptions.Files"/>, the names within a store, and <see cref="Recipe.BaseFolder"/>. Equal files give an equal digest wherever they lie.</returns>
    /// <exception cref="OpenWeightsException">A required file is missing, malformed, or unsupported, or a key of a file is unknown.</exception>
    /// <exception cref="RecipeException">With the files' sizes the recipe does not hold together.</exception>
    public static Recipe Resolve(Recipe recipe, string folder) => Join(recipe, folder, model => Inspect(folder, WantsWeights(model), model.Context));

    /// <summary>Joins a recipe to files that <see cref="Resolve"/> accepted earlier, as exports and audit bundles hold them. Keys that the version of then did not check are ignored.</summary>
    /// <param name="recipe">A valid recipe; one whose model has no files comes back as it is.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="recorded">The recorded description of the files, if any.</param>
    /// <returns>As of <see cref="Resolve"/>.</returns>
    /// <exception cref="OpenWeightsException">A required file is missing or malformed.</exception>
    /// <exception cref="RecipeException">With the files' sizes the recipe does not hold together.</exception>
    public static Recipe Reopen(Recipe recipe, string folder, BaseFiles? recorded = null) => Join(recipe, folder, model =>
    {
        var found = Read(folder, WantsWeights(model), recorded?.Tokens.Vocabulary);

        // Earlier versions overlooked rope_theta within rope_scaling. A model is asked with the positions with which it was trained.
        return found.Shape is { } shape && recorded?.Shape?.RopeTheta is >= 1 and <= ModelConfig.MaxRopeTheta and var theta
            ? found with { Shape = shape with { RopeTheta = theta } }
            : found;
    });

    /// <summary>Checks that the files of a recipe are there and the ones it was resolved with, byte for byte. Reads all of them.</summary>
    /// <param name="recipe">A resolved recipe; nothing is checked where its model has no files.</param>
    /// <exception cref="StoreException">They are not.</exception>
    public static void Check(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Model is not SequenceModelOptions { NeedsFiles: true, Files: { } recorded } model)
        {
            return;
        }

        var folder = recipe.BaseFolder ?? throw new InvalidOperationException("The place of the base's files is not set.");
        try
        {
            var found = DigestOf(Files(folder, WantsWeights(model)).Select(name => (name, Hash(folder, name))));
            if (found != recorded.Digest)
            {
                throw new StoreException($"The files in {folder} have digest {found.ToShortString()}…, the recipe records {recorded.Digest.ToShortString()}….", DamagedHint);
            }
        }
        catch (OpenWeightsException e)
        {
            throw Damaged(e);
        }
    }

    /// <summary>Whether a model uses the weights of its folder, or only the tokenizer.</summary>
    /// <param name="model">The model.</param>
    public static bool WantsWeights(SequenceModelOptions model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Base is not null;
    }

    /// <summary>The exception for files that were good when the recipe was resolved.</summary>
    /// <param name="fault">Their fault.</param>
    internal static StoreException Damaged(OpenWeightsException fault) => new($"The files of the base or tokenizer are damaged: {fault.Message}", DamagedHint, fault);

    private static Recipe Join(Recipe recipe, string folder, Func<SequenceModelOptions, BaseFiles> look)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Model is not SequenceModelOptions { NeedsFiles: true } model)
        {
            return recipe;
        }

        var found = look(model);
        var resolved = recipe with
        {
            BaseFolder = Path.GetFullPath(folder),
            Model = model.WithFiles(BaseFiles.FolderName) with { Files = found },
        };
        RecipeRules.CheckResolved(resolved);
        return resolved;
    }

    private static BaseFiles Read(string folder, bool wantsWeights, int? vocabulary = null)
    {
        if (!Directory.Exists(folder))
        {
            throw new OpenWeightsException($"There is no folder {folder}.", "Name the directory of open weights: config.json, model.safetensors and a tokenizer.");
        }

        var shape = wantsWeights ? ModelConfig.Read(folder).Shape() : null;
        var files = Files(folder, wantsWeights);
        var tokens = TokenizerFolder.Open(folder, shape?.Vocabulary ?? vocabulary).Numbers;
        return new BaseFiles(DigestOf(files.Select(name => (name, Hash(folder, name)))), tokens, shape);
    }

    private static Digest Hash(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            return new Digest(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OpenWeightsException($"{path} cannot be read: {PlainReason.Of(e)}.", "Check the file and your permission to read it.", e);
        }
    }
}

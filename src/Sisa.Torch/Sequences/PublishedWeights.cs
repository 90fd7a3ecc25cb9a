using Sisa.Storage.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Training;

namespace Sisa.Torch.Sequences;

/// <summary>How the weights of a constituent are named and divided in files for others: as <c>transformers</c> and PEFT read them.</summary>
/// <remarks>Needs no libtorch.</remarks>
public static class PublishedWeights
{
    /// <summary>The tensors of a constituent, in order.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <returns>Together all of it; <see langword="null"/> for models that others have no names for.</returns>
    public static IReadOnlyList<PublishedTensor>? Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Model switch
        {
            DecoderOptions decoder => [.. PublishedTensor.Of(new DecoderLayout(decoder.Shape).Specs)],
            AdapterOptions adapter => [.. PublishedTensor.Of(new AdapterLayout(adapter, recipe.Task == TaskKind.Classify ? recipe.Labels.Count : 0).Specs)],
            _ => null,
        };
    }

    /// <summary>Checks that the files of a recipe's base hold what its <c>config.json</c> says, without reading the weights.</summary>
    /// <param name="recipe">A resolved recipe; nothing is checked where its model has no base.</param>
    /// <exception cref="StoreException">A tensor is missing, or of another shape or type.</exception>
    public static void CheckBase(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Model is SequenceModelOptions { Files.Shape: { } shape })
        {
            using var files = OpenBase(recipe);
            foreach (var tensor in PublishedTensor.Of(new DecoderLayout(shape).Specs))
            {
                files.Check(tensor.Name, tensor.Shape);
            }
        }
    }

    /// <summary>Opens the weights of a recipe's base.</summary>
    /// <param name="recipe">A recipe with a base.</param>
    /// <exception cref="StoreException">They are missing or no safetensors files.</exception>
    internal static WeightsFolder OpenBase(Recipe recipe)
    {
        var folder = recipe.BaseFolder ?? throw new StoreException("The recipe has a base, and nobody says where its files are.", "Run 'sisa train' from the store.");
        string[] names = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
        return new WeightsFolder(folder, names);
    }

    /// <summary>Name of the file that holds them, as others look for it.</summary>
    /// <param name="model">The model.</param>
    public static string FileName(ModelOptions model) => model is AdapterOptions ? "adapter_model.safetensors" : "model.safetensors";
}

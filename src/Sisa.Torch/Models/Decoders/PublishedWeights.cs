using Sisa.Models;
using Sisa.Storage.Checkpoints;
using Sisa.Training;

namespace Sisa.Torch.Models.Decoders;

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
        return ArchitectureKind.Of(recipe.Model).Published is { } specs ? [.. PublishedTensor.Of(specs(recipe))] : null;
    }

    /// <summary>Checks that the files of a recipe's base match its <c>config.json</c>, hold nothing that would change the computation, and have finite numbers. Reads the weights.</summary>
    /// <param name="recipe">A resolved recipe; nothing is checked where its model has no base.</param>
    /// <param name="files">Names of the weights' files in <see cref="Recipe.BaseFolder"/>; others there are not looked at.</param>
    /// <param name="index">Names of files by names of tensors, where an index says so.</param>
    /// <exception cref="StoreException">A tensor is missing, of another shape or type, holds NaN or infinity, is not known, or not in the file that the index says; or a file is no safetensors file, or one whose numbers are in another order.</exception>
    public static void CheckBase(Recipe recipe, IEnumerable<string> files, IReadOnlyDictionary<string, string>? index = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Model is SequenceModelOptions { Files.Shape: { } shape })
        {
            using var weights = new WeightsFolder(recipe.BaseFolder!, files);
            ForeignWeights.Check(weights, [.. PublishedTensor.Of(new DecoderLayout(shape).Specs)], index);
        }
    }

    /// <summary>Name of the file that holds them, as others look for it.</summary>
    /// <param name="model">The model.</param>
    public static string FileName(ModelOptions model) => ArchitectureKind.Of(model).PublishedFile;
}

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

    /// <summary>Name of the file that holds them, as others look for it.</summary>
    /// <param name="model">The model.</param>
    public static string FileName(ModelOptions model) => model is AdapterOptions ? "adapter_model.safetensors" : "model.safetensors";
}

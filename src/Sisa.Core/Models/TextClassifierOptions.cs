using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Models;

/// <summary>Text to label: a bag of token embeddings, or a small transformer encoder.</summary>
public sealed record TextClassifierOptions : ModelOptions
{
    /// <summary>Which of the two.</summary>
    public TextArchitecture Architecture { get; init; } = TextArchitecture.EmbeddingBag;

    /// <summary>Width of the embeddings.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Encoder: number of layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Encoder: number of attention heads; divides the width.</summary>
    public int Heads { get; init; } = 4;

    /// <inheritdoc/>
    public override long ParameterCount(Recipe recipe)
    {
        var (layout, width) = (FeatureLayout.Of(recipe), (long)Width);
        var ends = (layout.Vocabulary * width) + Norm(width) + Linear(width, recipe.Labels.Count);
        if (Architecture == TextArchitecture.EmbeddingBag)
        {
            return ends;
        }

        var attention = Norm(width) + Linear(width, 3 * width) + Linear(width, width);
        var feedForward = Norm(width) + Linear(width, 4 * width) + Linear(4 * width, width);
        return ends + (layout.Length * width) + (Layers * (attention + feedForward));
    }

    /// <inheritdoc/>
    public override long TensorCount(Recipe recipe) => Architecture == TextArchitecture.EmbeddingBag ? 5 : 6 + (12 * Layers);

    /// <inheritdoc/>
    public override string Describe() => $"text-classifier, {Architecture}, width {Width}";
}

/// <summary>Shape of a text classifier.</summary>
public enum TextArchitecture
{
    /// <summary>Mean of token embeddings, layer normalisation, linear layer.</summary>
    EmbeddingBag,

    /// <summary>Pre-norm transformer encoder with learnt positions, mean over tokens, linear layer.</summary>
    Encoder,
}

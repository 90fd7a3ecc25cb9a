using Sisa.Corpora;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Torch.Models.Text;

/// <summary>The two shapes of a text classifier.</summary>
internal static class TextArchitectures
{
    /// <summary>How recipes become models of this kind.</summary>
    public static ArchitectureKind Kind { get; } = new()
    {
        Kind = ModelKinds.BuiltIn.TextClassifier,
        Build = (recipe, _) => Build((TextClassifierOptions)recipe.Model, FeatureLayout.Of(recipe), recipe),
    };

    private static Architecture Build(TextClassifierOptions options, FeatureLayout layout, Recipe recipe) => layout.Kind != FeatureKind.Tokens
        ? throw ArchitectureKind.Mismatch("text-classifier", "no 'features.text'", "'features.text'")
        : options.Architecture == TextArchitecture.EmbeddingBag
            ? new EmbeddingBagArchitecture(options, layout, recipe.Labels.Count)
            : new EncoderArchitecture(options, layout, recipe.Labels.Count);
}

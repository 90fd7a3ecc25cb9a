using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>Keys of <c>text-classifier</c>: a bag of embeddings, or a small encoder.</summary>
internal sealed class TextClassifierKeys() : ModelKeys<TextClassifierOptions>(ModelKinds.BuiltIn.TextClassifier)
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecipeKey> Keys =>
    [
        Key(
            "architecture",
            new ChoiceValue<TextArchitecture>([("embedding-bag", TextArchitecture.EmbeddingBag), ("encoder", TextArchitecture.Encoder)]),
            "A mean of embeddings, or a small transformer.",
            m => m.Architecture,
            (m, v) => m with { Architecture = v }),
        Key("width", new IntegerValue(1, 8_192), "Width of the embeddings.", m => m.Width, (m, v) => m with { Width = v }),
        Key("layers", new IntegerValue(1, 64), "Encoder: layers.", m => m.Layers, (m, v) => m with { Layers = v }),
        Key("heads", new IntegerValue(1, 256), "Encoder: attention heads. They divide the width.", m => m.Heads, (m, v) => m with { Heads = v }),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(Recipe recipe) => recipe is { Task: not TaskKind.LanguageModel, Features.Text: not null };

    /// <inheritdoc/>
    protected override void Check(TextClassifierOptions model, Recipe recipe, RecipeFaults faults)
    {
        faults.Rule(recipe.Features.Text is null, "model.kind", "found text-classifier without text; a text-classifier needs features.text.", "features", "corpus.fields.text", "model");
        faults.Rule(model.Architecture == TextArchitecture.Encoder && model.Width % model.Heads != 0, "model.heads", $"found {model.Heads} heads and width {model.Width}; heads must divide the width.", "model.width");
    }
}

using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>Keys of <c>mlp</c>: fully connected layers.</summary>
internal sealed class MlpKeys() : ModelKeys<MlpOptions>(ModelKinds.BuiltIn.Mlp)
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecipeKey> Keys =>
    [
        Key("hidden", new IntegerListValue(0, 16, 1, 65_536), "Widths of the hidden layers; [] for a linear model.", m => m.Hidden, (m, v) => m with { Hidden = v }),
        Key(
            "activation",
            new ChoiceValue<Activation>([("relu", Activation.Relu), ("tanh", Activation.Tanh)]),
            "Function after each hidden layer.",
            m => m.Activation,
            (m, v) => m with { Activation = v }),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(Recipe recipe) => recipe is { Task: not TaskKind.LanguageModel, Features: { Text: null, Pixels: null } };

    /// <inheritdoc/>
    protected override void Check(MlpOptions model, Recipe recipe, RecipeFaults faults) =>
        faults.Rule(recipe.Features.Text is not null, "model.kind", "found mlp with a text feature; allowed: text-classifier, or an mlp over numbers, categories, vector or pixels.", "features", "model");
}

using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Readers.Recipes.Models;
using Sisa.Training;

namespace Sisa.Extending.Tests.Toy;

/// <summary>Keys of <c>toy</c>.</summary>
public sealed class ToyKeys(ModelKind kind) : ModelKeys<ToyOptions>(kind)
{
    public override IReadOnlyList<RecipeKey> Keys => [Key("waist", new IntegerValue(1, 64), "Width of the narrow layer.", m => m.Waist, (m, v) => m with { Waist = v })];

    protected override void Check(ToyOptions model, Recipe recipe, RecipeFaults faults) =>
        faults.Rule(recipe.Features.Numbers.Count == 0, "model.kind", "found toy without numbers; a toy needs features.numbers.", "features", "model");
}

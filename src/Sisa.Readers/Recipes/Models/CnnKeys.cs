using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Recipes.Models;

/// <summary>Keys of <c>cnn</c>: convolutions over an image.</summary>
internal sealed class CnnKeys() : ModelKeys<CnnOptions>(ModelKinds.BuiltIn.Cnn)
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecipeKey> Keys =>
    [
        Key("channels", new IntegerListValue(1, 8, 1, 4_096), "Channels of the convolutions, each followed by normalisation, ReLU and 2 × 2 pooling.", m => m.Channels, (m, v) => m with { Channels = v }),
        Key("kernel", new IntegerValue(1, 31, "an odd number from 1 to 31", v => v % 2 == 1), "Side of the square kernels.", m => m.Kernel, (m, v) => m with { Kernel = v }),
        Key("hidden", new IntegerValue(0, 65_536), "Width of the layer between convolutions and output; 0 for no such layer.", m => m.Hidden, (m, v) => m with { Hidden = v }),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(Recipe recipe) => recipe is { Task: not TaskKind.LanguageModel, Features: { Text: null, Pixels: not null } };

    /// <inheritdoc/>
    protected override void Check(CnnOptions model, Recipe recipe, RecipeFaults faults)
    {
        var pixels = recipe.Features.Pixels;
        faults.Rule(pixels is null, "model.kind", "found cnn without pixels; a cnn needs features.pixels.", "features", "model");
        var side = Math.Min(pixels?.Height ?? int.MaxValue, pixels?.Width ?? int.MaxValue);
        faults.Rule(side >> model.Channels.Count == 0, "model.channels", $"found {model.Channels.Count} convolutions; each halves the image, whose shorter side is {side}.", "features.pixels");
    }
}

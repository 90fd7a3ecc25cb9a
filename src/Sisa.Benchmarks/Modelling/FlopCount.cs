using Sisa.Corpora;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Benchmarks.Modelling;

/// <summary>Floating-point operations of one visit: forward, backward and the product that updates a weight.</summary>
/// <param name="PerVisit">Operations, a multiplication and an addition counting as two.</param>
/// <param name="IsExact">Whether every matrix product is counted; otherwise it is 6 a parameter.</param>
public sealed record FlopCount(double PerVisit, bool IsExact)
{
    /// <summary>Counts a model.</summary>
    /// <param name="recipe">A valid recipe.</param>
    /// <remarks>Of an <c>mlp</c> the matrix products are counted: three of 2·inputs·outputs a layer (forward, gradient of the weights, gradient of the inputs), but two in the first, whose inputs need
    /// no gradient. Activations, biases and the loss, some thousandth of it, are left out. Of other models 6 a parameter is the usual estimate (Kaplan et al. 2020, section 2.1), which knows nothing of attention.</remarks>
    public static FlopCount Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.Model is not MlpOptions mlp)
        {
            return new FlopCount(6.0 * recipe.Model.ParameterCount(recipe), IsExact: false);
        }

        long[] widths = [FeatureLayout.Of(recipe).Length, .. mlp.Hidden, recipe.Labels.Count];
        var products = 0L;
        for (var layer = 1; layer < widths.Length; layer++)
        {
            products += 2 * widths[layer - 1] * widths[layer] * (layer == 1 ? 2 : 3);
        }

        return new FlopCount(products, IsExact: true);
    }
}

using Sisa.Corpora;
using Sisa.Models;

namespace Sisa.Training;

/// <summary>How many shards a worker trains at once, as one program whose every operation is over all of them.</summary>
/// <remarks>
/// Pure. It decides time and never bytes: a trainer of several shards first proves that the results equal those of training one by one.
/// <para>The processor launches every operation of a step on a GPU, and for a small model the launch takes longer than the work. Operations over several
/// shards are launched once for all of them, until their arithmetic takes most of the time. More shards then gain nothing and cost memory. On the processor
/// there are no launches: the perceptron has a step of its own, written out, with bits of its own. A step written out was faster than any number of shards
/// at once (<c>bench/results/…/fused-shards.md</c>).</para>
/// </remarks>
public static class ShardFusion
{
    /// <summary>Multiply-adds of one step of all shards together, from which on the arithmetic counts for more than the telling. A bound that was
    /// chosen, not measured: no GPU was at hand.</summary>
    public const long MostMultiplyAdds = 1L << 27;

    /// <summary>Memory in bytes that the training of all shards together may take on a device: 1 GiB. The proof briefly takes twice as much in addition.</summary>
    public const long MostBytes = 1L << 30;

    // Products forward, for the gradients of the weights, and for those of what they are multiplied by.
    private const int ProductsAStep = 3;

    // Values, gradients, and the two moments of Adam.
    private const int FlatTensors = 4;

    /// <summary>How many shards to train at once.</summary>
    /// <param name="recipe">Model, batch size and device are read.</param>
    /// <param name="jobs">Shards that are to be trained, at least one.</param>
    /// <param name="workers">Workers that share them, at least one: none is left without work for the sake of another.</param>
    /// <returns>At least 1, which means one by one, and at most a worker's share.</returns>
    public static int Together(Recipe recipe, int jobs, int workers = 1)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentOutOfRangeException.ThrowIfLessThan(jobs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);

        // The one model whose step is written for several constituents.
        if (recipe.Model is not MlpOptions mlp || recipe.Training.Device == "cpu")
        {
            return 1;
        }

        var parameters = recipe.Model.ParameterCount(recipe);
        var activations = (long)recipe.Training.BatchSize * (FeatureLayout.Of(recipe).Length + mlp.Hidden.Sum(width => (long)width) + recipe.Labels.Count);
        var byArithmetic = MostMultiplyAdds / (ProductsAStep * parameters * recipe.Training.BatchSize);

        // Each activation has a gradient.
        var byMemory = MostBytes / (sizeof(float) * ((FlatTensors * parameters) + (2 * activations)));
        var share = (jobs + workers - 1) / workers;
        return (int)Math.Clamp(Math.Min(byArithmetic, byMemory), 1, share);
    }
}

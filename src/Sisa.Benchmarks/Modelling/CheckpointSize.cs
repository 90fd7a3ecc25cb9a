using Sisa.Training;

namespace Sisa.Benchmarks.Modelling;

/// <summary>Bytes that a checkpoint writes, known from the recipe.</summary>
public static class CheckpointSize
{
    /// <summary>Bytes of weights and optimizer state; the header of a few kilobytes is left out.</summary>
    /// <param name="recipe">A valid recipe.</param>
    public static long TensorBytes(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var copies = recipe.Training switch
        {
            { Optimizer: OptimizerKind.Sgd, Momentum: 0 } => 1,
            { Optimizer: OptimizerKind.Sgd } => 2,
            _ => 3,
        };
        return sizeof(float) * copies * ModelSize.Parameters(recipe);
    }
}

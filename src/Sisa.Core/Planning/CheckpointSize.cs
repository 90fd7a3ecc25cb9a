using Sisa.Training;

namespace Sisa.Planning;

/// <summary>How large a checkpoint file is: known from the recipe, but for a few bytes of its header.</summary>
/// <remarks>Pure. A test compares it with a file that was written.</remarks>
public static class CheckpointSize
{
    // Measured: format, digest, environment; the root of a slice; name, shape and offsets of a tensor.
    private const long HeadBytes = 700;
    private const long SliceBytes = 110;
    private const long EntryBytes = 105;

    /// <summary>Bytes of the checkpoint of the last stage: header, weights, and the optimizer's state.</summary>
    /// <param name="recipe">A recipe whose model and features go together.</param>
    public static long Bytes(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return HeadBytes + (SliceBytes * recipe.Ensemble.Slices) + ((1 + OptimizerStates(recipe.Training)) * EntryBytes * recipe.Model.TensorCount(recipe)) + TensorBytes(recipe);
    }

    /// <summary>Bytes of weights and optimizer state.</summary>
    /// <param name="recipe">A recipe whose model and features go together.</param>
    public static long TensorBytes(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return sizeof(float) * (1 + OptimizerStates(recipe.Training)) * recipe.Model.ParameterCount(recipe);
    }

    /// <summary>Numbers that the optimizer keeps for each parameter: the moments of Adam, the momentum of SGD where there is one.</summary>
    /// <param name="training">How a constituent is trained.</param>
    public static int OptimizerStates(TrainingOptions training)
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Optimizer != OptimizerKind.Sgd ? 2 : training.Momentum > 0 ? 1 : 0;
    }
}

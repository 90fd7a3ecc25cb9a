using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models;

/// <summary>A kind of constituent model: its parameters and how they turn a batch into logits.</summary>
/// <remarks>Immutable, holds no weights. No dropout, no batch statistics, no randomness: an item's logits depend on the weights, on
/// the item, and (padding and kernel choice) on the shape of its batch.</remarks>
public abstract class Architecture : IDisposable
{
    /// <summary>The parameters, in the order of checkpoints.</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Floats of the largest tensor that one item, as long as the recipe allows, becomes on its way from features to logits.</summary>
    public abstract long LargestActivation { get; }

    /// <summary>Logits of a batch, one row an item; part of autograd's graph where the weights are.</summary>
    /// <param name="weights">Parameters of one constituent, made from <see cref="Parameters"/>.</param>
    /// <param name="batch">A batch that <see cref="CreateBatch"/> made.</param>
    /// <returns>logits_BC, in the current dispose scope.</returns>
    public abstract torch.Tensor Logits(ParameterSet weights, Batch batch);

    /// <summary>The operations of this architecture whose answers are known, in the sizes that it computes them in.</summary>
    /// <param name="items">Items of a batch.</param>
    /// <remarks><see cref="Create"/> has every one of them computed, forward and backward, before anything is trained or answered.</remarks>
    public abstract IEnumerable<KnownOperation> Operations(int items);

    /// <summary>A buffer for batches as this architecture reads them.</summary>
    /// <param name="capacity">Most items in a batch.</param>
    /// <param name="device">Where the model runs.</param>
    public abstract Batch CreateBatch(int capacity, torch.Device device);

    /// <summary>Sets the non-random parts of the initial state, after the random values were drawn; most models have none.</summary>
    /// <param name="weights">Parameters of one constituent in their initial state.</param>
    public virtual void LoadStart(ParameterSet weights)
    {
        // Random values only.
    }

    /// <summary>How epochs become steps.</summary>
    /// <param name="batchSize">The recipe's batch size.</param>
    /// <param name="device">Where the model runs.</param>
    internal virtual TensorSteps CreateSteps(int batchSize, torch.Device device)
    {
        var batch = CreateBatch(batchSize, device);
        return new TensorSteps(new ItemSteps(batch, batchSize), batch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the architecture's memory besides weights; most have none.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
        // Indices of parameters need no freeing.
    }

    /// <summary>The architecture that a recipe declares.</summary>
    /// <param name="recipe">A valid recipe.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="RecipeException">Model and features do not go together.</exception>
    /// <exception cref="EnvironmentException">An operation of the model comes out wrong on this machine.</exception>
    public static Architecture Create(Recipe recipe, torch.Device device)
    {
        var architecture = Build(recipe, device);
        KnownAnswerCheck.Require(architecture.Operations(recipe.Training.BatchSize), device);
        return architecture;
    }

    /// <summary>The same, without a look at whether its operations come out right.</summary>
    internal static Architecture Build(Recipe recipe, torch.Device device) => ArchitectureKind.Of(recipe.Model).Build(recipe, device);
}

using Sisa.Training;

namespace Sisa.Models;

/// <summary>The constituent model. One subtype per kind, with its sizes; its name stands in <see cref="ModelKinds"/>.</summary>
/// <remarks>A subtype is a sealed record whose settable properties are what a recipe declares, in the order of its JSON. Whatever follows from other properties carries <c>JsonIgnore</c>.</remarks>
public abstract record ModelOptions
{
    /// <summary>Trainable numbers of one constituent: known before anything is trained or any library loaded.</summary>
    /// <param name="recipe">A recipe with this model, whose features and labels go together with it.</param>
    /// <remarks>Pure. A test compares it with the parameters that each architecture lays out.</remarks>
    public abstract long ParameterCount(Recipe recipe);

    /// <summary>Tensors of one constituent's weights. Each has an entry in the header of a checkpoint.</summary>
    /// <param name="recipe">A recipe with this model, whose features and labels go together with it.</param>
    /// <remarks>Pure. A test compares it with the parameters that each architecture lays out.</remarks>
    public abstract long TensorCount(Recipe recipe);

    /// <summary>The model in a few words for people, its kind first.</summary>
    public abstract string Describe();

    /// <summary>Numbers of a linear layer with a bias.</summary>
    /// <param name="inputs">Width of its input.</param>
    /// <param name="outputs">Width of its output.</param>
    protected static long Linear(long inputs, long outputs) => (inputs + 1) * outputs;

    /// <summary>Numbers of a norm: gains and shifts.</summary>
    /// <param name="width">Number of gains.</param>
    protected static long Norm(long width) => 2 * width;
}

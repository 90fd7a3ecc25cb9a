using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Models;

/// <summary>Fully connected layers over dense features.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <summary>Widths of the hidden layers; none for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [128];

    /// <summary>Function after each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <inheritdoc/>
    public override long ParameterCount(Recipe recipe)
    {
        var (width, sum) = ((long)FeatureLayout.Of(recipe).Length, 0L);
        foreach (var hidden in Hidden)
        {
            sum += Linear(width, hidden);
            width = hidden;
        }

        return sum + Linear(width, recipe.Labels.Count);
    }

    /// <inheritdoc/>
    public override long TensorCount(Recipe recipe) => 2 * (Hidden.Count + 1);

    /// <inheritdoc/>
    public override string Describe() => $"mlp, hidden {string.Join(" ", Hidden)}";
}

/// <summary>Function after a hidden layer.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,
}

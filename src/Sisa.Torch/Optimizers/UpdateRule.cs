using Sisa.Torch.Models;
using Sisa.Training;

namespace Sisa.Torch.Optimizers;

/// <summary>Flat memory that an update reads and writes; spans of equal length, all whole cache lines.</summary>
internal readonly ref struct UpdatedMemory
{
    /// <summary>The parameters.</summary>
    public Span<float> Values { get; init; }

    /// <summary>Their gradients; zero after the update.</summary>
    public Span<float> Gradients { get; init; }

    /// <summary>First state, as <see cref="UpdateRule.StateNames"/> orders them; empty where there is none.</summary>
    public Span<float> First { get; init; }

    /// <summary>Second state; empty where there is none.</summary>
    public Span<float> Second { get; init; }

    /// <summary>A range of all of them.</summary>
    /// <param name="range">The range.</param>
    public UpdatedMemory Of(ParameterRange range) => new()
    {
        Values = range.Of(Values),
        Gradients = range.Of(Gradients),
        First = First.IsEmpty ? [] : range.Of(First),
        Second = Second.IsEmpty ? [] : range.Of(Second),
    };
}

/// <summary>An optimizer's update of flat memory on the CPU, without a library: loops whose bits depend on no processor (<see cref="FlatUpdate"/>).</summary>
/// <remarks>The formulas of <c>torch.optim</c>. Immutable.</remarks>
internal abstract class UpdateRule
{
    /// <summary>Names in checkpoints of the state besides the step count.</summary>
    public abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>The rule that a recipe declares.</summary>
    /// <param name="options">The recipe's <c>training</c>.</param>
    public static UpdateRule Of(TrainingOptions options) => options.Optimizer switch
    {
        OptimizerKind.Sgd => new SgdRule(options.Momentum, options.WeightDecay),
        OptimizerKind.Adam or OptimizerKind.AdamW => new AdamRule(options),
        _ => throw new NotSupportedException($"Optimizer {options.Optimizer} is unknown."),
    };

    /// <summary>Updates a range, and zeroes its gradients.</summary>
    /// <param name="memory">The range.</param>
    /// <param name="decays">Whether weight decay applies to it.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="step">Number of this step, from 1.</param>
    public abstract void Apply(in UpdatedMemory memory, bool decays, double learningRate, long step);
}

/// <summary>g ← g + λp, v ← μv + g, p ← p − ηv; no dampening, no Nesterov.</summary>
/// <param name="momentum">μ.</param>
/// <param name="weightDecay">λ.</param>
internal sealed class SgdRule(double momentum, double weightDecay) : UpdateRule
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } = momentum != 0 ? ["momentum"] : [];

    /// <inheritdoc/>
    public override void Apply(in UpdatedMemory memory, bool decays, double learningRate, long step)
    {
        var decay = decays ? (float)weightDecay : 0;
        if (memory.First.IsEmpty)
        {
            FlatUpdate.Sgd(memory.Values, memory.Gradients, (float)learningRate, decay);
        }
        else
        {
            FlatUpdate.Momentum(memory.Values, memory.Gradients, memory.First, (float)learningRate, decay, (float)momentum);
        }
    }
}

/// <summary>Adam and AdamW; the formulas are those of <see cref="AdamOptimizer"/>.</summary>
/// <param name="options">Decays and ε; which of the two it is.</param>
internal sealed class AdamRule(TrainingOptions options) : UpdateRule
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> StateNames { get; } = ["mean", "square"];

    /// <summary>Whether weight decay is decoupled.</summary>
    public bool IsDecoupled => options.Optimizer == OptimizerKind.AdamW;

    /// <inheritdoc/>
    public override void Apply(in UpdatedMemory memory, bool decays, double learningRate, long step) => FlatUpdate.Adam(
        memory.Values,
        memory.Gradients,
        memory.First,
        memory.Second,
        new AdamFactors(
            Shrink: IsDecoupled && decays ? (float)(1 - (learningRate * options.WeightDecay)) : 1,
            Decay: IsDecoupled || !decays ? 0 : (float)options.WeightDecay,
            MeanRate: (float)(1 - options.Beta1),
            SquareDecay: (float)options.Beta2,
            SquareRate: (float)(1 - options.Beta2),
            RootScale: (float)RootScale(step),
            Epsilon: (float)options.Epsilon,
            Rate: (float)Rate(learningRate, step)));

    /// <summary>1 / √(1−β₂ᵗ).</summary>
    /// <param name="step">t.</param>
    public double RootScale(long step) => 1 / Math.Sqrt(1 - Power(options.Beta2, step));

    /// <summary>η / (1−β₁ᵗ).</summary>
    /// <param name="learningRate">η.</param>
    /// <param name="step">t.</param>
    public double Rate(double learningRate, long step) => learningRate / (1 - Power(options.Beta1, step));

    // Only squarings and products, which every machine rounds the same way. Math.Pow depends on the C library.
    private static double Power(double number, long exponent)
    {
        double power = 1;
        for (; exponent > 0; exponent >>= 1, number *= number)
        {
            power = (exponent & 1) != 0 ? power * number : power;
        }

        return power;
    }
}

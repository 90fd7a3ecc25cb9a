using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Optimizers;

/// <summary>Adam (Kingma and Ba 2015, algorithm 1) and AdamW (Loshchilov and Hutter 2019, algorithm 2), as <c>torch.optim</c> has them.</summary>
/// <remarks>m ← m + (1−β₁)(g−m), v ← β₂v + (1−β₂)g², p ← p − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε). Weight decay adds λp to g (Adam), or
/// multiplies p by 1 − ηλ beforehand (AdamW).</remarks>
internal sealed class AdamOptimizer : Optimizer
{
    private readonly TrainingOptions _options;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="options">Decays and ε; which of the two it is.</param>
    /// <param name="parameters">What it updates.</param>
    public AdamOptimizer(TrainingOptions options, ParameterSet parameters)
        : base(options, parameters)
    {
        _options = options;
        AddState("mean");
        AddState("square");
    }

    private torch.Tensor Mean => State[0].Flat;

    private torch.Tensor Square => State[1].Flat;

    private bool IsDecoupled => _options.Optimizer == OptimizerKind.AdamW;

    /// <inheritdoc/>
    protected override void UpdateMemory(ParameterRange range, double learningRate) => FlatUpdate.Adam(
        range.Of(ParameterSet.Memory(Parameters.Values)),
        range.Of(ParameterSet.Memory(Parameters.Gradients!)),
        range.Of(ParameterSet.Memory(Mean)),
        range.Of(ParameterSet.Memory(Square)),
        new AdamFactors(
            Shrink: IsDecoupled && range.Decays ? (float)(1 - (learningRate * _options.WeightDecay)) : 1,
            Decay: IsDecoupled || !range.Decays ? 0 : (float)_options.WeightDecay,
            MeanRate: (float)(1 - _options.Beta1),
            SquareDecay: (float)_options.Beta2,
            SquareRate: (float)(1 - _options.Beta2),
            RootScale: (float)(1 / Math.Sqrt(1 - Power(_options.Beta2, StepCount))),
            Epsilon: (float)_options.Epsilon,
            Rate: (float)(learningRate / (1 - Power(_options.Beta1, StepCount)))));

    /// <inheritdoc/>
    protected override void UpdateTensors(StepTarget target, ParameterRange range)
    {
        var (values, gradients) = (range.Of(target.Values), range.Of(target.Gradients));
        var (mean, square) = (range.Of(target.State[0]), range.Of(target.State[1]));
        if (!range.Decays)
        {
            // Neither kind of decay.
        }
        else if (IsDecoupled)
        {
            target.Factor(step => 1 - (step.LearningRate * _options.WeightDecay)).Scale(values);
        }
        else if (_options.WeightDecay != 0)
        {
            gradients.AddScaled(values, _options.WeightDecay);
        }

        mean.Scale(_options.Beta1);
        mean.AddScaled(gradients, 1 - _options.Beta1);
        square.Scale(_options.Beta2);
        square.AddProduct(gradients, gradients, 1 - _options.Beta2);
        using var root = square.sqrt();
        target.Factor(step => 1 / Math.Sqrt(1 - Power(_options.Beta2, step.Number))).Scale(root);
        root.Shift(_options.Epsilon);
        target.Factor(step => -step.LearningRate / (1 - Power(_options.Beta1, step.Number))).AddQuotient(values, mean, root);
    }

    // Squarings and products alone, which every machine rounds alike; Math.Pow is the C library's business.
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

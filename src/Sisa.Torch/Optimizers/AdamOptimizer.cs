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
    private readonly AdamRule _rule;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="options">Decays and ε; which of the two it is.</param>
    /// <param name="parameters">What it updates.</param>
    public AdamOptimizer(TrainingOptions options, ParameterSet parameters)
        : base(options, parameters)
    {
        (_options, _rule) = (options, (AdamRule)Rule);
    }

    private torch.Tensor Mean => State[0].Flat;

    private torch.Tensor Square => State[1].Flat;

    /// <inheritdoc/>
    protected override void UpdateTensors(ParameterRange range, double learningRate)
    {
        var (values, gradients) = (Part(Parameters.Values, range), Part(Parameters.Gradients!, range));
        var (mean, square) = (Part(Mean, range), Part(Square, range));
        if (!range.Decays)
        {
            // Neither kind of decay.
        }
        else if (_rule.IsDecoupled)
        {
            values.Scale(1 - (learningRate * _options.WeightDecay));
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
        root.Scale(_rule.RootScale(StepCount));
        root.Shift(_options.Epsilon);
        values.AddQuotient(mean, root, -_rule.Rate(learningRate, StepCount));
    }
}

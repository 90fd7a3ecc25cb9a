using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Training;

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
    /// <param name="parameters">The parameters that it updates.</param>
    public AdamOptimizer(TrainingOptions options, ParameterSet parameters)
        : base(options, parameters)
    {
        (_options, _rule) = (options, (AdamRule)Rule);
    }

    /// <inheritdoc/>
    protected override void UpdateTensors(StepTarget target, bool decays)
    {
        var (values, gradients, mean, square) = (target.Values, target.Gradients, target.State[0], target.State[1]);
        if (!decays)
        {
            // Neither kind of decay.
        }
        else if (_rule.IsDecoupled)
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
        target.Factor(step => _rule.RootScale(step.Number)).Scale(root);
        root.Shift(_options.Epsilon);
        target.Factor(step => -_rule.Rate(step.LearningRate, step.Number)).AddQuotient(values, mean, root);
    }
}

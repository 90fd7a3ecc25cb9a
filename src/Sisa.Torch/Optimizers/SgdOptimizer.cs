using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Training;

namespace Sisa.Torch.Optimizers;

/// <summary>Stochastic gradient descent as <c>torch.optim.SGD</c> does it: g ← g + λp, v ← μv + g, p ← p − ηv; no dampening, no
/// Nesterov.</summary>
internal sealed class SgdOptimizer : Optimizer
{
    private readonly double _momentum;
    private readonly double _weightDecay;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="options">Momentum and weight decay.</param>
    /// <param name="parameters">The parameters that it updates.</param>
    public SgdOptimizer(TrainingOptions options, ParameterSet parameters)
        : base(options, parameters)
    {
        (_momentum, _weightDecay) = (options.Momentum, options.WeightDecay);
    }

    /// <inheritdoc/>
    protected override void UpdateTensors(StepTarget target, bool decays)
    {
        var (values, gradients) = (target.Values, target.Gradients);
        var rate = target.Factor(step => -step.LearningRate);
        if (_weightDecay != 0 && decays)
        {
            gradients.AddScaled(values, _weightDecay);
        }

        if (target.State.Count == 0)
        {
            rate.AddScaled(values, gradients);
        }
        else
        {
            var velocity = target.State[0];
            velocity.Scale(_momentum);
            velocity.AddScaled(gradients, 1);
            rate.AddScaled(values, velocity);
        }
    }
}

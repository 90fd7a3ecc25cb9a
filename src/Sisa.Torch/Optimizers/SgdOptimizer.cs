using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Optimizers;

/// <summary>Stochastic gradient descent as <c>torch.optim.SGD</c> does it: g ← g + λp, v ← μv + g, p ← p − ηv; no dampening, no
/// Nesterov.</summary>
internal sealed class SgdOptimizer : Optimizer
{
    private readonly double _momentum;
    private readonly double _weightDecay;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="options">Momentum and weight decay.</param>
    /// <param name="parameters">What it updates.</param>
    public SgdOptimizer(TrainingOptions options, ParameterSet parameters)
        : base(options, parameters)
    {
        (_momentum, _weightDecay) = (options.Momentum, options.WeightDecay);
    }

    private torch.Tensor? Velocity => State.Count == 0 ? null : State[0].Flat;

    /// <inheritdoc/>
    protected override void UpdateTensors(ParameterRange range, double learningRate)
    {
        var (values, gradients) = (Part(Parameters.Values, range), Part(Parameters.Gradients!, range));
        if (_weightDecay != 0 && range.Decays)
        {
            gradients.AddScaled(values, _weightDecay);
        }

        if (Velocity is not { } whole)
        {
            values.AddScaled(gradients, -learningRate);
        }
        else
        {
            var velocity = Part(whole, range);
            velocity.Scale(_momentum);
            velocity.AddScaled(gradients, 1);
            values.AddScaled(velocity, -learningRate);
        }
    }
}

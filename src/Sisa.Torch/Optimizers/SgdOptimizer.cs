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
        : base(parameters)
    {
        (_momentum, _weightDecay) = (options.Momentum, options.WeightDecay);
        if (_momentum != 0)
        {
            AddState("momentum");
        }
    }

    private torch.Tensor? Velocity => State.Count == 0 ? null : State[0].Flat;

    /// <inheritdoc/>
    protected override void UpdateMemory(double learningRate)
    {
        var values = ParameterSet.Memory(Parameters.Values);
        var gradients = ParameterSet.Memory(Parameters.Gradients!);
        if (Velocity is not { } velocity)
        {
            FlatUpdate.Sgd(values, gradients, (float)learningRate, (float)_weightDecay);
        }
        else
        {
            FlatUpdate.Momentum(values, gradients, ParameterSet.Memory(velocity), (float)learningRate, (float)_weightDecay, (float)_momentum);
        }
    }

    /// <inheritdoc/>
    protected override void UpdateTensors(torch.Tensor values, torch.Tensor gradients, double learningRate)
    {
        if (_weightDecay != 0)
        {
            gradients.AddScaled(values, _weightDecay);
        }

        if (Velocity is not { } velocity)
        {
            values.AddScaled(gradients, -learningRate);
        }
        else
        {
            velocity.Scale(_momentum);
            velocity.AddScaled(gradients, 1);
            values.AddScaled(velocity, -learningRate);
        }
    }
}

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
        if (_momentum != 0)
        {
            AddState("momentum");
        }
    }

    private torch.Tensor? Velocity => State.Count == 0 ? null : State[0].Flat;

    /// <inheritdoc/>
    protected override void UpdateMemory(ParameterRange range, double learningRate)
    {
        var values = range.Of(ParameterSet.Memory(Parameters.Values));
        var gradients = range.Of(ParameterSet.Memory(Parameters.Gradients!));
        var decay = range.Decays ? (float)_weightDecay : 0;
        if (Velocity is not { } velocity)
        {
            FlatUpdate.Sgd(values, gradients, (float)learningRate, decay);
        }
        else
        {
            FlatUpdate.Momentum(values, gradients, range.Of(ParameterSet.Memory(velocity)), (float)learningRate, decay, (float)_momentum);
        }
    }

    /// <inheritdoc/>
    protected override void UpdateTensors(StepTarget target, ParameterRange range)
    {
        var (values, gradients) = (range.Of(target.Values), range.Of(target.Gradients));
        var rate = target.Factor(step => -step.LearningRate);
        if (_weightDecay != 0 && range.Decays)
        {
            gradients.AddScaled(values, _weightDecay);
        }

        if (target.State.Count == 0)
        {
            rate.AddScaled(values, gradients);
        }
        else
        {
            var velocity = range.Of(target.State[0]);
            velocity.Scale(_momentum);
            velocity.AddScaled(gradients, 1);
            rate.AddScaled(values, velocity);
        }
    }
}

using Sisa.Torch.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Torch.Optimizers;
using Sisa.Training;

namespace Sisa.Torch.Perceptron;

/// <summary>Parameters, gradients and optimizer state of a perceptron, in memory of the program's own.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PerceptronState : IStepCounter, IDisposable
{
    private readonly UpdateRule _rule;
    private readonly double _clip;
    private readonly AlignedFloats _values;
    private readonly AlignedFloats _gradients;
    private readonly AlignedFloats[] _states;

    /// <summary>Allocates everything, zero.</summary>
    /// <param name="layout">The parameters, and their places.</param>
    /// <param name="options">The recipe's <c>training</c>.</param>
    public PerceptronState(ParameterLayout layout, TrainingOptions options)
    {
        (Layout, _rule, _clip) = (layout, UpdateRule.Of(options), options.Clip);
        _values = new AlignedFloats(layout.Length);
        _gradients = new AlignedFloats(layout.Length);
        _states = [.. _rule.StateNames.Select(_ => new AlignedFloats(layout.Length))];
        Tensors = new CheckpointTensors(layout, _values, _rule.StateNames.Zip(_states, (name, flat) => (name, (IFlatMemory)flat)), this);
    }

    /// <summary>The parameters, and their places.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>All of it as a checkpoint has it.</summary>
    public CheckpointTensors Tensors { get; }

    /// <inheritdoc/>
    public long StepCount { get; set; }

    /// <summary>All values, flat.</summary>
    public Span<float> Values => _values.Span;

    /// <summary>All gradients, flat.</summary>
    public Span<float> Gradients => _gradients.Span;

    /// <summary>The optimizer's step; leaves the gradients zero.</summary>
    /// <param name="learningRate">Learning rate of this step.</param>
    public void Step(double learningRate)
    {
        StepCount++;
        if (_clip > 0)
        {
            GradientClip.Apply(Gradients, _clip);
        }

        var memory = new UpdatedMemory
        {
            Values = Values,
            Gradients = Gradients,
            First = _states.Length > 0 ? _states[0].Span : [],
            Second = _states.Length > 1 ? _states[1].Span : [],
        };
        foreach (var range in Layout.Ranges)
        {
            _rule.Apply(memory.Of(range), range.Decays, learningRate, StepCount);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        _gradients.Dispose();
        Array.ForEach(_states, state => state.Dispose());
    }
}

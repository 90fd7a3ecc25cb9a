using Sisa.Torch.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Optimizers;

/// <summary>Updates a flat parameter tensor from a flat gradient tensor.</summary>
/// <remarks>The formulas of <c>torch.optim</c>. On the CPU one pass of vectorised loops over memory (<see cref="FlatUpdate"/>), whose
/// bits do not depend on the processor; elsewhere tensor operations. Not thread-safe.</remarks>
internal abstract class Optimizer : IStepCounter, IDisposable
{
    private readonly List<(string Name, torch.Tensor Flat)> _state = [];

    private readonly double _clip;

    /// <summary>Creates an optimizer.</summary>
    /// <param name="options">The recipe's <c>training</c>.</param>
    /// <param name="parameters">What it updates; their gradients are created.</param>
    protected Optimizer(TrainingOptions options, ParameterSet parameters)
    {
        Parameters = parameters;
        _clip = options.Clip;
        Rule = UpdateRule.Of(options);
        _state.AddRange(Rule.StateNames.Select(name => (name, torch.zeros_like(parameters.Values).DetachFromDisposeScope())));
        parameters.CreateGradients();
        FusedLoops = parameters.IsOnCpu;
    }

    /// <summary>What it updates.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Steps since the initial state.</summary>
    public long StepCount { get; set; }

    /// <summary>What it does to memory.</summary>
    protected UpdateRule Rule { get; }

    /// <summary>State beside the step count: name, and a flat tensor laid out as the parameters.</summary>
    public IReadOnlyList<(string Name, torch.Tensor Flat)> State => _state;

    /// <summary>Whether to loop over memory instead of calling tensor operations. A test compares the two.</summary>
    internal bool FusedLoops { get; set; }

    /// <summary>The optimizer that a recipe declares.</summary>
    /// <param name="options">The recipe's <c>training</c>.</param>
    /// <param name="parameters">What it updates.</param>
    public static Optimizer Create(TrainingOptions options, ParameterSet parameters) => options.Optimizer switch
    {
        OptimizerKind.Sgd => new SgdOptimizer(options, parameters),
        OptimizerKind.Adam or OptimizerKind.AdamW => new AdamOptimizer(options, parameters),
        _ => throw new NotSupportedException($"Optimizer {options.Optimizer} is unknown."),
    };

    /// <summary>One step; leaves the gradients zero.</summary>
    /// <param name="learningRate">Learning rate of this step.</param>
    public void Step(double learningRate)
    {
        StepCount++;
        if (FusedLoops)
        {
            if (_clip > 0)
            {
                GradientClip.Apply(ParameterSet.Memory(Parameters.Gradients!), _clip);
            }

            var memory = new UpdatedMemory
            {
                Values = ParameterSet.Memory(Parameters.Values),
                Gradients = ParameterSet.Memory(Parameters.Gradients!),
                First = _state.Count > 0 ? ParameterSet.Memory(_state[0].Flat) : [],
                Second = _state.Count > 1 ? ParameterSet.Memory(_state[1].Flat) : [],
            };
            foreach (var range in Parameters.Layout.Ranges)
            {
                Rule.Apply(memory.Of(range), range.Decays, learningRate, StepCount);
            }

            return;
        }

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        if (_clip > 0)
        {
            GradientClip.Apply(Parameters.Gradients!, _clip);
        }

        foreach (var range in Parameters.Layout.Ranges)
        {
            UpdateTensors(range, learningRate);
        }

        Parameters.Gradients!.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The step of a range as tensor operations.</summary>
    /// <param name="range">The range.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    protected abstract void UpdateTensors(ParameterRange range, double learningRate);

    /// <summary>A range of a flat tensor, in the current dispose scope.</summary>
    /// <param name="flat">The tensor.</param>
    /// <param name="range">The range.</param>
    protected static torch.Tensor Part(torch.Tensor flat, ParameterRange range) => flat.narrow(0, range.Offset, range.Length);

    /// <summary>Frees the state.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var (_, flat) in _state)
        {
            flat.Dispose();
        }

        _state.Clear();
    }
}

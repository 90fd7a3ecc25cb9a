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
    /// <param name="parameters">The parameters that it updates; their gradients are created.</param>
    protected Optimizer(TrainingOptions options, ParameterSet parameters)
    {
        Parameters = parameters;
        _clip = options.Clip;
        Rule = UpdateRule.Of(options);

        // Gradients before state: the order in which a step of several constituents finds the flat tensors.
        parameters.CreateGradients();
        _state.AddRange(Rule.StateNames.Select(name => (name, parameters.Allocate())));
        FusedLoops = parameters.IsOnCpu;
    }

    /// <summary>The parameters that it updates.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Steps since the initial state.</summary>
    public long StepCount { get; set; }

    /// <summary>Its update of memory.</summary>
    protected UpdateRule Rule { get; }

    /// <summary>State besides the step count: a name, and a flat tensor in the layout of the parameters.</summary>
    public IReadOnlyList<(string Name, torch.Tensor Flat)> State => _state;

    /// <summary>Whether to loop over memory instead of calling tensor operations. A test compares the two.</summary>
    internal bool FusedLoops { get; set; }

    /// <summary>The optimizer that a recipe declares.</summary>
    /// <param name="options">The recipe's <c>training</c>.</param>
    /// <param name="parameters">The parameters that it updates.</param>
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

        UpdateTensors(new StepTarget(Parameters.Values, Parameters.Gradients!, [.. _state.Select(s => s.Flat)], [new StepNumber(learningRate, StepCount)]));
    }

    /// <summary>One step of each of several constituents whose flat tensors are rows side by side; leaves the gradients zero.</summary>
    /// <param name="optimizers">Their optimizers, all of one recipe, in the order of the rows.</param>
    /// <param name="learningRates">Learning rate of each one's step.</param>
    /// <param name="flats_SP">Values, gradients and state of all of them, in this order.</param>
    /// <remarks>Every number comes out as <see cref="Step(double)"/> makes it: the same loops over each row, or the same tensor operations over all rows.
    /// Gradients are shortened row by row, since a sum over one row of many may be added up in another order.</remarks>
    public static void StepTogether(IReadOnlyList<Optimizer> optimizers, IReadOnlyList<double> learningRates, IReadOnlyList<torch.Tensor> flats_SP)
    {
        if (optimizers[0].FusedLoops)
        {
            for (var i = 0; i < optimizers.Count; i++)
            {
                optimizers[i].Step(learningRates[i]);
            }

            return;
        }

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var optimizer in optimizers)
        {
            optimizer.StepCount++;
            if (optimizer._clip > 0)
            {
                GradientClip.Apply(optimizer.Parameters.Gradients!, optimizer._clip);
            }
        }

        var steps = optimizers.Zip(learningRates, (optimizer, rate) => new StepNumber(rate, optimizer.StepCount));
        optimizers[0].UpdateTensors(new StepTarget(flats_SP[0], flats_SP[1], [.. flats_SP.Skip(2)], [.. steps]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The step of a range as tensor operations.</summary>
    /// <param name="target">The range, of one constituent or of several.</param>
    /// <param name="decays">Whether weight decay applies to it.</param>
    protected abstract void UpdateTensors(StepTarget target, bool decays);

    private void UpdateTensors(StepTarget target)
    {
        foreach (var range in Parameters.Layout.Ranges)
        {
            UpdateTensors(target.Of(range), range.Decays);
        }

        target.Gradients.zero_();
    }

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

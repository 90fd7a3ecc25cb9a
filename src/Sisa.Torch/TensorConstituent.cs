using Sisa.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Sequences;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>A constituent in training by libtorch: any model, any device.</summary>
internal sealed class TensorConstituent : Constituent
{
    private readonly Architecture _architecture;
    private readonly ParameterSet _parameters;
    private readonly Optimizer _optimizer;
    private readonly TensorSteps _steps;
    private readonly AutogradStep _step;

    /// <summary>Builds the constituent of a job in its start state.</summary>
    /// <param name="job">The job; its recipe has pinned the process (<see cref="NativeRuntime.Start"/>).</param>
    /// <param name="environment">The current environment.</param>
    /// <exception cref="StoreException">The start checkpoint is damaged, or belongs to another recipe, shard, lineage or environment.</exception>
    public TensorConstituent(ShardJob job, EnvironmentFingerprint environment)
    {
        var (recipe, device) = (job.Recipe with { BaseFolder = job.BaseFolder }, NativeRuntime.Device(job.Recipe));
        _architecture = Architecture.Create(recipe, device);
        _parameters = new ParameterSet(_architecture.Parameters, device);
        _optimizer = Optimizer.Create(recipe.Training, _parameters);
        _steps = _architecture.CreateSteps(recipe.Training.BatchSize, device);
        _step = new AutogradStep(_architecture, _parameters, _optimizer);
        Tensors = new CheckpointTensors(
            _parameters.Layout, new TensorMemory(_parameters.Values), _optimizer.State.Select(state => (state.Name, (IFlatMemory)new TensorMemory(state.Flat))), _optimizer);
        Begin(job, environment);
    }

    /// <inheritdoc/>
    public override StepPlan Steps => _steps.Plan;

    /// <inheritdoc/>
    public override CheckpointTensors Tensors { get; }

    /// <inheritdoc/>
    public override void Step(double learningRate) => _step.Run(_steps.Batch, learningRate);

    /// <inheritdoc/>
    public override LossSum TakeLoss() => _step.TakeLoss();

    /// <inheritdoc/>
    protected override void Initialise(ShardJob job, int shard)
    {
        _parameters.Initialise(job.Recipe.Training.Seed, shard);
        if (job.Recipe.Model is DecoderOptions { Base: not null })
        {
            FrozenBase.Load(job.Recipe with { BaseFolder = job.BaseFolder }, _parameters);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _step.Dispose();
        _steps.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _architecture.Dispose();
    }
}

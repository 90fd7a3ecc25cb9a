using Sisa.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Fusion;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>A constituent in training by libtorch: any model, any device.</summary>
internal sealed class TensorConstituent : Constituent
{
    private readonly Architecture _architecture;
    private readonly ParameterSet _parameters;
    private readonly TensorSteps _steps;

    /// <summary>Builds the constituent of a job in its start state.</summary>
    /// <param name="job">The job; its recipe pins the process (<see cref="NativeRuntime.Start"/>).</param>
    /// <param name="place">Its place in the memory of a group; <see langword="null"/> for memory of its own.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    /// <exception cref="StoreException">The start checkpoint is damaged, or belongs to another recipe, shard, lineage or environment.</exception>
    public TensorConstituent(ShardJob job, StackRow? place = null)
        : base(Fingerprint(job.Recipe))
    {
        var (recipe, device) = (job.Recipe with { BaseFolder = job.BaseFolder }, NativeRuntime.Device(job.Recipe));
        _architecture = Architecture.Create(recipe, device);
        _parameters = new ParameterSet(_architecture.Parameters, device, place?.Memory());
        Optimizer = Optimizer.Create(recipe.Training, _parameters);
        _steps = _architecture.CreateSteps(recipe.Training.BatchSize, device);
        Autograd = new AutogradStep(_architecture, _parameters, Optimizer, place?.LossSum());
        Tensors = new CheckpointTensors(
            _parameters.Layout, new TensorMemory(_parameters.Values), Optimizer.State.Select(state => (state.Name, (IFlatMemory)new TensorMemory(state.Flat))), Optimizer);
        Begin(job);
    }

    /// <inheritdoc/>
    public override StepPlan Steps => _steps.Plan;

    /// <inheritdoc/>
    public override CheckpointTensors Tensors { get; }

    /// <summary>The optimizer of its parameters.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Its step.</summary>
    public AutogradStep Autograd { get; }

    /// <summary>The environment of this way of training: libtorch, loaded and pinned for a recipe, on its device.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    public static EnvironmentFingerprint Fingerprint(Recipe recipe) => NativeRuntime.Start(recipe).Fingerprint(recipe);

    /// <inheritdoc/>
    public override void Step(double learningRate) => Autograd.Run(_steps.Batch, learningRate);

    /// <inheritdoc/>
    public override LossSum TakeLoss() => Autograd.TakeLoss();

    /// <inheritdoc/>
    protected override void Initialise(ShardJob job, int shard)
    {
        _parameters.Initialise(job.Recipe.Training.Seed, shard);
        _architecture.LoadStart(_parameters);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Autograd.Dispose();
        _steps.Dispose();
        Optimizer.Dispose();
        _parameters.Dispose();
        _architecture.Dispose();
    }
}

using System.Reflection;
using System.Runtime.CompilerServices;
using Sisa.Checkpoints;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch.Perceptron;

/// <summary>A multi-layer perceptron in training on the processor, without libtorch.</summary>
internal sealed class PerceptronConstituent : Constituent
{
    private readonly PerceptronState _state;
    private readonly PerceptronBatch _batch;
    private readonly PerceptronStep _step;

    /// <summary>Builds the constituent of a job in its start state.</summary>
    /// <param name="job">A job whose recipe <see cref="Trains"/>.</param>
    /// <exception cref="StoreException">The start checkpoint is damaged, or belongs to another recipe, shard, lineage or environment.</exception>
    public PerceptronConstituent(ShardJob job)
        : base(Fingerprint(job.Recipe))
    {
        var (recipe, layout) = (job.Recipe, FeatureLayout.Of(job.Recipe));
        var architecture = new MlpArchitecture((MlpOptions)recipe.Model, layout, recipe.Labels.Count);
        PerceptronAnswers.Require(PerceptronAnswers.Layers(architecture));
        _state = new PerceptronState(new ParameterLayout(architecture.Parameters), recipe.Training);
        _batch = new PerceptronBatch(layout, recipe.Training.BatchSize);
        _step = new PerceptronStep(architecture, _state, recipe.Training);
        Steps = new ItemSteps(_batch, recipe.Training.BatchSize);
        Begin(job);
    }

    /// <inheritdoc/>
    public override StepPlan Steps { get; }

    /// <inheritdoc/>
    public override CheckpointTensors Tensors => _state.Tensors;

    /// <summary>Whether a recipe is trained this way.</summary>
    /// <param name="recipe">A valid recipe.</param>
    public static bool Trains(Recipe recipe) => recipe is { Model: MlpOptions, Training.Device: "cpu" };

    /// <summary>The environment of this way of training: what its bits may depend on. No library takes part, and no processor decides (<see cref="LaneProducts"/>).</summary>
    /// <param name="recipe">A recipe that <see cref="Trains"/>.</param>
    public static EnvironmentFingerprint Fingerprint(Recipe recipe) => new()
    {
        Device = recipe.Training.Device,
        Numerics = recipe.Numerics,
        Threads = 1,
        Architecture = EnvironmentFingerprint.ThisArchitecture,
        OperatingSystem = EnvironmentFingerprint.ThisOperatingSystem,
    };

    /// <summary>Compiles what a step spends its time in, so that the first one does not wait for it.</summary>
    public static void Prepare()
    {
        foreach (var kernels in new[] { typeof(LaneProducts), typeof(LaneRows), typeof(LaneLoss), typeof(Activations), typeof(FlatUpdate) })
        {
            foreach (var method in kernels.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }

    /// <inheritdoc/>
    public override void Step(double learningRate) => _step.Run(_batch, learningRate);

    /// <inheritdoc/>
    public override LossSum TakeLoss() => _step.TakeLoss();

    /// <inheritdoc/>
    protected override void Initialise(ShardJob job, int shard) => _state.Layout.Initialise(_state.Values, job.Recipe.Training.Seed, shard);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _step.Dispose();
        _batch.Dispose();
        _state.Dispose();
    }
}

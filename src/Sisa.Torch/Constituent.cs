using Sisa.Checkpoints;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Fusion;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Sequences;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>A constituent model in training: architecture, parameters, optimizer, and the step that moves them.</summary>
/// <remarks>Owns all of them. Not thread-safe.</remarks>
internal sealed class Constituent : IDisposable
{
    /// <summary>Builds the constituent of a job in its start state: the initial one, or that of the start checkpoint.</summary>
    /// <param name="runtime">The pinned process.</param>
    /// <param name="job">The job.</param>
    /// <param name="environment">The current environment.</param>
    /// <param name="place">Its place in the memory of a group, in which it is stepped by autograd; <see langword="null"/> for one that is trained alone.</param>
    /// <exception cref="StoreException">The start checkpoint is damaged, or belongs to another recipe, shard, lineage or environment.</exception>
    public Constituent(NativeRuntime runtime, ShardJob job, EnvironmentFingerprint environment, StackRow? place = null)
    {
        var training = job.Recipe.Training;
        var device = NativeRuntime.Device(job.Recipe);
        var recipe = job.Recipe with { BaseFolder = job.BaseFolder };
        Architecture = Architecture.Create(recipe, device);
        Parameters = new ParameterSet(Architecture.Parameters, device, place?.Stack.Row(place.Value.Row));
        Optimizer = Optimizer.Create(training, Parameters);
        Tensors = new CheckpointTensors(Parameters, Optimizer);
        Step = place is { } at
            ? new AutogradStep(Architecture, Parameters, Optimizer, at.Stack.LossSum(at.Row))
            : TrainingStep.Create(runtime, Architecture, Parameters, Optimizer, training);
        try
        {
            if (job.Start is { } start)
            {
                using var checkpoint = CheckpointFile.Read(start.Path, start.Digest);
                RefuseOther(checkpoint.Header, job, environment, start.Path);
                Tensors.Restore(checkpoint, start.Path);
            }
            else
            {
                Parameters.Initialise(training.Seed, training.Init == InitKind.Shared ? -1 : job.Shard.Value);
                if (recipe.Model is DecoderOptions { Base: not null })
                {
                    FrozenBase.Load(recipe, Parameters);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public Architecture Architecture { get; }

    /// <summary>Its parameters.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Their optimizer.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Their form in checkpoints.</summary>
    public CheckpointTensors Tensors { get; }

    /// <summary>What moves them.</summary>
    public ITrainingStep Step { get; }

    /// <summary>The same, of a constituent that has a place in the memory of a group.</summary>
    public AutogradStep StackedStep => (AutogradStep)Step;

    /// <inheritdoc/>
    public void Dispose()
    {
        Step.Dispose();
        Optimizer.Dispose();
        Parameters.Dispose();
        Architecture.Dispose();
    }

    // Rule E8: a checkpoint of another recipe, or of anything else that its bytes depend on, is refused and never reused.
    private static void RefuseOther(CheckpointHeader header, ShardJob job, EnvironmentFingerprint environment, string path)
    {
        var stage = job.FirstStage.Previous;
        var difference =
            header.Recipe != job.RecipeDigest ? $"recipe {header.Recipe.ToShortString()}…, this store has {job.RecipeDigest.ToShortString()}…"
            : header.Shard != job.Shard ? $"{header.Shard}, the job trains {job.Shard}"
            : header.Stage != stage ? $"{header.Stage}, the job starts after {stage}"
            : !header.Lineage.Equals(job.LineageAt(stage)) ? $"lineage {header.Lineage.Digest.ToShortString()}…, the slices now give {job.LineageAt(stage).Digest.ToShortString()}…"
            : header.Environment != environment ? $"environment {header.Environment.ToJson()}, this one is {environment.ToJson()}"
            : null;
        if (difference is not null)
        {
            throw new StoreException(
                $"Checkpoint {path} cannot be trained on: it is of {difference}.",
                "Run 'sisa recover'; the shard is trained again from a checkpoint that fits, or from the start.");
        }
    }
}

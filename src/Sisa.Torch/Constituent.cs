using Sisa.Checkpoints;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Perceptron;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>A constituent model in training: its state, how epochs become its steps, and what moves it.</summary>
/// <remarks>Owns all of it. Not thread-safe.</remarks>
/// <param name="environment">The environment in which it is trained, <see cref="EnvironmentOf"/> its recipe unless it is made for a group.</param>
internal abstract class Constituent(EnvironmentFingerprint environment) : IDisposable
{
    /// <summary>The environment in which it is trained.</summary>
    public EnvironmentFingerprint Environment { get; } = environment;

    /// <summary>Divides epochs into steps.</summary>
    public abstract StepPlan Steps { get; }

    /// <summary>Its full state as a checkpoint has it.</summary>
    public abstract CheckpointTensors Tensors { get; }

    /// <summary>Builds the constituent of a job in its start state: the initial one, or that of the start checkpoint.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    /// <exception cref="StoreException">The start checkpoint is damaged, or belongs to another recipe, shard, lineage or environment.</exception>
    public static Constituent Create(ShardJob job) =>
        PerceptronConstituent.Trains(job.Recipe) ? new PerceptronConstituent(job) : new TensorConstituent(job);

    /// <summary>The environment in which the constituents of a recipe are trained in this process; loads libtorch where it is needed.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    public static EnvironmentFingerprint EnvironmentOf(Recipe recipe) =>
        PerceptronConstituent.Trains(recipe) ? PerceptronConstituent.Fingerprint(recipe) : TensorConstituent.Fingerprint(recipe);

    /// <summary>Forward, backward and update for what <see cref="Steps"/> loaded last.</summary>
    /// <param name="learningRate">Learning rate of this step.</param>
    public abstract void Step(double learningRate);

    /// <summary>The losses since the last call; waits for the device.</summary>
    public abstract LossSum TakeLoss();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets the initial state.</summary>
    /// <param name="job">The job.</param>
    /// <param name="shard">Number of the shard for the random streams, or −1 if all start from one state.</param>
    protected abstract void Initialise(ShardJob job, int shard);

    /// <summary>Frees everything.</summary>
    /// <param name="disposing">Always true.</param>
    protected abstract void Dispose(bool disposing);

    /// <summary>Sets the start state; belongs at the end of a constructor. Frees everything where that fails.</summary>
    /// <param name="job">The job.</param>
    protected void Begin(ShardJob job)
    {
        try
        {
            if (job.Start is { } start)
            {
                using var checkpoint = CheckpointFile.Read(start.Path, start.Digest);
                RefuseOther(checkpoint.Header, job, start.Path);
                Tensors.Restore(checkpoint, start.Path);
            }
            else
            {
                Initialise(job, job.Recipe.Training.Init == InitKind.Shared ? -1 : job.Shard.Value);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Rule E8: a checkpoint of another recipe, or of anything else that its bytes depend on, is refused and never reused.
    private void RefuseOther(CheckpointHeader header, ShardJob job, string path)
    {
        var stage = job.FirstStage.Previous;
        var difference =
            header.Recipe != job.RecipeDigest ? $"recipe {header.Recipe.ToShortString()}…, this store has {job.RecipeDigest.ToShortString()}…"
            : header.Shard != job.Shard ? $"{header.Shard}, the job trains {job.Shard}"
            : header.Stage != stage ? $"{header.Stage}, the job starts after {stage}"
            : !header.Lineage.Equals(job.LineageAt(stage)) ? $"lineage {header.Lineage.Digest.ToShortString()}…, the slices now give {job.LineageAt(stage).Digest.ToShortString()}…"
            : header.Environment != Environment ? $"environment {header.Environment.ToJson()}, this one is {Environment.ToJson()}"
            : null;
        if (difference is not null)
        {
            throw new StoreException(
                $"Training cannot continue from checkpoint {path}: it is of {difference}.",
                $"Run {Faults.Step.Recover}; the shard is trained again from a matching checkpoint, or from the start.");
        }
    }
}

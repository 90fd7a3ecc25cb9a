using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>Trains the stages of one job, each ending with a durable checkpoint.</summary>
/// <remarks>
/// Order of events of stage k: train → wait for checkpoint k−1 and offer it to the observer → copy the state → begin to write
/// checkpoint k. So at most one checkpoint is in flight, the observer hears of stages in order and from this thread alone, and a
/// stage that it refuses leaves nothing behind it on disk. A stage that diverges ends the training before its checkpoint is begun. Not thread-safe.
/// </remarks>
internal sealed class ShardTraining : IDisposable
{
    // Often enough for Ctrl-C and for the eye, rarely enough to cost nothing.
    private const int BatchesBetweenLooks = 8;
    private static readonly TimeSpan TimeBetweenReports = TimeSpan.FromMilliseconds(250);

    private readonly ShardJob _job;
    private readonly Constituent _constituent;
    private readonly ITrainingObserver _observer;
    private readonly TimeProvider _time;
    private readonly ShardItems _items;
    private readonly BackgroundCheckpoint _writer = new();
    private StageResult? _pending;
    private long _pendingSince;
    private bool _isRefused;
    private long _visits;
    private double? _loss;
    private PlannedStep _last;

    /// <summary>Takes over a constituent.</summary>
    /// <param name="job">The job.</param>
    /// <param name="constituent">Its constituent, in its start state; becomes this object's.</param>
    /// <param name="observer">Who hears of it.</param>
    /// <param name="time">Measures durations.</param>
    public ShardTraining(ShardJob job, Constituent constituent, ITrainingObserver observer, TimeProvider time)
    {
        (_job, _constituent, _observer, _time) = (job, constituent, observer, time);
        Items = _items = new ShardItems(job.Recipe.Labels.Count);
    }

    /// <summary>Where the items of its steps are.</summary>
    public ItemSource Items { get; }

    /// <summary>Trains until the last stage, a refusal, or cancellation.</summary>
    /// <param name="cancellation">Ends the work within a few batches; a checkpoint in flight is finished and offered first.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="DivergenceException">A loss or a weight is not finite; the stages before it were offered.</exception>
    /// <exception cref="SisaException">A slice cannot be read or a checkpoint not be written.</exception>
    public void Run(CancellationToken cancellation)
    {
        foreach (var step in Steps(cancellation))
        {
            StepAlone(step);
        }
    }

    /// <summary>The steps until the last stage, a refusal, or cancellation. Whoever enumerates them takes each, alone or together with others, before
    /// asking for the next; what lies between steps happens meanwhile.</summary>
    /// <param name="cancellation">As for <see cref="Run"/>.</param>
    public IEnumerable<PlannedStep> Steps(CancellationToken cancellation)
    {
        for (var stage = _job.FirstStage; stage <= _job.LastStage; stage = stage.Next)
        {
            var began = _time.GetTimestamp();
            _items.OpenUpTo(_job.Slices, stage.Value);
            var order = new StageOrder(_job.Recipe, _job.Shard, stage, _items, _constituent.Steps);
            foreach (var step in Steps(stage, order, cancellation))
            {
                yield return step;
            }

            if (_isRefused || !OfferPending())
            {
                yield break;
            }

            // Weights may overflow in the last step, whose loss was still a number.
            var tensors = _constituent.Tensors.Copy();
            if (FiniteCheck.FirstOther(tensors) is { } name)
            {
                throw Diverged(stage, order.StepCount, order.StepCount, $"'{name}'");
            }

            StageEvents.Write(_job, stage, _loss, order, _time.GetElapsedTime(began), _time.GetUtcNow());
            Begin(stage, order.Visits, _loss, began, tensors);
        }

        OfferPending();
    }

    /// <summary>Takes a step of this shard only.</summary>
    /// <param name="step">The step that came last.</param>
    public void StepAlone(PlannedStep step)
    {
        Visited(_constituent.Steps.Load(step.Index));
        _constituent.Step(step.LearningRate);
    }

    /// <summary>Counts items that a step ended with.</summary>
    /// <param name="count">How many.</param>
    public void Visited(int count) => _visits += count;

    /// <summary>Waits for the checkpoint in flight, if there is one, and offers it.</summary>
    /// <returns>Whether to go on with the shard.</returns>
    /// <exception cref="StorageIoException">It could not be written.</exception>
    public bool OfferPending()
    {
        if (_writer.IsPending)
        {
            var written = _writer.Finish();
            _isRefused = !_observer.Accept(_pending! with
            {
                FileName = written.FileName,
                Digest = written.Digest,
                Tensors = written.Tensors,
                SizeBytes = written.SizeBytes,
                Seconds = _time.GetElapsedTime(_pendingSince).TotalSeconds,
            });
        }

        return !_isRefused;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _items.Dispose();
        _constituent.Dispose();
    }

    // Ends early when the observer refused the previous stage meanwhile.
    private IEnumerable<PlannedStep> Steps(SliceIndex stage, StageOrder order, CancellationToken cancellation)
    {
        var schedule = new StageSchedule(_job.Recipe);
        var step = 0;
        var (reported, reportedAt) = (default(LossSum), _time.GetTimestamp());
        (_visits, _loss) = (0, null);
        foreach (var epoch in order.Epochs())
        {
            LossSum epochLoss = default;
            var steps = _constituent.Steps;
            steps.Begin(_items, epoch);
            for (var i = 0; i < steps.StepCount; i++, step++)
            {
                _last = new PlannedStep(i, schedule.LearningRate(stage, step, order.StepCount));
                yield return _last;
                if (step % BatchesBetweenLooks == 0)
                {
                    if (!LookUp(cancellation))
                    {
                        yield break;
                    }

                    if (_time.GetElapsedTime(reportedAt) >= TimeBetweenReports)
                    {
                        var sum = TakeLoss(stage, step + 1, order.StepCount);
                        epochLoss = epochLoss.Plus(sum);
                        _observer.Progress(new StageProgress(_job.Shard, stage, _visits, reported.Plus(sum).Mean));
                        (reported, reportedAt) = (default, _time.GetTimestamp());
                    }
                }
            }

            // An epoch may end between two reports: its share goes into the next one.
            var rest = TakeLoss(stage, step, order.StepCount);
            reported = reported.Plus(rest);
            _loss = epochLoss.Plus(rest).Mean;
        }
    }

    // A sum that is not a number stays one, so single steps need no check.
    private LossSum TakeLoss(SliceIndex stage, int step, int steps)
    {
        var sum = _constituent.TakeLoss();
        if (double.IsFinite(sum.Nats))
        {
            return sum;
        }

        // The stage before is sound.
        OfferPending();
        throw Diverged(stage, step, steps, "the loss");
    }

    private DivergenceException Diverged(SliceIndex stage, int step, int steps, string found) =>
        new(new Divergence(_job.Shard, stage, step, steps, _last.LearningRate, found));

    private bool LookUp(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            OfferPending();
            cancellation.ThrowIfCancellationRequested();
        }

        return !_writer.IsReady || OfferPending();
    }

    private void Begin(SliceIndex stage, long visits, double? loss, long began, IReadOnlyList<TensorEntry> tensors)
    {
        var header = new CheckpointHeader
        {
            Recipe = _job.RecipeDigest,
            Shard = _job.Shard,
            Lineage = _job.LineageAt(stage),
            Environment = _constituent.Environment,
        };
        _pendingSince = began;
        _pending = new StageResult
        {
            Shard = _job.Shard,
            Stage = stage,
            FileName = string.Empty,
            Digest = default,
            Tensors = default,
            SizeBytes = 0,
            Lineage = header.Lineage.Digest,
            Environment = _constituent.Environment.ToDigest(),
            Visits = visits,
            Seconds = 0,
            Loss = loss,
        };
        _writer.Begin(_job.CheckpointFolder, header, tensors);
    }
}

/// <summary>A step that comes next in the training of a shard.</summary>
/// <param name="Index">Its number within its epoch.</param>
/// <param name="LearningRate">Its learning rate.</param>
internal readonly record struct PlannedStep(int Index, double LearningRate);

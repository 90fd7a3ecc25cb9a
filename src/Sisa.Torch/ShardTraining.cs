using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Steps;
using Sisa.Training;

namespace Sisa.Torch;

/// <summary>Trains the stages of one job, each ending with a durable checkpoint.</summary>
/// <remarks>
/// Order of events of stage k: train → wait for checkpoint k−1 and offer it to the observer → copy the state → begin to write
/// checkpoint k. So at most one checkpoint is in flight, the observer hears of stages in order and from this thread alone, and a
/// stage that it refuses leaves nothing behind it on disk. Not thread-safe.
/// </remarks>
internal sealed class ShardTraining : IDisposable
{
    // Often enough for Ctrl-C and for the eye, rarely enough to cost nothing.
    private const int BatchesBetweenLooks = 8;
    private static readonly TimeSpan TimeBetweenReports = TimeSpan.FromMilliseconds(250);

    private readonly ShardJob _job;
    private readonly EnvironmentFingerprint _environment;
    private readonly ITrainingObserver _observer;
    private readonly TimeProvider _time;
    private readonly Constituent _constituent;
    private readonly ShardItems _items;
    private readonly BackgroundCheckpoint _writer = new();
    private StageResult? _pending;
    private long _pendingSince;

    /// <summary>Opens the start checkpoint.</summary>
    /// <param name="job">The job.</param>
    /// <param name="observer">Who hears of it.</param>
    /// <param name="time">Measures durations.</param>
    /// <exception cref="StoreException">The start checkpoint does not fit.</exception>
    public ShardTraining(ShardJob job, ITrainingObserver observer, TimeProvider time)
    {
        (_job, _observer, _time) = (job, observer, time);
        _environment = Constituent.EnvironmentOf(job.Recipe);
        _constituent = Constituent.Create(job, _environment);
        _items = new ShardItems(job.Recipe.Labels.Count);
    }

    /// <summary>Trains until the last stage, a refusal, or cancellation.</summary>
    /// <param name="cancellation">Ends the work within a few batches; a checkpoint in flight is finished and offered first.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="SisaException">A slice cannot be read or a checkpoint not be written.</exception>
    public void Run(CancellationToken cancellation)
    {
        for (var stage = _job.FirstStage; stage <= _job.LastStage; stage = stage.Next)
        {
            var began = _time.GetTimestamp();
            _items.OpenUpTo(_job.Slices, stage.Value);
            var order = new StageOrder(_job.Recipe, _job.Shard, stage, _items, _constituent.Steps);
            if (!TryTrain(stage, order, cancellation, out var loss) || !OfferPending())
            {
                return;
            }

            StageEvents.Write(_job, stage, loss, order, _time.GetElapsedTime(began), _time.GetUtcNow());
            Begin(stage, order.Visits, loss, began);
        }

        OfferPending();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _items.Dispose();
        _constituent.Dispose();
    }

    // False when the observer refused the previous stage meanwhile.
    private bool TryTrain(SliceIndex stage, StageOrder order, CancellationToken cancellation, out double? loss)
    {
        var schedule = new StageSchedule(_job.Recipe);
        var (step, visits) = (0, 0L);
        var (reported, reportedAt) = (default(LossSum), _time.GetTimestamp());
        loss = null;
        foreach (var epoch in order.Epochs())
        {
            LossSum epochLoss = default;
            var steps = _constituent.Steps;
            steps.Begin(_items, epoch);
            for (var i = 0; i < steps.StepCount; i++, step++)
            {
                visits += steps.Load(i);
                _constituent.Step(schedule.LearningRate(stage, step, order.StepCount));
                if (step % BatchesBetweenLooks == 0)
                {
                    if (!LookUp(cancellation))
                    {
                        return false;
                    }

                    if (_time.GetElapsedTime(reportedAt) >= TimeBetweenReports)
                    {
                        var sum = _constituent.TakeLoss();
                        epochLoss = epochLoss.Plus(sum);
                        _observer.Progress(new StageProgress(_job.Shard, stage, visits, reported.Plus(sum).Mean));
                        (reported, reportedAt) = (default, _time.GetTimestamp());
                    }
                }
            }

            // An epoch may end between two reports: its share goes into the next one.
            // Training that diverges goes on: what was declared is what is trained, and its bytes are as exact as any. Only its loss says nothing,
            // and JSON, in which a worker reports, has no such numbers.
            var rest = _constituent.TakeLoss();
            reported = reported.Plus(rest);
            loss = epochLoss.Plus(rest).Mean;
        }

        return true;
    }

    private bool LookUp(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            OfferPending();
            cancellation.ThrowIfCancellationRequested();
        }

        return !_writer.IsReady || OfferPending();
    }

    private void Begin(SliceIndex stage, long visits, double? loss, long began)
    {
        var header = new CheckpointHeader
        {
            Recipe = _job.RecipeDigest,
            Shard = _job.Shard,
            Lineage = _job.LineageAt(stage),
            Environment = _environment,
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
            Environment = _environment.ToDigest(),
            Visits = visits,
            Seconds = 0,
            Loss = loss,
        };
        _writer.Begin(_job.CheckpointFolder, header, _constituent.Tensors.Copy());
    }

    // Waits for the checkpoint in flight, if there is one, and asks whether to go on.
    private bool OfferPending()
    {
        if (!_writer.IsPending)
        {
            return true;
        }

        var written = _writer.Finish();
        return _observer.Accept(_pending! with
        {
            FileName = written.FileName,
            Digest = written.Digest,
            Tensors = written.Tensors,
            SizeBytes = written.SizeBytes,
            Seconds = _time.GetElapsedTime(_pendingSince).TotalSeconds,
        });
    }
}

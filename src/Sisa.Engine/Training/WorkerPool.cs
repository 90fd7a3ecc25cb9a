using System.Collections.Concurrent;
using System.Diagnostics;
using Sisa.Checkpoints;
using Sisa.Engine.Training.Launching;
using Sisa.Records;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>Trains shards in worker processes, in each one shard at a time, or several at once where that pays (<see cref="ShardFusion"/>).</summary>
/// <remarks>Not thread-safe. Workers start when the pool is made, while the coordinator opens its store and plans; where there turn out to be more jobs than workers, more of them start. A worker ends
/// with its coordinator, however that ends: its standard input closes.</remarks>
public sealed class WorkerPool : IShardTrainer, IDisposable
{
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TimeForLastLines = TimeSpan.FromMilliseconds(100);

    private readonly WorkerCommand _command;
    private readonly int _most;
    private readonly List<WorkerProcess> _workers = [];
    private readonly BlockingCollection<(WorkerProcess Worker, WorkerMessage? Message)> _messages = [];
    private StoreLayout? _layout;
    private Recipe? _recipe;

    /// <summary>Starts workers that wait for <see cref="Begin"/>.</summary>
    /// <param name="command">How to start one.</param>
    /// <param name="most">Most workers, at least 1.</param>
    /// <param name="now">Workers that start now, at least 1.</param>
    /// <exception cref="EnvironmentException">The program could not be started.</exception>
    public WorkerPool(WorkerCommand command, int most, int now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(now, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, now);
        (_command, _most) = (command, most);
        try
        {
            Grow(now);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts workers for a store, never more than it has shards.</summary>
    /// <param name="command">How to start one.</param>
    /// <param name="layout">The store.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="most">Most workers, at least 1.</param>
    /// <exception cref="EnvironmentException">The program could not be started.</exception>
    public WorkerPool(WorkerCommand command, StoreLayout layout, Recipe recipe, int most)
        : this(command, Math.Min(most, recipe.Ensemble.Shards), Math.Min(most, recipe.Ensemble.Shards)) => Begin(layout, recipe);

    /// <summary>Sends the recipe to the workers; those that need libtorch load it.</summary>
    /// <param name="layout">The store; job files go to its scratch folder.</param>
    /// <param name="recipe">The recipe, which decides on device, threads and numeric profile.</param>
    public void Begin(StoreLayout layout, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(layout);
        (_layout, _recipe) = (layout, recipe);
        _workers.ForEach(w => w.Begin(recipe));
    }

    /// <inheritdoc/>
    public EnvironmentFingerprint Environment(Recipe recipe, CancellationToken cancellation = default)
    {
        while (_workers.TrueForAll(w => w.Environment is null))
        {
            var (worker, message) = _messages.Take(cancellation);
            worker.Environment = (message ?? throw worker.Died()).Ready;
            if (message.End is { Error: not null } end)
            {
                throw Failure(end);
            }
        }

        return _workers.First(w => w.Environment is not null).Environment!;
    }

    /// <inheritdoc/>
    public void Train(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(observer);
        try
        {
            TrainAll(jobs, observer, cancellation);
        }
        catch (OperationCanceledException)
        {
            End();
            DrainInto(observer);
            throw;
        }
        catch
        {
            // Whoever holds the store's lock may release it now: nothing is written any more.
            End();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _workers.ForEach(w => w.Dispose());
        _messages.Dispose();
    }

    private void TrainAll(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation)
    {
        var waiting = new Queue<ShardJob>(jobs);
        var together = jobs.Count == 0 ? 1 : ShardFusion.Together(jobs[0].Recipe, jobs.Count, _most);
        SisaException? failure = null;
        Grow(Math.Min(_most, (jobs.Count + together - 1) / together));
        _workers.ForEach(w => Assign(w, waiting, together));
        while (_workers.Exists(w => w.Jobs.Count > 0))
        {
            var (worker, message) = _messages.Take(cancellation);
            switch (message)
            {
                case null:
                    failure ??= worker.Jobs.Count == 0 ? null : worker.Died();
                    worker.Jobs = [];
                    worker.HasEnded = true;
                    waiting.Clear();
                    break;
                case { Ready: { } environment }:
                    worker.Environment = environment;
                    break;
                case { Progress: { } progress }:
                    observer.Progress(progress);
                    break;
                case { Stage: { } stage }:
                    if (!observer.Accept(stage))
                    {
                        worker.Send(WorkerMessage.Stop(stage.Shard));
                    }

                    break;
                case { End: { } end }:
                    if (end.Error is not null)
                    {
                        failure ??= Failure(end);
                        waiting.Clear();
                    }

                    // Without jobs, it is the start for the recipe that failed.
                    foreach (var job in worker.Jobs)
                    {
                        File.Delete(job);
                    }

                    worker.Jobs = [];
                    Assign(worker, waiting, together);
                    break;
            }
        }

        // No worker is left to take them.
        failure ??= waiting.Count > 0 ? _workers[0].Died() : null;
        if (failure is not null)
        {
            throw failure;
        }
    }

    private void Grow(int count)
    {
        while (_workers.Count < count)
        {
            _workers.Add(new WorkerProcess(_command, _messages));
            if (_recipe is { } recipe)
            {
                _workers[^1].Begin(recipe);
            }
        }
    }

    // Ask all workers before waiting for any, so that they end in parallel. A second call does nothing.
    private void End()
    {
        _workers.ForEach(w => w.CloseInput());
        var clock = Stopwatch.StartNew();
        _workers.ForEach(w => w.End(TimeToEnd - clock.Elapsed));
    }

    // The stages that workers finished while they ended are recorded; their last lines are read within moments.
    private void DrainInto(ITrainingObserver observer)
    {
        while (_messages.TryTake(out var told, TimeForLastLines))
        {
            if (told.Message?.Stage is { } stage)
            {
                observer.Accept(stage);
            }
        }
    }

    private static SisaException Failure(JobEnd end) => end.Divergence is { } divergence ? new DivergenceException(divergence) : end.Kind switch
    {
        FaultKind.InputOutput => new StorageIoException(end.Error!, Remedy(end)),
        FaultKind.Unavailable => new EnvironmentException(end.Error!, Remedy(end)),
        _ => new StoreException(end.Error!, Remedy(end)),
    };

    private static Remedy? Remedy(JobEnd end) => end.Remedy is { } parts ? new Remedy(parts) : null;

    // Not flushed: a job file that a crash takes is never missed.
    private static void WriteScratch(string path, ShardJob job)
    {
        try
        {
            using var stream = OwnerOnly.Open(path, FileMode.Create, FileAccess.Write, FileShare.None);
            stream.Write(RecordJson.WriteUtf8(job));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("write", path, e);
        }
    }

    private void Assign(WorkerProcess worker, Queue<ShardJob> waiting, int together)
    {
        if (worker.HasEnded)
        {
            return;
        }

        var paths = new List<string>();
        while (paths.Count < together && waiting.TryDequeue(out var job))
        {
            var path = Path.Combine(_layout!.Scratch, $"{job.Shard}-{System.Environment.ProcessId}.job.json");
            WriteScratch(path, job);
            paths.Add(path);
        }

        if (paths.Count > 0)
        {
            worker.Jobs = paths;
            worker.Send(WorkerMessage.Assignment(paths));
        }
    }
}

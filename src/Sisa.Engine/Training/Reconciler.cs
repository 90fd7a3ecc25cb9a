using Sisa.Checkpoints;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Readers.OpenWeights;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>Brings every shard up to date with its slices and with the requests that are pending: what <c>train</c> and <c>forget</c> both do.</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves:
/// 1. slices are rewritten without what pending requests name, one transaction — recovery or the next run goes on from there;
/// 2. each stage's checkpoint is made durable by a worker and then recorded — at worst a stage is trained again;
/// 3. one transaction points the bundle at the new checkpoints, raises the epoch, moves the requests on and lists as garbage what no
///    longer counts — the commit point;
/// 4. the purge (<see cref="Purge"/>), and the removal of checkpoints that no longer count — recovery goes on with it.
/// A request that arrives meanwhile taints the stages in flight behind its slice: they are refused when they end, and another round follows.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="trainer">The trainer.</param>
/// <param name="meter">Measures the effect of forgetting before the purge; <see langword="null"/> for no measurements.</param>
public sealed class Reconciler(Store store, IShardTrainer trainer, IForgettingMeter? meter = null)
{
    /// <summary>Threads that rewrite slices and search for what was purged, beside whoever trains. By default one a processor.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    /// <summary>Trains every shard that is not up to date, and finishes pending requests.</summary>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <param name="progress">Receives progress; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work soon. Recorded work remains.</param>
    /// <exception cref="NotFoundException">The store never held an item.</exception>
    /// <exception cref="InterruptedException">Cancelled.</exception>
    public TrainReport BringUpToDate(TimeSpan patience, ITrainingProgress? progress = null, CancellationToken cancellation = default)
    {
        try
        {
            using var held = StoreLock.Acquire(store.Layout, patience, () => progress?.Waiting(), cancellation);
            return Run(progress, cancellation);
        }
        catch (SisaException e) when (e is not StoreBusyException and not NotFoundException)
        {
            RecordFailure(e);
            throw;
        }
        catch (OperationCanceledException e)
        {
            throw new InterruptedException("Training was interrupted. Every finished stage is kept.", "Run the same command again to resume.", e);
        }
    }

    // What kind of failure it was, and no more: messages may name items.
    private void RecordFailure(SisaException failure)
    {
        try
        {
            store.Manifest.Write(() =>
            {
                foreach (var request in store.Manifest.Requests.Pending())
                {
                    store.Log.Record(LogEvent.Failed, entry => entry with { Request = request.Id, Note = $"{failure.GetType().Name} while {request.State}" });
                }
            });
        }
        catch (SisaException)
        {
            // On a full disk the log takes no entry either. Report the original failure.
        }
    }

    private TrainReport Run(ITrainingProgress? progress, CancellationToken cancellation)
    {
        var clock = store.Clock.GetTimestamp();
        new Recovery(store) { Degree = Degree }.RunHeld(cancellation);
        if (store.Manifest.Items.Count == 0 && store.Manifest.Checkpoints.All().Count == 0 && store.Manifest.Requests.Pending().Count == 0)
        {
            throw new NotFoundException("The store holds no items.", $"Run {Step.Ingest} first.");
        }

        var recorder = new StageRecorder(store, progress);
        var publisher = new BundlePublisher(store);
        var served = new List<RequestRow>();
        var changed = false;
        var purge = new Purge(store, meter) { Degree = Degree };
        double? seconds = null;
        var blocked = 0;
        do
        {
            ApplyTargets(cancellation);

            // Whoever received what was just applied may have died before its fallback.
            publisher.PublishFallbacks();
            var histories = store.Histories();
            var environment = NeedsTraining(histories) ? trainer.Environment(store.Recipe, cancellation) : null;
            if (environment is not null)
            {
                // Every byte of the base affects the results, and workers read only the parts that they use.
                OpenWeightsFolder.Check(store.Recipe);
                changed |= histories.Any(h => h.Checkpoints.Any(c => c.Environment != environment.ToDigest()));
                store.Manifest.Write(() => store.Manifest.Checkpoints.AddEnvironment(environment));
                var jobs = Jobs(histories, environment.ToDigest());
                recorder.Expect(jobs);
                progress?.Begin(jobs, changed);
                trainer.Train(jobs, recorder, cancellation);
            }

            cancellation.ThrowIfCancellationRequested();
            served.AddRange(publisher.PublishTrained(environment?.ToDigest()));
            seconds ??= store.Clock.GetElapsedTime(clock).TotalSeconds;
            progress?.Published();
            purge.Run(cancellation);
            new GarbageCollector(store).Collect();
            blocked = purge.Blocked;
        }
        while (store.Manifest.Requests.Targets().Any(t => !t.Applied));

        var final = store.Manifest.Requests.Find([.. served.Select(r => r.Id)]);
        return new TrainReport
        {
            Stages = recorder.Accepted,
            Requests = [.. served.Select(r => final[r.Id])],
            EnvironmentChanged = changed,
            Epoch = store.Manifest.Settings.Epoch,
            Seconds = seconds.Value,
            PurgesBlocked = blocked,
        };
    }

    // Rewrites every slice with targets of pending requests. The targets are read once; a later request waits for the next round.
    private void ApplyTargets(CancellationToken cancellation)
    {
        var targets = store.Manifest.Requests.Targets().Where(t => !t.Applied).ToArray();
        if (targets.Length == 0)
        {
            return;
        }

        using var editor = new SliceEditor(store);
        editor.Remove(targets.ToLookup(t => t.Place), Degree, cancellation);

        foreach (var shard in targets.GroupBy(t => t.Place.Shard))
        {
            RemoveEvents(shard.Key, shard.Min(t => t.Place.Slice));
        }

        store.Manifest.Write(() => editor.Commit(targets.Max(t => t.Request)));
    }

    // Event files are kept per stage and derive from its items (rule E9). Retraining writes them again.
    private void RemoveEvents(ShardId shard, SliceIndex from)
    {
        var stages = Enumerable.Range(from.Value, store.Recipe.Ensemble.Slices - from.Value + 1).Select(k => new SliceIndex(k));
        DurableFile.Delete(stages.Select(stage => store.Layout.EventFile(shard, stage)).Where(File.Exists));
    }

    private bool NeedsTraining(IReadOnlyList<ShardHistory> histories) =>
        histories.Any(h => h.Chain(store.RecipeDigest, null).Count < h.Slices.Count);

    private List<ShardJob> Jobs(IReadOnlyList<ShardHistory> histories, Digest environment)
    {
        var slices = store.SliceReferences();
        var jobs = new List<ShardJob>();
        foreach (var history in histories.Where(h => h.Chain(store.RecipeDigest, null).Count < h.Slices.Count))
        {
            // In another environment nothing can be continued: the shard starts over from its first slice (rule E7).
            var chain = history.Chain(store.RecipeDigest, environment);
            jobs.Add(new ShardJob
            {
                Recipe = store.Recipe,
                RecipeDigest = store.RecipeDigest,
                BaseFolder = store.Recipe.BaseFolder,
                Shard = history.Shard,
                Start = chain.Count == 0 ? null : new CheckpointReference(store.Layout.Absolute(chain[^1].File), chain[^1].Digest),
                FirstStage = new SliceIndex(chain.Count + 1),
                Slices = slices[history.Shard],
                CheckpointFolder = store.Layout.CheckpointsOf(history.Shard),
                EventFolder = store.Layout.EventsOf(history.Shard),
            });
        }

        return [.. jobs.OrderByDescending(j => j.ExpectedVisits).ThenBy(j => j.Shard)];
    }
}

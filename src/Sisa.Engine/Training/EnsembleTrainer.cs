using Sisa.Checkpoints;
using Sisa.Engine.Forgetting;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Readers.OpenWeights;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>What bringing a store up to date did.</summary>
public sealed record TrainReport
{
    /// <summary>Stages trained, in the order in which they ended.</summary>
    public required IReadOnlyList<StageResult> Stages { get; init; }

    /// <summary>Requests that were served.</summary>
    public required IReadOnlyList<RequestRow> Requests { get; init; }

    /// <summary>Whether the environment differs from that of earlier checkpoints, so that shards started over.</summary>
    public required bool EnvironmentChanged { get; init; }

    /// <summary>Epoch of the bundle that is served now.</summary>
    public required long Epoch { get; init; }

    /// <summary>Wall seconds from the start to the publication.</summary>
    public required double Seconds { get; init; }

    /// <summary>Requests that are published but whose purge could not be finished, because another process reads the manifest.</summary>
    public required int PurgesBlocked { get; init; }

    /// <summary>Items × epochs trained.</summary>
    public long Visits => Stages.Sum(s => s.Visits);
}

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
/// <param name="trainer">Who trains.</param>
/// <param name="meter">Measures what forgetting did, before the purge; <see langword="null"/> for nobody.</param>
public sealed class EnsembleTrainer(Store store, IShardTrainer trainer, IForgettingMeter? meter = null)
{
    /// <summary>Trains whatever is not up to date, and finishes pending requests.</summary>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <param name="progress">Told of the work; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work soon; what was recorded stays.</param>
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
            throw new InterruptedException("Training was interrupted; every finished stage is kept.", "Run the same command again to resume.", e);
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
            // A full disk takes no entry either; the failure itself is what must be told.
        }
    }

    private TrainReport Run(ITrainingProgress? progress, CancellationToken cancellation)
    {
        var clock = store.Clock.GetTimestamp();
        new Recovery(store).RunHeld();
        if (store.Manifest.Items.Count == 0 && store.Manifest.Checkpoints.All().Count == 0 && store.Manifest.Requests.Pending().Count == 0)
        {
            throw new NotFoundException("The store holds no items.", $"Run {Step.Ingest} first.");
        }

        var recorder = new StageRecorder(store, progress);
        var served = new List<RequestRow>();
        var changed = false;
        var purge = new Purge(store, meter);
        double? seconds = null;
        var blocked = 0;
        do
        {
            ApplyTargets();

            // Whoever received what was just applied may have died before its fallback.
            new Recovery(store).PublishFallbacks();
            var histories = store.Histories();
            var environment = NeedsTraining(histories) ? trainer.Environment(store.Recipe, cancellation) : null;
            if (environment is not null)
            {
                // Every byte of it decides what comes out, and workers look at what they use alone.
                OpenWeightsFolder.Check(store.Recipe);
                changed |= histories.Any(h => h.Checkpoints.Any(c => c.Environment != environment.ToDigest()));
                store.Manifest.Write(() => store.Manifest.Checkpoints.AddEnvironment(environment));
                var jobs = Jobs(histories, environment.ToDigest());
                recorder.Expect(jobs);
                progress?.Begin(jobs, changed);
                trainer.Train(jobs, recorder, cancellation);
            }

            cancellation.ThrowIfCancellationRequested();
            served.AddRange(Publish(environment?.ToDigest()));
            seconds ??= store.Clock.GetElapsedTime(clock).TotalSeconds;
            progress?.Published();
            purge.Run();
            new GarbageCollector(store).Collect();
            blocked = purge.Blocked;
        }
        while (store.Manifest.Requests.Targets().Any(t => !t.Applied));

        var final = store.Manifest.Requests.All().ToDictionary(r => r.Number);
        return new TrainReport
        {
            Stages = recorder.Accepted,
            Requests = [.. served.Select(r => final[r.Number])],
            EnvironmentChanged = changed,
            Epoch = store.Manifest.Settings.Epoch,
            Seconds = seconds.Value,
            PurgesBlocked = blocked,
        };
    }

    // Rewrites every slice that pending requests name. The targets are read once, so that one that arrives later is left for the next round.
    private void ApplyTargets()
    {
        var targets = store.Manifest.Requests.Targets().Where(t => !t.Applied).ToArray();
        if (targets.Length == 0)
        {
            return;
        }

        using var editor = new SliceEditor(store);
        foreach (var slice in targets.GroupBy(t => t.Place))
        {
            editor.Remove(slice.Key, [.. slice]);
        }

        foreach (var shard in targets.GroupBy(t => t.Place.Shard))
        {
            RemoveEvents(shard.Key, shard.Min(t => t.Place.Slice));
        }

        store.Manifest.Write(() => editor.Commit(targets.Max(t => t.Request)));
    }

    // Event files are kept per stage and derive from its items (rule E9). Retraining writes them anew.
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

    private List<RequestRow> Publish(Digest? environment) => store.Manifest.Write(() =>
    {
        var targets = store.Manifest.Requests.Targets();
        var late = targets.Where(t => !t.Applied).ToArray();
        var lateShards = late.Select(t => t.Place.Shard).ToHashSet();
        var bundleChanged = false;
        var served = store.Manifest.Bundle.Served();
        var chains = new Dictionary<ShardId, IReadOnlyList<CheckpointRecord>>();
        foreach (var history in store.Histories().Where(h => !lateShards.Contains(h.Shard)))
        {
            // A shard that was up to date may stand in an older environment; a retrained one stands in this one.
            var chain = environment is { } current && history.Chain(store.RecipeDigest, current) is { } here && here.Count == history.Slices.Count
                ? here
                : history.Chain(store.RecipeDigest, null);
            if (chain.Count < history.Slices.Count)
            {
                throw new StoreException($"{history.Shard} has {chain.Count} of {history.Slices.Count} checkpoints after training.", $"Run {Step.Train} again; if it repeats, report it.");
            }

            Digest? final = history.ItemCount > 0 ? chain[^1].Digest : null;
            bundleChanged |= served.TryGetValue(history.Shard, out var before) ? before != final : final is not null;
            store.Manifest.Bundle.Set(history.Shard, final);
            DropOthers(history, chain);
            chains.Add(history.Shard, chain);
        }

        // A request waits for all of its shards, also where it was a later one that tainted the stages.
        var lateRequests = targets.Where(t => lateShards.Contains(t.Place.Shard)).Select(t => t.Request).ToHashSet();
        var unpublished = store.Manifest.Requests.Pending().Where(r => r.State < RequestState.Published).ToArray();
        var done = unpublished.Where(r => !lateRequests.Contains(r.Number)).ToArray();
        if (!unpublished.Except(done).Any(r => r.Policy == ForgetPolicy.Suspend))
        {
            store.Manifest.Settings["suspended"] = null;
        }

        if (!bundleChanged && done.Length == 0)
        {
            return [];
        }

        var epoch = store.Manifest.Settings.NextEpoch();
        var now = store.Now;
        var byRequest = targets.ToLookup(t => t.Request);
        var published = done.Select(r => r with
        {
            State = RequestState.Published,
            Epoch = epoch,

            // Days may lie between the two, and the clock may have been set back since.
            Summary = r.Summary with { Visits = Visits(byRequest[r.Number], chains), Seconds = Math.Max(0, (now - r.Received).TotalSeconds) },
        }).ToList();
        store.Manifest.Requests.Update(published);
        published.ForEach(request => store.Log.Record(LogEvent.Published, entry => entry with { Request = request.Id }));
        if (published.Count == 0)
        {
            store.Log.Record(LogEvent.BundlePublished, entry => entry);
        }

        return published;
    });

    // What the stages took that had seen what a request names, however many runs trained them and whatever other requests shared them.
    private static long Visits(IEnumerable<TargetRow> targets, Dictionary<ShardId, IReadOnlyList<CheckpointRecord>> chains) => targets
        .GroupBy(t => t.Place.Shard)
        .Sum(shard => chains[shard.Key].Where(c => c.Place.Slice >= shard.Min(t => t.Place.Slice)).Sum(c => c.Visits));

    private void DropOthers(ShardHistory history, IReadOnlyList<CheckpointRecord> chain)
    {
        var kept = chain.Select(c => c.Digest).ToHashSet();
        foreach (var checkpoint in history.Checkpoints.Where(c => !kept.Contains(c.Digest)))
        {
            store.Manifest.Checkpoints.Delete(checkpoint.Digest);
            store.Manifest.Garbage.Add(checkpoint.File);
        }
    }
}

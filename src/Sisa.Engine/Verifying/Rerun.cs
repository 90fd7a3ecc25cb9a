using Sisa.Checkpoints;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Readers.Losses;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Engine.Verifying;

/// <summary>One checkpoint compared.</summary>
/// <param name="Place">Shard and stage.</param>
/// <param name="Recorded">SHA-256 of the store's file, as recomputed now; <see langword="null"/> when it is missing.</param>
/// <param name="Rerun">SHA-256 of the file that training from scratch wrote; <see langword="null"/> when it was not comparable.</param>
public sealed record Comparison(Placement Place, Digest? Recorded, Digest? Rerun)
{
    /// <summary>Whether both are there and equal.</summary>
    public bool IsEqual => Recorded is not null && Recorded == Rerun;
}

/// <summary>The result of a rerun. Only this earns the word <i>verified</i>.</summary>
public sealed record RerunReport
{
    /// <summary>Faults of item lists, places or files; empty if there are none.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Every checkpoint, compared.</summary>
    public required IReadOnlyList<Comparison> Comparisons { get; init; }

    /// <summary>Checkpoints of another environment, which this machine cannot compare.</summary>
    public required int NotComparable { get; init; }

    /// <summary>Whether the source files were read again instead of trusting the store's slices.</summary>
    public required bool FromSource { get; init; }

    /// <summary>Rows of source files that do not count, since no commitment of an audit bundle is about them.</summary>
    public long LeftOut { get; init; }

    /// <summary>Skipped rows of source files, by file and reason; empty for the store's slices.</summary>
    public IReadOnlyList<RowLoss> Losses { get; init; } = [];

    /// <summary>Where all lines of the source files went; <see langword="null"/> for the store's slices.</summary>
    public LineAccount? Lines { get; init; }

    /// <summary>Items × epochs of the rerun.</summary>
    public required long Visits { get; init; }

    /// <summary>Wall seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether everything is equal and nothing was left uncompared.</summary>
    public bool IsVerified => Faults.Count == 0 && NotComparable == 0 && Comparisons.Count > 0 && Comparisons.All(c => c.IsEqual);

    /// <summary>What certificates say of a rerun on the machine of the store.</summary>
    public CertifiedRerun ToCertified() => new(RerunKind.SameMachine, FromSource, Comparisons.Count, Comparisons.Count(c => c.IsEqual));
}

/// <summary>Trains from scratch on the retain set and compares every checkpoint, byte for byte.</summary>
/// <param name="store">The store.</param>
/// <param name="trainer">The trainer.</param>
public sealed class Rerun(Store store, IShardTrainer trainer)
{
    /// <summary>Refuses a store that is not trained up to date, since there is nothing that a training from scratch could be compared with.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="NotFoundException">It is not trained, or requests wait for their retraining.</exception>
    public static void RequireTrained(Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.Manifest.Checkpoints.All().Count == 0 || store.Manifest.Requests.Pending().Any(r => r.State < RequestState.Published))
        {
            throw new NotFoundException("The store is not up to date, so it cannot be compared with a training from scratch.", $"Run {Step.Train} first.");
        }
    }

    /// <summary>Checks the store's slices against tombstones, rows and the assignment rule, then reruns.</summary>
    /// <param name="source">The items to train on.</param>
    /// <param name="scratch">Folder for the rerun's files; removed afterwards, but for what a trainer that was interrupted still writes.</param>
    /// <param name="patience">How long to wait for a store that another process holds.</param>
    /// <param name="progress">Receives progress; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work; nothing is changed.</param>
    public RerunReport Run(RerunSource source, string scratch, TimeSpan patience, ITrainingProgress? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var clock = store.Clock.GetTimestamp();
        using var held = StoreLock.Acquire(store.Layout, patience, () => progress?.Waiting(), cancellation);
        DurableFile.CreateFolder(scratch);
        try
        {
            List<string> faults = [.. BaseCopy.Faults(store.Recipe), .. new SliceCheck(store).Run(mayWait: false)];
            var (slices, ingested) = source.Files.Count > 0 ? FromSource(source, scratch, faults, cancellation) : (store.SliceReferences(), null);
            var results = faults.Count == 0 ? ScratchTraining.Run(trainer, store.Recipe, store.RecipeDigest, slices, scratch, progress, cancellation) : null;
            var (comparisons, notComparable) = results is null ? ([], 0) : Compare(results, trainer.Environment(store.Recipe, cancellation).ToDigest(), faults);
            faults.AddRange(store.Manifest.CheckIntegrity());
            faults.AddRange(new EvidenceCheck(store).Run());
            return new RerunReport
            {
                Faults = faults,
                Comparisons = comparisons,
                NotComparable = notComparable,
                FromSource = source.Files.Count > 0,
                Losses = ingested?.Losses ?? [],
                Lines = ingested?.Lines,
                Visits = results?.Values.Sum(r => r.Visits) ?? 0,
                Seconds = store.Clock.GetElapsedTime(clock).TotalSeconds,
            };
        }
        catch (OperationCanceledException e)
        {
            throw new InterruptedException("The rerun was interrupted. The store is unchanged.", "Run the same command again. It starts over.", e);
        }
        finally
        {
            RemoveScratch(scratch);
        }
    }

    /// <summary>Removes a rerun's folder as far as possible. Throws nothing, so that it masks nothing.</summary>
    /// <param name="scratch">The folder.</param>
    /// <returns>Whether it is gone.</returns>
    /// <remarks>Workers that were interrupted write on until they end, and may even make the folder again: whoever owns them calls this again
    /// when they have ended. What is left under the store is removed by recovery.</remarks>
    public static bool RemoveScratch(string scratch)
    {
        try
        {
            if (Directory.Exists(scratch))
            {
                Directory.Delete(scratch, recursive: true);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What the rerun found, or what ended it, is worth more than an empty folder.
            return false;
        }
    }

    private static void AddIf(List<string> faults, bool isFault, string fault)
    {
        const int MaxFaults = 20;
        if (isFault && faults.Count < MaxFaults)
        {
            faults.Add(fault);
        }
    }

    private (IReadOnlyDictionary<ShardId, SliceReference[]> Slices, IngestReport? Ingested) FromSource(RerunSource source, string scratch, List<string> faults, CancellationToken cancellation)
    {
        using var again = Store.CreateScratch(Path.Combine(scratch, "store"), store.Recipe, store.Key, store.Clock);
        var options = new IngestOptions
        {
            Except = source.Except,
            SkipFaults = source.SkipFaults,
            OnSkip = source.OnSkip,
            Filter = new TombstoneFilter(store).IsForgotten,
            Cuts = store.Manifest.Requests.AllCuts(),
            MayBeEmpty = true,
        };
        var report = new Ingestor(again).Ingest(source.Files, options, cancellation);
        foreach (var (mine, theirs) in store.Manifest.Slices.All().Zip(again.Manifest.Slices.All()))
        {
            AddIf(faults, mine.Root != theirs.Root, $"{mine.Place} holds {Counted.Of(mine.Root.ItemCount, "item")}; the source files give {theirs.Root.ItemCount} others.");
        }

        return (again.SliceReferences(), report);
    }

    private (List<Comparison> Comparisons, int NotComparable) Compare(IReadOnlyDictionary<Placement, StageResult> rerun, Digest environment, List<string> faults)
    {
        var comparisons = new List<Comparison>();
        var other = 0;
        var served = store.Manifest.Bundle.Served();
        foreach (var history in store.Histories())
        {
            var chain = history.Chain(store.RecipeDigest, null);
            AddIf(
                faults,
                served.TryGetValue(history.Shard, out var digest) && !history.Checkpoints.Any(c => c.Digest == digest && c.Place.Shard == history.Shard && c.Lineage == history.LineageAt(c.Place.Slice).Digest),
                $"The bundle serves a checkpoint of {history.Shard} that was not trained on the current slices.");
            for (var k = 1; k <= history.Slices.Count; k++)
            {
                var place = new Placement(history.Shard, new SliceIndex(k));
                var recorded = k <= chain.Count ? chain[k - 1] : null;
                if (recorded is not null && recorded.Environment != environment)
                {
                    other++;
                    continue;
                }

                comparisons.Add(new Comparison(place, recorded is null ? null : Recompute(recorded, faults), rerun[place].Digest));
            }
        }

        return (comparisons, other);
    }

    // The file itself is hashed, not what the manifest says of it.
    private Digest? Recompute(CheckpointRecord recorded, List<string> faults)
    {
        try
        {
            var actual = Sisa.Storage.Checkpoints.CheckpointFile.HashOf(store.Layout.Absolute(recorded.File));
            AddIf(faults, actual != recorded.Digest, $"Checkpoint {recorded.File} has digest {actual.ToShortString()}…, the manifest records {recorded.Digest.ToShortString()}….");
            return actual;
        }
        catch (StoreException e)
        {
            faults.Add(e.Message);
            return null;
        }
    }
}

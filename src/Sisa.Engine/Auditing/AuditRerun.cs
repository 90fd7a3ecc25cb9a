using Sisa.Engine.Ingesting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Engine.Auditing;

/// <summary>Trains from scratch what an audit bundle describes, and compares every checkpoint: the store's owner takes no part in it.</summary>
/// <param name="bundle">The bundle.</param>
/// <param name="trainer">The trainer.</param>
/// <param name="clock">Source of times.</param>
public sealed class AuditRerun(AuditBundle bundle, IShardTrainer trainer, TimeProvider clock)
{
    /// <summary>Trains and compares. The items must have been checked before (<see cref="AuditBundle.CheckItems"/>).</summary>
    /// <param name="source">The items to train on: source files, or those of the bundle.</param>
    /// <param name="scratch">Folder for the rerun's files; the caller removes it when the trainer has ended.</param>
    /// <param name="progress">Receives progress; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="EvidenceException">The bundle holds only commitments, and no source file is named.</exception>
    /// <exception cref="InterruptedException">Cancelled.</exception>
    public RerunReport Run(RerunSource source, string scratch, ITrainingProgress? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Files.Count == 0 && bundle.Description.Content == AuditContent.Commitments)
        {
            throw new EvidenceException("The audit bundle holds commitments to the items, not the items.", $"Name the source files with {Step.SourceFiles}. The commitments decide which of their rows count.");
        }

        var start = clock.GetTimestamp();
        try
        {
            DurableFile.CreateFolder(scratch);
            var faults = new List<string>();
            var (slices, leftOut, ingested) = source.Files.Count > 0 ? FromSource(source, scratch, faults, cancellation) : (bundle.Slices(), 0, null);
            var results = faults.Count == 0
                ? ScratchTraining.Run(trainer, bundle.Recipe, bundle.Description.Recipe, slices, scratch, progress, cancellation)
                : new Dictionary<Placement, StageResult>();
            var environment = trainer.Environment(bundle.Recipe, cancellation).ToDigest();
            return new RerunReport
            {
                Faults = faults,
                Comparisons = faults.Count == 0 ? Compare(results, environment) : [],
                NotComparable = faults.Count == 0 ? bundle.Description.Shards.Sum(s => s.Checkpoints.Count(c => c.Environment != environment)) : 0,
                FromSource = source.Files.Count > 0,
                LeftOut = leftOut,
                Losses = ingested?.Losses ?? [],
                Lines = ingested?.Lines,
                Visits = results.Values.Sum(r => r.Visits),
                Seconds = clock.GetElapsedTime(start).TotalSeconds,
            };
        }
        catch (OperationCanceledException e)
        {
            throw new InterruptedException("The rerun was interrupted. The bundle is unchanged.", "Run the same command again. It starts over.", e);
        }
    }

    /// <summary>The statement that an auditor can sign after a rerun that found everything equal.</summary>
    /// <param name="report">The result of the rerun.</param>
    /// <param name="cancellation">Ends the wait for the trainer.</param>
    public RerunStatement Statement(RerunReport report, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        var now = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds());
        return new RerunStatement
        {
            Subject = [new StatementSubject("bundle", new SubjectDigest(bundle.Description.Bundle()))],
            Predicate = new RerunFinding(bundle.Description.Recipe, bundle.Description.Epoch, trainer.Environment(bundle.Recipe, cancellation), report.FromSource, report.Comparisons.Count, report.Comparisons.Count(c => c.IsEqual), now),
        };
    }

    private List<Comparison> Compare(IReadOnlyDictionary<Placement, StageResult> rerun, Digest environment) =>
    [
        .. bundle.Description.Shards.SelectMany(shard => shard.Checkpoints
            .Select((expected, i) => (Place: new Placement(new ShardId(shard.Shard), new SliceIndex(i + 1)), Expected: expected))
            .Where(c => c.Expected.Environment == environment)
            .Select(c => new Comparison(c.Place, c.Expected.Digest, rerun[c.Place].Digest))),
    ];

    // All rows are ingested as the store's owner did it; then the leaves say which of them are retained.
    private (IReadOnlyDictionary<ShardId, SliceReference[]> Slices, long LeftOut, IngestReport? Ingested) FromSource(RerunSource source, string scratch, List<string> faults, CancellationToken cancellation)
    {
        using var again = Store.CreateScratch(Path.Combine(scratch, "store"), bundle.Recipe, bundle.Key, clock);
        var options = new IngestOptions
        {
            Except = source.Except,
            SkipFaults = source.SkipFaults,
            OnSkip = source.OnSkip,
            Cuts = bundle.Cuts(),
            MayBeEmpty = true,
        };
        var ingested = new Ingestor(again).Ingest(source.Files, options, cancellation);
        KeepRetained(again);
        var slices = again.Manifest.Slices.All();
        foreach (var row in slices.Where(row => row.Root != bundle.Expected(row.Place)))
        {
            faults.Add($"The bundle commits to {Counted.Of(bundle.Expected(row.Place).ItemCount, "item")} in {row.Place}; the source files give {row.Root.ItemCount} of them.");
        }

        return (again.SliceReferences(), ingested.Items - slices.Sum(s => s.Root.ItemCount), ingested);
    }

    private void KeepRetained(Store again)
    {
        using var rewriter = new SliceRewriter(again);
        foreach (var row in again.Manifest.Slices.All().Where(row => row.File is not null && row.Root != bundle.Expected(row.Place)))
        {
            var retained = bundle.Leaves(row.Place).ToHashSet();
            var builder = rewriter.Begin(row.Place, (file, index) => retained.Contains(file.Leaf(index)));
            builder.Sort();
            rewriter.Finish(row.Place, builder);
        }

        again.Manifest.Write(rewriter.Commit);
    }
}

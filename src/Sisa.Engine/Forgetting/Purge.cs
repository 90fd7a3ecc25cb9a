using System.Text;
using Polly;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Measurements;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Removes every derived copy of what published requests named, and checks that nothing is left (rule E9).</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves — always a published request, whose purge recovery begins again:
/// 1. what to search for is read from the old slice files, which are garbage by now, and from the rows of the request; every file that
///    stays, but the manifest, is searched — nothing has changed, and a hit stops the purge here;
/// 2. one transaction deletes the rows that name the targets, overwriting them (secure_delete), and records the result of the search —
///    from here on the request names nothing any more, and recovery rebuilds the manifest instead of searching it;
/// 3. garbage files are removed: old slices, tainted checkpoints;
/// 4. the write-ahead log is emptied, and the manifest is searched; on a hit it is rebuilt from its live rows and searched again;
/// 5. the request is marked as purged.
/// It can be stopped as long as nothing has changed, up to the end of the search of files; from the first transaction on it goes through.
/// </remarks>
/// <param name="store">The store; the caller holds its lock.</param>
/// <param name="meter">Measures before anything is gone; <see langword="null"/> for not at all.</param>
internal sealed class Purge(Store store, IForgettingMeter? meter = null)
{
    private static readonly ResiliencePipeline<bool> UntilReadersAreGone = new ResiliencePipelineBuilder<bool>()
        .AddRetry(new Polly.Retry.RetryStrategyOptions<bool>
        {
            ShouldHandle = new PredicateBuilder<bool>().HandleResult(false),
            MaxRetryAttempts = 50,
            Delay = TimeSpan.FromMilliseconds(100),
            BackoffType = DelayBackoffType.Constant,
        })
        .Build();

    /// <summary>Threads that search files. By default one a processor.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    /// <summary>Requests whose purge could not be finished, because another process reads the manifest.</summary>
    public int Blocked { get; private set; }

    /// <summary>Purges every published request.</summary>
    /// <param name="cancellation">Stops it as long as it has removed nothing; the next run begins it again.</param>
    /// <returns>The requests that are purged now.</returns>
    /// <exception cref="StoreException">Something is left that belongs to no retained item.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<RequestRow> Run(CancellationToken cancellation = default)
    {
        Blocked = 0;
        cancellation.ThrowIfCancellationRequested();
        var published = Ready();
        if (published.Length == 0)
        {
            return [];
        }

        var collector = new GarbageCollector(store);
        collector.CollectOrphans();
        var numbers = published.Select(r => r.Number).ToHashSet();
        var targets = store.Manifest.Requests.Targets().Where(t => numbers.Contains(t.Request)).ToArray();
        CheckRows(targets);
        var (patterns, lost) = Patterns(targets);
        var search = new PatternSearch(patterns);
        var unsearched = patterns.Count(p => p.Length < PatternSearch.MinBytes) + lost;
        var garbage = store.Manifest.Garbage.All().ToHashSet();
        if (targets.Length > 0)
        {
            var files = SearchFiles(search, garbage, cancellation);
            Demand(files);
            var found = files with { FilesRemoved = garbage.Count, PatternsSearched = search.Count, PatternsTooShort = unsearched };
            var named = targets.Select(t => t.Request).ToHashSet();
            var measured = Measure(targets);
            cancellation.ThrowIfCancellationRequested();
            published = [.. published.Select(r => named.Contains(r.Number) ? r with { Summary = r.Summary with { Purge = found, Measurements = measured.GetValueOrDefault(r.Number) } } : r)];
            store.Manifest.Write(() =>
            {
                Array.ForEach(published, request => store.Manifest.Requests.DeleteTargets(request.Number));
                store.Manifest.Requests.Update(published);
            });
        }

        collector.Collect();
        if (CleanManifest(search, isKnown: targets.Length > 0 && unsearched == 0) is not { } manifest)
        {
            Blocked = published.Length;
            return [];
        }

        var now = store.Now;
        RequestRow[] purged = [.. published.Select(r => r with { State = RequestState.Purged, Completed = now, Summary = r.Summary with { Purge = r.Summary.Purge is { } files ? Add(files, manifest) : manifest } })];
        store.Manifest.Write(() =>
        {
            store.Manifest.Requests.Update(purged);
            Array.ForEach(purged, request => store.Log.Record(LogEvent.Purged, entry => entry with { Request = request.Id }));
        });
        return purged;
    }

    // An old slice holds what all the requests named that it was rewritten for. So a published request waits with its purge for those
    // that are not published yet and share a slice with it, at first or second hand.
    private RequestRow[] Ready()
    {
        var pending = store.Manifest.Requests.Pending();
        var waiting = pending.Where(r => r.State < RequestState.Published).Select(r => r.Number).ToHashSet();
        var applied = store.Manifest.Requests.Targets().Where(t => t.Applied).ToArray();
        for (var count = -1; count < waiting.Count;)
        {
            count = waiting.Count;
            var places = applied.Where(t => waiting.Contains(t.Request)).Select(t => t.Place).ToHashSet();
            waiting.UnionWith(applied.Where(t => places.Contains(t.Place)).Select(t => t.Request));
        }

        return [.. pending.Where(r => r.State == RequestState.Published && !waiting.Contains(r.Number))];
    }

    // Empties the log, and makes sure that the database holds live rows alone. Where a search cannot tell, because strings are too short
    // or, after a crash, nobody knows them any more, it is rebuilt without asking: SQLite leaves copies of moved rows between others.
    private PurgeReport? CleanManifest(PatternSearch search, bool isKnown)
    {
        if (!UntilReadersAreGone.Execute(store.Manifest.TruncateLog))
        {
            return null;
        }

        var report = Search(search, ManifestFiles(), _ => false);
        if (isKnown && report.Hits == 0)
        {
            return report;
        }

        if (!store.Manifest.Rebuild() || !UntilReadersAreGone.Execute(store.Manifest.TruncateLog))
        {
            return null;
        }

        var live = InLiveRows(search);
        report = Search(search, ManifestFiles(), live.Contains);
        Demand(report);
        return report;
    }

    // What a copy of the live rows holds as well belongs to them: a word that the store itself uses, a retained copy, or an id that is
    // made up by chance of the end of one column and the beginning of the next.
    private HashSet<byte[]> InLiveRows(PatternSearch search)
    {
        if (search.Count == 0)
        {
            return [];
        }

        var copy = Path.Combine(store.Layout.Scratch, "live-rows.db");
        DurableFile.Delete([copy]);
        store.Manifest.CopyLiveRows(copy);
        try
        {
            return [.. search.In(copy)];
        }
        finally
        {
            DurableFile.Delete([copy]);
        }
    }

    private static PurgeReport Add(PurgeReport report, PurgeReport more) => report with
    {
        FilesSearched = report.FilesSearched + more.FilesSearched,
        BytesSearched = report.BytesSearched + more.BytesSearched,
        Hits = report.Hits + more.Hits,
        RetainedHits = report.RetainedHits + more.RetainedHits,
    };

    private static void Demand(PurgeReport report)
    {
        if (report.Hits > 0)
        {
            throw new StoreException(
                $"The purge found {Counted.Of(report.Hits, "string")} of the forgotten items in the store, outside retained items.",
                $"No served model was trained on them. Run {Step.Recover}; if the fault repeats, report it.");
        }
    }

    // The structural half of the check: no row and no slice may name a forgotten item any more.
    private void CheckRows(IReadOnlyList<TargetRow> targets)
    {
        string[] whole = [.. targets.Where(t => t.Span is null).Select(t => t.Item)];
        if (store.Manifest.Items.FindById(whole) is [var row, ..])
        {
            throw new StoreException($"{row.Place} still lists a forgotten item.", $"Run {Step.Train}. No served model was trained on it.");
        }

        foreach (var slice in targets.Where(t => t.Span is null).GroupBy(t => t.Place))
        {
            var current = store.Manifest.Slices.Get(slice.Key);
            if (current.File is null)
            {
                continue;
            }

            using var file = SliceFile.Open(store.Layout.Absolute(current.File), current.Root);
            if (slice.Any(t => file.Find(Encoding.UTF8.GetBytes(t.Item)) >= 0))
            {
                throw new StoreException($"Slice file {current.File} still holds a forgotten item.", $"Run {Step.Train}. No served model was trained on it.");
            }
        }
    }

    // What stands in the summary outlives the request; so it is measured only with models that never saw what was forgotten.
    private IReadOnlyDictionary<long, ForgettingMeasurements> Measure(IReadOnlyList<TargetRow> targets) =>
        meter?.Measure(new ForgottenRecords(store).Read(targets)) ?? new Dictionary<long, ForgettingMeasurements>();

    // Ids; the texts and encoded records of old slices; what was cut out of texts; subjects.
    private (List<byte[]> Patterns, int Lost) Patterns(IReadOnlyList<TargetRow> targets)
    {
        var patterns = targets.Where(t => t.Span is null).Select(t => Encoding.UTF8.GetBytes(t.Item)).ToList();
        var texts = new OldTexts(store);
        var lost = new ForgottenRecords(store).Visit(targets, (old, index, item) => AddRecord(patterns, old[index], item, texts));
        patterns.AddRange(GoneSubjects(targets).Select(Encoding.UTF8.GetBytes));
        return (patterns, lost);
    }

    private static void AddRecord(List<byte[]> patterns, SliceRecord record, IGrouping<string, TargetRow> item, OldTexts texts)
    {
        // Features that are zero throughout say nothing, and pages of zeros are everywhere.
        if (record.Features.ContainsAnyExcept((byte)0))
        {
            patterns.Add(record.Features.ToArray());
        }

        if (!record.Text.IsEmpty)
        {
            var text = record.Text.ToArray();
            patterns.Add(text);
            patterns.AddRange(texts.Bytes(text, [.. item.Where(t => t.Span is not null)]).Select(range => text[range]));
        }
    }

    // Subjects of whom no item is left. Others are named by their retained items.
    private IEnumerable<string> GoneSubjects(IReadOnlyList<TargetRow> targets)
    {
        string[] subjects = [.. targets.Where(t => t.Span is null && t.Subject != t.Item).Select(t => t.Subject).Distinct()];
        return subjects.Except(store.Manifest.Items.FindBySubject(subjects).Select(row => row.Subject));
    }

    private PurgeReport Search(PatternSearch search, IEnumerable<string> paths, Func<byte[], bool> isRetained, CancellationToken cancellation = default)
    {
        var report = new PurgeReport(0, 0, 0, 0, 0, 0, 0);
        ParallelFault.Unwrap(() =>
        {
            foreach (var (path, found) in paths.AsParallel().WithDegreeOfParallelism(Degree).WithCancellation(cancellation).Select(path => (path, search.In(path, cancellation))))
            {
                var retained = found.Count(isRetained);
                report = report with
                {
                    FilesSearched = report.FilesSearched + 1,
                    BytesSearched = report.BytesSearched + new FileInfo(path).Length,
                    Hits = report.Hits + found.Count - retained,
                    RetainedHits = report.RetainedHits + retained,
                };
            }
        });
        return report;
    }

    // A current slice holds nothing but retained items, as its list and root show; so do the lineage of a checkpoint that is still
    // recorded and the training curves of a stage, which went before it was trained again. There a string may occur by chance.
    private PurgeReport SearchFiles(PatternSearch search, HashSet<string> garbage, CancellationToken cancellation)
    {
        var retained = store.Manifest.Slices.All().Select(s => s.File).Concat(store.Manifest.Checkpoints.All().Select(c => c.File)).OfType<string>().ToHashSet();
        var events = store.Assignment.Placements.Select(place => store.Layout.EventFile(place.Shard, place.Slice)).ToHashSet();
        var files = OwnedFiles()
            .Where(path => !garbage.Contains(store.Layout.Relative(path)))
            .ToLookup(path => retained.Contains(store.Layout.Relative(path)) || events.Contains(path));
        return Add(Search(search, files[false], _ => false, cancellation), Search(search, files[true], _ => true, cancellation));
    }

    // All files that the store writes, except the manifest and the keys. Files that others put into its folder do not belong to it.
    private IEnumerable<string> OwnedFiles() =>
        new[] { store.Layout.Slices, store.Layout.Checkpoints, store.Layout.Events, store.Layout.Scratch }
            .SelectMany(NamedPath.FilesBelow);

    private IEnumerable<string> ManifestFiles() => new[] { store.Layout.Manifest, store.Layout.Manifest + "-wal" }.Where(File.Exists);
}

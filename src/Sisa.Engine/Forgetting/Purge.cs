using System.Text;
using Polly;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Forgetting;

/// <summary>Removes every derived copy of what published requests named, and checks that nothing is left (rule E9).</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves — always a published request, whose purge recovery begins again:
/// 1. what to search for is read from the old slice files, which are garbage by now, and from the rows of the request;
/// 2. garbage files are removed: old slices, tainted checkpoints — after a crash from here on the search knows ids only, then nothing;
/// 3. the rows that name the targets are deleted, overwritten (secure_delete), and the write-ahead log is emptied;
/// 4. every file of the store is searched;
/// 5. the request is marked as purged, with what was removed and searched.
/// </remarks>
/// <param name="store">The store; the caller holds its lock.</param>
internal sealed class Purge(Store store)
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

    /// <summary>Requests whose purge could not be finished, because another process reads the manifest.</summary>
    public int Blocked { get; private set; }

    /// <summary>Purges every published request.</summary>
    /// <returns>The requests that are purged now.</returns>
    /// <exception cref="StoreException">Something is left that belongs to no retained item.</exception>
    public IReadOnlyList<RequestRow> Run()
    {
        var published = store.Manifest.Requests.Pending().Where(r => r.State == RequestState.Published).ToArray();
        if (published.Length == 0)
        {
            return [];
        }

        var numbers = published.Select(r => r.Number).ToHashSet();
        var targets = store.Manifest.Requests.Targets().Where(t => numbers.Contains(t.Request)).ToArray();
        CheckRows(targets);
        var patterns = Patterns(targets);
        var removed = new GarbageCollector(store).Collect();
        store.Manifest.Write(() =>
        {
            foreach (var request in published)
            {
                store.Manifest.Requests.DeleteTargets(request.Number);
            }
        });
        if (!UntilReadersAreGone.Execute(store.Manifest.TruncateLog))
        {
            Blocked = published.Length;
            return [];
        }

        var report = Search(patterns) with { FilesRemoved = removed };
        if (report.Hits > 0)
        {
            throw new StoreException(
                $"After the purge, {report.Hits} of {report.PatternsSearched} searched strings are still found in the store outside retained items.",
                "Nothing that is served has seen them. Run 'sisa recover'; if it repeats, report it.");
        }

        var now = store.Now;
        RequestRow[] purged = [.. published.Select(r => r with { State = RequestState.Purged, Completed = now, Summary = r.Summary with { Purge = report } })];
        store.Manifest.Write(() => Array.ForEach(purged, store.Manifest.Requests.Update));
        return purged;
    }

    // The structural half of the check: no row and no slice may name a forgotten item any more.
    private void CheckRows(IReadOnlyList<TargetRow> targets)
    {
        string[] whole = [.. targets.Where(t => t.Span is null).Select(t => t.Item)];
        if (store.Manifest.Items.FindById(whole) is [var row, ..])
        {
            throw new StoreException($"{row.Place} still lists an item that was forgotten.", "Run 'sisa train'; nothing that is served has seen it.");
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
                throw new StoreException($"Slice file {current.File} still holds an item that was forgotten.", "Run 'sisa train'; nothing that is served has seen it.");
            }
        }
    }

    private List<byte[]> Patterns(IReadOnlyList<TargetRow> targets)
    {
        var patterns = new List<byte[]>();
        var old = store.Manifest.Garbage.All()
            .Where(path => path.EndsWith(".slice", StringComparison.Ordinal) && File.Exists(store.Layout.Absolute(path)))
            .Select(path => SliceFile.OpenUnverified(store.Layout.Absolute(path)))
            .ToArray();
        foreach (var target in targets)
        {
            var id = Encoding.UTF8.GetBytes(target.Item);
            if (target.Span is null)
            {
                patterns.Add(id);
            }

            foreach (var file in old)
            {
                if (file.Find(id) is >= 0 and var index)
                {
                    AddRecord(patterns, file[index], target);
                }
            }
        }

        Array.ForEach(old, file => file.Dispose());
        return patterns;
    }

    private static void AddRecord(List<byte[]> patterns, SliceRecord record, TargetRow target)
    {
        // Features that are zero throughout say nothing, and pages of zeros are everywhere.
        if (record.Features.ContainsAnyExcept((byte)0))
        {
            patterns.Add(record.Features.ToArray());
        }

        if (record.Text.IsEmpty)
        {
            return;
        }

        patterns.Add(record.Text.ToArray());
        if (target.Span is { } span)
        {
            var kept = new CutRanges([new TextSpan(0, span.From), new TextSpan(span.To, int.MaxValue)]);
            var removed = new CutRanges([]).Apply(Encoding.UTF8.GetString(record.Text), kept);
            patterns.Add(Encoding.UTF8.GetBytes(removed));
        }
    }

    private PurgeReport Search(List<byte[]> patterns)
    {
        var search = new PatternSearch(patterns);
        var hits = 0;
        var retained = 0;
        var files = 0;
        long bytes = 0;
        foreach (var path in Directory.EnumerateFiles(store.Layout.Root, "*", SearchOption.AllDirectories).Where(IsSearched))
        {
            files++;
            bytes += new FileInfo(path).Length;
            foreach (var pattern in search.In(path))
            {
                var isRetained = IsRetained(path, pattern);
                retained += isRetained ? 1 : 0;
                hits += isRetained ? 0 : 1;
            }
        }

        return new PurgeReport(0, search.Count, patterns.Count(p => p.Length < PatternSearch.MinBytes), files, bytes, hits, retained);
    }

    private bool IsSearched(string path) =>
        path != store.Layout.Lock && !path.StartsWith(store.Layout.Keys + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // A current slice holds nothing but retained items, as its list shows; so does the lineage of a checkpoint that is still recorded,
    // where a short record may occur by chance. The manifest may hold the string in a row or a name.
    private bool IsRetained(string path, byte[] pattern)
    {
        var relative = store.Layout.Relative(path);
        return store.Manifest.Slices.All().Any(s => s.File == relative)
            || store.Manifest.Checkpoints.All().Any(c => c.File == relative)
            || (path.StartsWith(store.Layout.Manifest, StringComparison.Ordinal) && store.Manifest.HoldsText(pattern));
    }
}

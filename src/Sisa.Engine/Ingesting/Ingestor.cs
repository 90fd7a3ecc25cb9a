using System.Text;
using Sisa.Engine.Evidence;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Readers;
using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Engine.Ingesting;

/// <summary>What an ingestion did.</summary>
public sealed record IngestReport
{
    /// <summary>Items added.</summary>
    public required long Items { get; init; }

    /// <summary>Rows left out by <see cref="IngestOptions.Except"/>.</summary>
    public required long Excepted { get; init; }

    /// <summary>Entries of <see cref="IngestOptions.Except"/> that no row had.</summary>
    public required int ExceptUnmatched { get; init; }

    /// <summary>Entries of <see cref="IngestOptions.Readmit"/> that no row had.</summary>
    public required int ReadmitUnmatched { get; init; }

    /// <summary>Rows skipped for a fault.</summary>
    public required long Skipped { get; init; }

    /// <summary>Forgotten ids taken back.</summary>
    public required long Readmitted { get; init; }

    /// <summary>Shards that have to be trained again, wholly or in part.</summary>
    public required int TouchedShards { get; init; }

    /// <summary>Items whose payload is held under another id too.</summary>
    public required DuplicateReport Duplicates { get; init; }

    /// <summary>Ids and subjects of the store that a person may take for one another.</summary>
    public required SpellingReport NearSpellings { get; init; }
}

/// <summary>Brings corpus files into the store: all of them, or nothing.</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves:
/// 1. items go to a spool in the scratch folder — an orphan, removed by recovery;
/// 2. touched slices are written anew beside the current ones — orphans, removed by recovery;
/// 3. one transaction adds the rows, points at the new slice files and lists the old ones as garbage — the commit point;
/// 4. garbage is removed — recovery goes on with it.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class Ingestor(Store store)
{
    private const int ProgressEvery = 4096;

    /// <summary>Ingests files.</summary>
    /// <param name="files">Paths, at least one.</param>
    /// <param name="options">What else to do.</param>
    /// <param name="cancellation">Ends the work; nothing is ingested.</param>
    /// <exception cref="CorpusException">A file or a row cannot be used; nothing is ingested.</exception>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IngestReport Ingest(IReadOnlyList<string> files, IngestOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        using var held = StoreLock.Acquire(store.Layout, options.Patience, cancellation: cancellation);
        new Recovery(store).RunHeld();
        store.Manifest.Read(() =>
        {
            RecordedTombstones.Require(store);
            return true;
        });
        var check = new RowCheck(store);
        check.RequireCount();
        using var spool = new Spool(Path.Combine(store.Layout.Scratch, "ingest.spool"));
        var tally = new Tally(options);
        var admission = new Admission(store, options.Readmit, options.OnNotice);
        var names = files.Select(Path.GetFileName).ToArray();
        for (var i = 0; i < files.Count; i++)
        {
            Read(files[i], i, spool, options, admission, tally, cancellation);
        }

        if (spool.Count == 0 && !options.MayBeEmpty)
        {
            throw new CorpusException(
                tally.Excepted > 0 ? $"All {tally.Excepted} rows are left out by '--except'." : "No row could be used.",
                "Name a file with at least one item.",
                files.Count == 1 ? files[0] : null);
        }

        using var slices = new SliceRewriter(store);
        using var rows = store.Manifest.Items.Match();
        foreach (var place in spool.Places)
        {
            cancellation.ThrowIfCancellationRequested();
            check.Require(place, slices.Current(place), rows);
            AddToSlice(slices, place, spool.Records(place), names!, options, tally);
        }

        var added = Commit(slices, spool, names!, admission, options);
        Collect(options);
        return new IngestReport
        {
            Items = added,
            Excepted = tally.Excepted,
            ExceptUnmatched = tally.Except.Unmatched,
            ReadmitUnmatched = tally.Readmit.Unmatched,
            Skipped = tally.Skipped,
            Readmitted = admission.Readmitted,
            TouchedShards = spool.Places.Select(p => p.Shard).Distinct().Count(),
            Duplicates = DuplicateReport.Of(store),
            NearSpellings = SpellingReport.Of(store),
        };
    }

    // What is ingested cannot be ingested again, so that a fault behind the commit point must not look like one before it.
    private void Collect(IngestOptions options)
    {
        try
        {
            new GarbageCollector(store).Collect();
        }
        catch (StorageIoException e)
        {
            options.OnNotice?.Invoke($"Everything is ingested, but files that are no longer needed are still there: {e.Message} The next run removes them.");
        }
    }

    private void Read(string file, int number, Spool spool, IngestOptions options, Admission admission, Tally tally, CancellationToken cancellation)
    {
        bool OnFault(CorpusException fault)
        {
            if (!options.SkipFaults)
            {
                return false;
            }

            tally.Skipped++;
            options.OnSkip?.Invoke(fault);
            return true;
        }

        var classes = store.Recipe.Ensemble.RiskClassNames.ToList();
        var reading = new ReadOptions { OnFault = OnFault, OnNotice = options.OnNotice };
        var cutter = options.Cuts.Count > 0 ? new TextCutter(store.Recipe) : null;
        foreach (var item in CorpusReader.Read(file, store.Recipe, reading, cancellation))
        {
            if (++tally.Read % ProgressEvery == 0)
            {
                options.OnProgress?.Invoke(tally.Read);
            }

            tally.Readmit.Holds(item.Id, item.Subject);
            if (tally.Except.Holds(item.Id, item.Subject) || options.Filter?.Invoke(item.Id, item.Subject) == true)
            {
                tally.Excepted++;
                continue;
            }

            if (admission.Refusal(item, file) is { } refusal)
            {
                Refuse(OnFault, refusal);
                continue;
            }

            Placement place;
            try
            {
                place = store.Assignment.Assign(item.Subject, item.RiskClass, item.Batch);
            }
            catch (CorpusException e)
            {
                Refuse(OnFault, new CorpusException(e.Message, e.Hint, file, item.Row));
                continue;
            }

            if (cutter is not null && options.Cuts.TryGetValue(item.Id, out var cuts))
            {
                cutter.Cut(item, cuts);
            }

            spool.Add(item, place, item.RiskClass is null ? -1 : classes.IndexOf(item.RiskClass), number);
        }

        options.OnProgress?.Invoke(tally.Read);
    }

    private static void Refuse(Func<CorpusException, bool> onFault, CorpusException fault)
    {
        if (!onFault(fault))
        {
            throw fault;
        }
    }

    private static void AddToSlice(SliceRewriter slices, Placement place, Spool.SpoolRecords records, string[] files, IngestOptions options, Tally tally)
    {
        var builder = slices.Begin(place, keep: null);
        for (var i = 0; i < records.Count; i++)
        {
            builder.Add(records, i);
        }

        foreach (var (first, second) in builder.Sort())
        {
            var (file, row) = records.Origin(second.Index);
            var id = Encoding.UTF8.GetString(second.Source[second.Index].Id);
            var elsewhere = first.Source is Spool.SpoolRecords earlier
                ? $"{files[earlier.Origin(first.Index).File]}:{earlier.Origin(first.Index).Row}"
                : "the store";
            RefuseDuplicate(id, elsewhere, files[file], row, options, tally);
        }

        slices.Finish(place, builder);
    }

    private static void RefuseDuplicate(string id, string elsewhere, string file, long row, IngestOptions options, Tally tally)
    {
        var fault = new CorpusException(
            $"Item id '{id}' is in {elsewhere} already.",
            "Ids must be unique; correct the row, or skip such rows with '--on-error skip'.",
            file,
            row);
        if (!options.SkipFaults)
        {
            throw fault;
        }

        tally.Skipped++;
        options.OnSkip?.Invoke(fault);
    }

    private long Commit(SliceRewriter slices, Spool spool, string[] files, Admission admission, IngestOptions options)
    {
        long added = 0;
        try
        {
            store.Manifest.Write(() => added = Change(slices, spool, files, admission));
        }
        catch (StorageIoException e) when (store.Log.IsUnwritten)
        {
            options.OnNotice?.Invoke($"Everything is ingested, but the evidence log's file lacks its entry: {e.Message} The next command appends it from the manifest.");
        }

        return added;
    }

    private long Change(SliceRewriter slices, Spool spool, string[] files, Admission admission)
    {
        var isFirst = store.Manifest.Items.Count == 0;
        if (isFirst)
        {
            store.Manifest.Items.IndexSubjects(false);
        }

        var (added, duplicate) = InsertRows(slices);
        store.Manifest.Items.IndexSubjects(Store.HasSubjects(store.Recipe));
        if (duplicate is not null)
        {
            var origins = Origins(spool, duplicate);
            var (file, row) = origins[^1];
            throw new CorpusException(
                $"Item id '{duplicate}' is in {(origins.Count > 1 ? $"{files[origins[0].File]}:{origins[0].Row}" : "the store")} already, under another subject or batch.",
                "Ids must be unique over all subjects and batches; correct one of the rows.",
                files[file],
                row);
        }

        if (store.Recipe.Ensemble.RiskClasses.Count > 0 && store.Manifest.Items.SubjectOfSeveralClasses() is { } subject)
        {
            throw new CorpusException($"The items of subject '{subject}' differ in risk class.", "Give all items of a subject one class: the class decides the shard.");
        }

        slices.Commit();
        admission.Commit();
        if (added > 0)
        {
            store.Log.Record(LogEvent.Ingested, entry => entry);
        }

        return added;
    }

    // Rows are added in ascending order of their ids over all slices, which fills the table's pages from left to right.
    private (long Added, string? Duplicate) InsertRows(SliceRewriter slices)
    {
        var classes = store.Recipe.Ensemble.RiskClassNames;
        using var inserter = store.Manifest.Items.Insert();
        long added = 0;
        foreach (var (file, index, place) in NewRecords.InIdOrder(slices.Written))
        {
            var record = file[index];
            if (!inserter.Add(record.Id, record.Subject, place, record.RiskClass < 0 ? null : classes[record.RiskClass]))
            {
                return (added, Encoding.UTF8.GetString(record.Id));
            }

            added++;
        }

        return (added, null);
    }

    // Where an id was read, in the order of reading.
    private static List<(int File, long Row)> Origins(Spool spool, string id)
    {
        var wanted = Encoding.UTF8.GetBytes(id);
        var origins = new List<(int File, long Row)>();
        foreach (var records in spool.Places.Select(spool.Records))
        {
            for (var i = 0; i < records.Count; i++)
            {
                if (records[i].Id.SequenceEqual(wanted))
                {
                    origins.Add(records.Origin(i));
                }
            }
        }

        origins.Sort();
        return origins;
    }

    private sealed class Tally(IngestOptions options)
    {
        public UsedList Except { get; } = new(options.Except);

        public UsedList Readmit { get; } = new(options.Readmit);

        public long Read { get; set; }

        public long Excepted { get; set; }

        public long Skipped { get; set; }
    }
}

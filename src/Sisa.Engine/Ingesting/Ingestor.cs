using System.Text;
using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Readers;
using Sisa.Readers.Losses;
using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Engine.Ingesting;

/// <summary>Brings corpus files into the store: all of them, or nothing.</summary>
/// <remarks>
/// Order of writes, and what a crash after each leaves:
/// 1. items go to a spool in the scratch folder — an orphan, removed by recovery;
/// 2. touched slices are written again beside the current ones — orphans, removed by recovery;
/// 3. one transaction adds the rows, points at the new slice files and lists the old ones as garbage — the commit point;
/// 4. garbage is removed — recovery goes on with it.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class Ingestor(Store store)
{
    private const int ProgressEvery = 4096;

    /// <summary>Ingests files.</summary>
    /// <param name="files">Paths, at least one.</param>
    /// <param name="options">Further options.</param>
    /// <param name="cancellation">Ends the work; nothing is ingested.</param>
    /// <exception cref="CorpusException">A file or a row cannot be used; nothing is ingested.</exception>
    /// <exception cref="StoreBusyException">Another process holds the store.</exception>
    public IngestReport Ingest(IReadOnlyList<string> files, IngestOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        RequireDistinctNames(files);
        using var held = StoreLock.Acquire(store.Layout, options.Patience, cancellation: cancellation);
        new Recovery(store).RunHeld(cancellation);
        store.Manifest.Read(() =>
        {
            RecordedTombstones.Require(store);
            return true;
        });
        var check = new RowCheck(store);
        check.RequireCount();
        using var spool = new Spool(Path.Combine(store.Layout.Scratch, "ingest.spool"));
        var tally = new IngestTally(options);
        var admission = new Admission(store, options.Readmit, options.OnNotice);
        ReadAll(files, spool, options, admission, tally, cancellation);

        if (spool.Count == 0 && !options.MayBeEmpty)
        {
            throw new CorpusException(
                NothingLeft(tally),
                tally.Losses.Skipped > 0 ? "Check the first rows that were skipped: the format, the delimiter or the mapped fields may differ from the recipe." : "Name a file with at least one item.",
                files.Count == 1 ? files[0] : null);
        }

        using var slices = new SliceRewriter(store);
        using var rows = store.Manifest.Items.Match();
        foreach (var place in spool.Places)
        {
            cancellation.ThrowIfCancellationRequested();
            check.Require(place, slices.Current(place), rows);
            AddToSlice(slices, place, spool, files, options, tally);
        }

        var added = new IngestCommit(store, slices, spool, files).Run(admission, options);
        Collect(options);
        return new IngestReport
        {
            Items = added,
            Excepted = tally.Excepted,
            ExceptUnmatched = tally.Except.Unmatched,
            ReadmitUnmatched = tally.Readmit.Unmatched,
            Skipped = tally.Losses.Skipped,
            Forgotten = tally.Losses.Forgotten + tally.FilteredLines,
            Lines = new LineAccount(tally.ReadLines, tally.SpooledLines, tally.Losses.Skipped, tally.Losses.Forgotten + tally.FilteredLines, tally.ExceptedLines),
            Losses = tally.Losses.Losses,
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
            options.OnNotice?.Invoke($"Everything is ingested, but old files are still there: {e.Message} The next run removes them.");
        }
    }

    private static string NothingLeft(IngestTally tally) => tally switch
    {
        { Excepted: > 0, Losses: { Skipped: 0, Forgotten: 0 } } => tally.Excepted == 1 ? "The list leaves out the only row." : $"The list leaves out all {tally.Excepted} rows.",
        { Losses: { Skipped: 0, Forgotten: > 0 }, Excepted: 0 } => "Every row was forgotten before.",
        _ => "No row is usable.",
    };

    // Ids made up of file name and row would be those of other rows.
    private void RequireDistinctNames(IReadOnlyList<string> files)
    {
        var same = files.GroupBy(Path.GetFullPath, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (same is not null)
        {
            throw new CorpusException("The file is named twice.", "Name it once.", same.First());
        }

        if (store.Recipe.Corpus.Fields.Id.Count == 0 && files.GroupBy(Path.GetFileName, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } pair)
        {
            var (first, second) = (pair.First(), pair.ElementAt(1));
            throw new CorpusException(
                $"{first} and {second} have the same file name, and the recipe maps no id: rows of both would be named {pair.Key}:1, {pair.Key}:2 and so on.",
                "Rename one of the files, or map corpus.fields.id in the recipe of a new store.");
        }
    }

    // Ids are compared when everything is read, but the row that is named shall be the first bad one.
    private void ReadAll(IReadOnlyList<string> files, Spool spool, IngestOptions options, Admission admission, IngestTally tally, CancellationToken cancellation)
    {
        try
        {
            for (var i = 0; i < files.Count; i++)
            {
                Read(files[i], i, spool, options, admission, tally, cancellation);
            }
        }
        catch (CorpusException fault) when (fault.Row is not null && !options.SkipFaults)
        {
            if (spool.Count > 0 && RepeatedIds.First(store, spool, files) is { } earlier)
            {
                throw earlier;
            }

            throw;
        }
    }

    private void Read(string file, int number, Spool spool, IngestOptions options, Admission admission, IngestTally tally, CancellationToken cancellation)
    {
        bool OnFault(CorpusException fault)
        {
            if (!options.SkipFaults)
            {
                return false;
            }

            tally.Losses.Add(fault);
            options.OnSkip?.Invoke(fault);
            return true;
        }

        bool OnUnreadable(CorpusException fault)
        {
            tally.ReadLines += LossTally.LinesOf(fault.Row ?? 1, fault.LastRow);
            return OnFault(fault);
        }

        var classes = store.Recipe.Ensemble.RiskClassNames.ToList();
        var reading = new ReadOptions { OnFault = OnUnreadable, OnNotice = options.OnNotice };
        var cutter = options.Cuts.Count > 0 ? new TextCutter(store.Recipe) : null;
        foreach (var item in CorpusReader.Read(file, store.Recipe, reading, cancellation))
        {
            if (++tally.Read % ProgressEvery == 0)
            {
                options.OnProgress?.Invoke(tally.Read);
            }

            var lines = LossTally.LinesOf(item.Row, item.LastRow);
            tally.ReadLines += lines;
            tally.Readmit.Holds(item.Id, item.Subject);
            if (tally.Except.Holds(item.Id, item.Subject))
            {
                tally.Excepted++;
                tally.ExceptedLines += lines;
                continue;
            }

            if (options.Filter?.Invoke(item.Id, item.Subject) == true)
            {
                tally.FilteredLines += lines;
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
                Refuse(OnFault, new CorpusException(e.Message, e.Remedy, file, item.Row) { LastRow = item.LastRow });
                continue;
            }

            if (cutter is not null && options.Cuts.TryGetValue(item.Id, out var cuts))
            {
                cutter.Cut(item, cuts);
            }

            tally.SpooledLines += lines;
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

    private void AddToSlice(SliceRewriter slices, Placement place, Spool spool, IReadOnlyList<string> files, IngestOptions options, IngestTally tally)
    {
        var records = spool.Records(place);
        var builder = slices.Begin(place, keep: null);
        for (var i = 0; i < records.Count; i++)
        {
            builder.Add(records, i);
        }

        foreach (var (first, second) in builder.Sort())
        {
            if (!options.SkipFaults)
            {
                throw RepeatedIds.First(store, spool, files)!;
            }

            var origin = records.Origin(second.Index);
            var id = Encoding.UTF8.GetString(second.Source[second.Index].Id);
            var elsewhere = first.Source is Spool.SpoolRecords earlier
                ? $"{files[earlier.Origin(first.Index).File]}:{earlier.Origin(first.Index).Row}"
                : "the store";
            var fault = RepeatedIds.Fault(store, id, elsewhere, isSamePlace: true, files[origin.File], origin);
            tally.SpooledLines -= LossTally.LinesOf(origin.Row, origin.LastRow);
            tally.Losses.Add(fault);
            options.OnSkip?.Invoke(fault);
        }

        slices.Finish(place, builder);
    }
}

using System.Text;
using Sisa.Corpora;
using Sisa.Engine.Stores;
using Sisa.Evidence;

namespace Sisa.Engine.Ingesting;

/// <summary>The commit point of an ingestion: one transaction adds the rows and makes the new slices current.</summary>
/// <param name="store">The store; the caller holds its lock.</param>
/// <param name="slices">The slices as they are written.</param>
/// <param name="spool">The items that were read.</param>
/// <param name="files">The files that they come from.</param>
internal sealed class IngestCommit(Store store, SliceRewriter slices, Spool spool, IReadOnlyList<string> files)
{
    /// <summary>Commits. What fails behind the commit point does not look like a fault before it.</summary>
    /// <param name="admission">What is taken back.</param>
    /// <param name="options">What else to do.</param>
    /// <returns>Items added.</returns>
    /// <exception cref="CorpusException">An id is there already, or a subject has items of several risk classes; nothing is ingested.</exception>
    public long Run(Admission admission, IngestOptions options)
    {
        long added = 0;
        try
        {
            store.Manifest.Write(() => added = Change(admission));
        }
        catch (CorpusException e) when (e.Reason == RowFaultReason.Duplicate && !options.SkipFaults)
        {
            // The rows were met in the order of their ids; the one to name is the first of the files.
            throw RepeatedIds.First(store, spool, files) ?? e;
        }
        catch (StorageIoException e) when (store.Log.IsUnwritten)
        {
            options.OnNotice?.Invoke($"Everything is ingested, but the file of the evidence log lacks its entry: {e.Message} The next command appends it from the manifest.");
        }

        return added;
    }

    private long Change(Admission admission)
    {
        var isFirst = store.Manifest.Items.Count == 0;
        if (isFirst)
        {
            store.Manifest.Items.IndexSubjects(false);
        }

        var (added, duplicate) = InsertRows();
        store.Manifest.Items.IndexSubjects(Store.HasSubjects(store.Recipe));
        if (duplicate is not null)
        {
            var origins = Origins(duplicate);
            throw RepeatedIds.Fault(store, duplicate, origins.Count > 1 ? $"{files[origins[0].File]}:{origins[0].Row}" : "the store", isSamePlace: false, files[origins[^1].File], origins[^1]);
        }

        if (store.Recipe.Ensemble.RiskClasses.Count > 0 && store.Manifest.Items.SubjectOfSeveralClasses() is { } subject)
        {
            throw new CorpusException($"The items of subject '{subject}' differ in risk class.", "Give all items of a subject one class: the class decides the shard.");
        }

        store.Manifest.Items.KeepSubjects();
        slices.Commit();
        admission.Commit();
        if (added > 0)
        {
            store.Log.Record(LogEvent.Ingested, entry => entry);
        }

        return added;
    }

    // Rows are added in ascending order of their ids over all slices, which fills the table's pages from left to right.
    private (long Added, string? Duplicate) InsertRows()
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
    private List<(int File, long Row, long? LastRow)> Origins(string id)
    {
        var wanted = Encoding.UTF8.GetBytes(id);
        var origins = new List<(int File, long Row, long? LastRow)>();
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
}

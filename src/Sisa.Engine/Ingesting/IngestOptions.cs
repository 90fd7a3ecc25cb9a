using Sisa.Forgetting;
using Sisa.Readers.Lists;

namespace Sisa.Engine.Ingesting;

/// <summary>Options of an ingestion.</summary>
public sealed record IngestOptions
{
    /// <summary>Ids and subjects to leave out: an auditor's retain-only store.</summary>
    public TargetList Except { get; init; } = TargetList.Empty;

    /// <summary>Further rows to leave out in silence, by id and subject; how a rerun from source files leaves out what another store forgot.</summary>
    public Func<string, string, bool>? Filter { get; init; }

    /// <summary>Whether nothing may be left to ingest; otherwise that is an error.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>Forgotten ids to take back, recorded.</summary>
    public TargetList Readmit { get; init; } = TargetList.Empty;

    /// <summary>Whether a bad row is skipped and counted; otherwise it stops everything and nothing is ingested.</summary>
    public bool SkipFaults { get; init; }

    /// <summary>How long to wait for a store that another process holds.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>Cuts to apply to texts while they are read, by item id; how a rerun from source files sees spans that were forgotten.</summary>
    public IReadOnlyDictionary<string, CutRanges> Cuts { get; init; } = new Dictionary<string, CutRanges>();

    /// <summary>Called for every row that is skipped.</summary>
    public Action<CorpusException>? OnSkip { get; init; }

    /// <summary>Receives notices, such as ids that hold only while the file is unedited, and old files that could not be removed.</summary>
    public Action<string>? OnNotice { get; init; }

    /// <summary>Called now and then with the number of rows read.</summary>
    public Action<long>? OnProgress { get; init; }
}

using Sisa.Readers.Losses;

namespace Sisa.Engine.Ingesting;

/// <summary>The result of an ingestion.</summary>
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

    /// <summary>Lines lost to faults, duplicates among them; rows where the format has no lines.</summary>
    public required long Skipped { get; init; }

    /// <summary>Lines whose item or subject was forgotten, passed over with <see cref="IngestOptions.SkipFaults"/> or by <see cref="IngestOptions.Filter"/>.</summary>
    public required long Forgotten { get; init; }

    /// <summary>Where all lines of the files went.</summary>
    public required LineAccount Lines { get; init; }

    /// <summary>Skipped rows, by file and reason, with their lines.</summary>
    public required IReadOnlyList<RowLoss> Losses { get; init; }

    /// <summary>Forgotten ids taken back.</summary>
    public required long Readmitted { get; init; }

    /// <summary>Shards that have to be trained again, wholly or in part.</summary>
    public required int TouchedShards { get; init; }

    /// <summary>Items whose payload is held under another id too.</summary>
    public required DuplicateReport Duplicates { get; init; }

    /// <summary>Ids and subjects of the store that a person may take for one another.</summary>
    public required SpellingReport NearSpellings { get; init; }
}

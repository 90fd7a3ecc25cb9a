using Sisa.Readers.Lists;

namespace Sisa.Engine.Verifying;

/// <summary>The items of a rerun: source files, read as the store's own ingestion read them.</summary>
public sealed record RerunSource
{
    /// <summary>The store's slices instead of source files.</summary>
    public static RerunSource Slices { get; } = new();

    /// <summary>Source files to ingest again minus what was forgotten; empty for the store's slices.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The items that the store's ingestion left out by a list.</summary>
    public TargetList Except { get; init; } = TargetList.Empty;

    /// <summary>Whether bad rows are skipped, as the store's ingestion did.</summary>
    public bool SkipFaults { get; init; }

    /// <summary>Called for every row that is skipped.</summary>
    public Action<CorpusException>? OnSkip { get; init; }
}

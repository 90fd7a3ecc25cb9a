using Sisa.Readers.Features;

namespace Sisa.Readers;

/// <summary>Options for reading a corpus file, besides the recipe.</summary>
public sealed record ReadOptions
{
    /// <summary>Whether rows are only predicted: labels, ids, subjects, risk classes and batches may be absent or unknown then. Default: no.</summary>
    public bool ForPrediction { get; init; }

    /// <summary>Whether rows must have the mapped id also where they are only predicted. Default: no.</summary>
    public bool RequiresIds { get; init; }

    /// <summary>Asked about every bad row: <see langword="true"/> passes over it, <see langword="false"/> throws. Default: throws.</summary>
    /// <remarks>Faults of the file as a whole (cut-off gzip, a missing column, a file that changes) are thrown without asking.</remarks>
    public Func<CorpusException, bool>? OnFault { get; init; }

    /// <summary>An encoder of the recipe, for a caller that reads often and creates it once. It is not thread-safe. Default: a new one.</summary>
    public ItemEncoder? Encoder { get; init; }

    /// <summary>Told, once each, what the owner of the data should know: a sentence.</summary>
    public Action<string>? OnNotice { get; init; }
}

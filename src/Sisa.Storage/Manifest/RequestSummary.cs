using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Measurements;

namespace Sisa.Storage.Manifest;

/// <summary>Size, cost and purge of a request. Holds no id and no digest of a tainted model (rule E9).</summary>
public sealed record RequestSummary
{
    /// <summary>Items forgotten.</summary>
    public long Items { get; init; }

    /// <summary>Subjects named.</summary>
    public long Subjects { get; init; }

    /// <summary>Spans cut.</summary>
    public long Spans { get; init; }

    /// <summary>Shards affected.</summary>
    public int Shards { get; init; }

    /// <summary>Predicted items × epochs.</summary>
    public double PredictedVisits { get; init; }

    /// <summary>Predicted items × epochs of retraining everything.</summary>
    public double FullVisits { get; init; }

    /// <summary>Items × epochs of the stages that had seen what it names and were trained again, also where other requests shared them.</summary>
    public long? Visits { get; init; }

    /// <summary>Commitment to the previous bundle, whose nonce is destroyed.</summary>
    public Digest? BundleBefore { get; init; }

    /// <summary>Wall seconds from receipt to publication.</summary>
    public double? Seconds { get; init; }

    /// <summary>Measurements before the purge, with the models that were served by then; <see langword="null"/> for none.</summary>
    public ForgettingMeasurements? Measurements { get; init; }

    /// <summary>The search for duplicates before the receipt; <see langword="null"/> without a search.</summary>
    public DuplicateSummary? Duplicates { get; init; }

    /// <summary>The search for near spellings of its names; <see langword="null"/> without a search.</summary>
    public SpellingSummary? Spellings { get; init; }

    /// <summary>The removals and the search of the purge.</summary>
    public PurgeReport? Purge { get; init; }

    /// <summary>The search of a request that found nothing; <see langword="null"/> if it found something.</summary>
    public CorpusSearch? Searched { get; init; }

    /// <summary>How the due date was moved; <see langword="null"/> if it was not.</summary>
    public DueExtension? Extension { get; init; }
}

/// <summary>The search for the names of a request that found nothing.</summary>
/// <param name="Items">Items that were searched: all items of the store without a pending request.</param>
/// <param name="Named">Ids, subjects and spans that were searched for.</param>
/// <param name="Slices">Slices that were searched; <see langword="null"/> after a replay of the log, which does not keep their number.</param>
/// <param name="Corpus">Names those slices by their roots; <see langword="null"/> if one of them still held what an earlier request asks to forget, and after a replay (rule E9).</param>
public sealed record CorpusSearch(long Items, int Named, int? Slices = null, Digest? Corpus = null);

/// <summary>A due date that was moved.</summary>
/// <param name="From">The due date before.</param>
/// <param name="At">When it was moved.</param>
/// <param name="Reason">The reason.</param>
public sealed record DueExtension(DateTimeOffset From, DateTimeOffset At, ExtensionReason Reason);

/// <summary>The search for duplicates of a request's items.</summary>
/// <param name="Level">The closest kind that was looked for, and those before it.</param>
/// <param name="Threshold">Least resemblance that counted as near; <see langword="null"/> if near ones were not looked for.</param>
/// <param name="ItemsSearched">Items that were compared.</param>
/// <param name="Found">Duplicates found.</param>
/// <param name="Forgotten">Number of them that this request forgets.</param>
public sealed record DuplicateSummary(MatchKind Level, double? Threshold, long ItemsSearched, long Found, long Forgotten);

/// <summary>The search for near spellings of a request's names.</summary>
/// <param name="Match">Which spellings the request took.</param>
/// <param name="NamesSearched">Names that were compared.</param>
/// <param name="Found">Near spellings found.</param>
/// <param name="Forgotten">Number of them that this request forgets.</param>
public sealed record SpellingSummary(NameMatch Match, long NamesSearched, long Found, long Forgotten);

/// <summary>The removals of a purge, and the result of the search of the whole store afterwards.</summary>
/// <param name="FilesRemoved">Slice, checkpoint and event files removed.</param>
/// <param name="PatternsSearched">Ids, texts and encoded records searched for.</param>
/// <param name="PatternsTooShort">Number of patterns that are too short for a search, or come from a damaged old slice; they were checked by rows only.</param>
/// <param name="FilesSearched">Files read.</param>
/// <param name="BytesSearched">Bytes read.</param>
/// <param name="Hits">Places that hold a pattern and belong to no retained item: must be 0.</param>
/// <param name="RetainedHits">Places that hold a pattern within a retained item, such as a copy under another id.</param>
public sealed record PurgeReport(
    int FilesRemoved,
    int PatternsSearched,
    int PatternsTooShort,
    int FilesSearched,
    long BytesSearched,
    int Hits,
    int RetainedHits);

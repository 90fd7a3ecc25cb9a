using Sisa.Finding;

namespace Sisa.Forgetting;

/// <summary>Why something is to be forgotten.</summary>
public enum ForgetReason
{
    /// <summary>A person asks for erasure.</summary>
    Privacy,

    /// <summary>A rightholder objects.</summary>
    Copyright,

    /// <summary>The data are wrong or poor.</summary>
    Quality,

    /// <summary>The model learnt something harmful from it.</summary>
    Alignment,
}

/// <summary>What is served of an affected shard until it is retrained.</summary>
public enum ForgetPolicy
{
    /// <summary>Its clean checkpoint; the shard is left out where there is none.</summary>
    Fallback,

    /// <summary>Nothing: the shard is left out.</summary>
    Exclude,

    /// <summary>The whole ensemble answers nothing.</summary>
    Suspend,
}

/// <summary>How far a request is. Planning is a pure function and retraining ends in publication, so neither is stored.</summary>
public enum RequestState
{
    /// <summary>Durable and acknowledged.</summary>
    Received,

    /// <summary>Nothing that is served has seen what is to be forgotten.</summary>
    FallbackPublished,

    /// <summary>Affected shards are retrained and served again.</summary>
    Published,

    /// <summary>Every derived copy is gone, and that was checked.</summary>
    Purged,

    /// <summary>A certificate says so, and the evidence log holds it.</summary>
    Certified,

    /// <summary>The search found nothing under the names of the request. The request ended with its receipt.</summary>
    NothingHeld,
}

/// <summary>Why a due date is moved: the two grounds of Article 12(3) of the GDPR. No free text, because the evidence log keeps it forever (rule E9).</summary>
public enum ExtensionReason
{
    /// <summary>The request is complex.</summary>
    Complexity,

    /// <summary>There are many requests.</summary>
    NumberOfRequests,
}

/// <summary>A request to forget.</summary>
public sealed record ForgetRequest
{
    /// <summary>Most characters of a request's name.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Names the request; receiving it twice is receiving it once. <see langword="null"/> to have a free name drawn.</summary>
    public string? Id { get; init; }

    /// <summary>Items by id.</summary>
    public IReadOnlyList<string> Items { get; init; } = [];

    /// <summary>Subjects, each with all of its items.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Spans of items. The rest of the items remains.</summary>
    public IReadOnlyList<ItemSpan> Spans { get; init; } = [];

    /// <summary>Duplicates of the named items, to be forgotten with them; <see langword="null"/> without a search.</summary>
    public FoundDuplicates? Duplicates { get; init; }

    /// <summary>Near spellings that are among <see cref="Items"/> and <see cref="Subjects"/> because a search found them; <see langword="null"/> if the request takes
    /// names as they are written.</summary>
    public NearSpellings? Spellings { get; init; }

    /// <summary>When the controller received it; <see langword="null"/> for the moment at which the store receives it. Never in the future.</summary>
    public DateTimeOffset? Received { get; init; }

    /// <summary>When it is due; <see langword="null"/> for the recipe's number of days after <see cref="Received"/>.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The reason.</summary>
    public ForgetReason Reason { get; init; } = ForgetReason.Privacy;

    /// <summary>What is served until the retraining.</summary>
    public ForgetPolicy Policy { get; init; } = ForgetPolicy.Fallback;

    /// <summary>Whether a text can name a request: the name becomes the name of a file.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name) =>
        name is { Length: > 0 and <= MaxNameLength } && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>A request to forget subjects, each with all of its items.</summary>
    /// <param name="subjects">The subjects.</param>
    public static ForgetRequest OfSubject(params IReadOnlyList<string> subjects) => new() { Subjects = subjects };

    /// <summary>A request to forget items.</summary>
    /// <param name="items">Their ids.</param>
    public static ForgetRequest OfItem(params IReadOnlyList<string> items) => new() { Items = items };

    /// <summary>Creates a request to forget spans of an item. The rest of the item remains.</summary>
    /// <param name="item">Id of the item.</param>
    /// <param name="spans">The spans: half-open ranges in code points of the text as first ingested.</param>
    public static ForgetRequest OfSpan(string item, params IReadOnlyList<TextSpan> spans) => new() { Spans = [.. spans.Select(span => new ItemSpan(item, span))] };
}

/// <summary>The result of a search for duplicates before the receipt.</summary>
/// <param name="Level">The closest kind that was looked for, and those before it.</param>
/// <param name="Threshold">Least resemblance that counted as near; <see langword="null"/> if near ones were not looked for.</param>
/// <param name="ItemsSearched">Items that were compared.</param>
/// <param name="Items">Ids of the duplicates.</param>
/// <param name="Corpus">Names the corpus that was searched: a request is not received against another one.</param>
public sealed record FoundDuplicates(MatchKind Level, double? Threshold, long ItemsSearched, IReadOnlyList<string> Items, Digest Corpus);

/// <summary>A span of the text of one item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Span">Half-open range in code points of the text as first ingested.</param>
public sealed record ItemSpan(string Item, TextSpan Span);

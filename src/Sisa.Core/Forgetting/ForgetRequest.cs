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

/// <summary>What is served for an affected shard until it is retrained.</summary>
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
}

/// <summary>What a request asks for.</summary>
public sealed record ForgetRequest
{
    /// <summary>Names the request; receiving it twice is receiving it once. <see langword="null"/> to have a free name drawn.</summary>
    public string? Id { get; init; }

    /// <summary>Items by id.</summary>
    public IReadOnlyList<string> Items { get; init; } = [];

    /// <summary>Subjects, each with all of its items.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Spans of items that otherwise stay.</summary>
    public IReadOnlyList<ItemSpan> Spans { get; init; } = [];

    /// <summary>Why.</summary>
    public ForgetReason Reason { get; init; } = ForgetReason.Privacy;

    /// <summary>What is served meanwhile.</summary>
    public ForgetPolicy Policy { get; init; } = ForgetPolicy.Fallback;
}

/// <summary>A span of the text of one item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Span">Half-open range in code points of the text as first ingested.</param>
public sealed record ItemSpan(string Item, TextSpan Span);

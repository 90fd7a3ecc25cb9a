using Sisa.Forgetting;

namespace Sisa.Storage.Manifest;

/// <summary>Which requests a page shows.</summary>
public sealed record RequestFilter
{
    /// <summary>States of the requests; none for every state.</summary>
    public IReadOnlyCollection<RequestState> States { get; init; } = [];

    /// <summary>Whether they are overdue, or were finished late; <see langword="null"/> for both.</summary>
    public bool? Overdue { get; init; }

    /// <summary>The moment before which they are due; <see langword="null"/> for any.</summary>
    public DateTimeOffset? DueBefore { get; init; }

    /// <summary>The last request of the page before; <see langword="null"/> for the first page.</summary>
    public RequestRow? After { get; init; }

    /// <summary>Most requests of the page.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The states of requests that owe something: retraining, a purge or a certificate.</summary>
    public static IReadOnlyCollection<RequestState> Open { get; } = [RequestState.Received, RequestState.FallbackPublished, RequestState.Published, RequestState.Purged];
}

/// <summary>A page of requests.</summary>
/// <param name="Rows">The requests, the earliest due date first.</param>
/// <param name="Total">How many requests the filter chooses, on all pages together.</param>
public sealed record RequestPage(IReadOnlyList<RequestRow> Rows, long Total);

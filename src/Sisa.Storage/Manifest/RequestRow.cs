using Sisa.Forgetting;

namespace Sisa.Storage.Manifest;

/// <summary>A request's row.</summary>
public sealed record RequestRow
{
    /// <summary>Order of receipt.</summary>
    public long Number { get; init; }

    /// <summary>Name of the request.</summary>
    public required string Id { get; init; }

    /// <summary>How far it is.</summary>
    public required RequestState State { get; init; }

    /// <summary>The reason.</summary>
    public required ForgetReason Reason { get; init; }

    /// <summary>What is served until the retraining.</summary>
    public required ForgetPolicy Policy { get; init; }

    /// <summary>When the controller received it, UTC. The due date counts from here.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>When the store recorded it, UTC; <see langword="null"/> if that is the same moment. Costs and windows count from here.</summary>
    public DateTimeOffset? Recorded { get; init; }

    /// <summary>When it is due, UTC.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Until when its retraining may wait to be shared; <see langword="null"/> for not at all.</summary>
    public DateTimeOffset? Waits { get; init; }

    /// <summary>When it was purged, or found nothing, UTC.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary>Epoch of the bundle that its last change of state published; the epoch of the receipt if nothing was found.</summary>
    public long? Epoch { get; init; }

    /// <summary>Keyed hash of what was asked; another content under the same name is another request.</summary>
    public required Digest Content { get; init; }

    /// <summary>Figures without ids.</summary>
    public required RequestSummary Summary { get; init; }

    /// <summary>Whether it is overdue at a moment.</summary>
    /// <param name="now">The moment.</param>
    public bool IsOverdue(DateTimeOffset now) => (Completed ?? now) > Due;

    /// <summary>When it entered the store.</summary>
    public DateTimeOffset Entered => Recorded ?? Received;
}

using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Forgetting;

/// <summary>The outcome of each name of a request.</summary>
public sealed record ForgetOutcome
{
    /// <summary>Name of the request; <see langword="null"/> if none was given and none was recorded.</summary>
    public required string? Request { get; init; }

    /// <summary>Items and spans that will be forgotten now.</summary>
    public required IReadOnlyList<TargetRow> Targets { get; init; }

    /// <summary>Ids and subjects that the store does not hold.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>Ids, subjects and spans that were forgotten before.</summary>
    public required IReadOnlyList<string> AlreadyForgotten { get; init; }

    /// <summary>The predicted cost.</summary>
    public required ForgetPlan Plan { get; init; }

    /// <summary>The requester's copy; <see langword="null"/> if nothing is recorded or all is done.</summary>
    public RequesterCopy? Copy { get; init; }

    /// <summary>The request as it was recorded; <see langword="null"/> when there was nothing to record.</summary>
    public RequestRow? Recorded { get; init; }

    /// <summary>Whether it was received before, and this call changed nothing of it.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Whether the search found nothing under its names, so that it ended with its receipt.</summary>
    public bool IsNothingHeld => Recorded is { State: RequestState.NothingHeld };
}

/// <summary>The outcomes of requests that are received together.</summary>
/// <param name="Outcomes">The outcome of each request, in their order.</param>
/// <param name="Plan">The predicted cost of all together: shards that several requests affect are retrained once.</param>
public sealed record ForgetOutcomes(IReadOnlyList<ForgetOutcome> Outcomes, ForgetPlan Plan);

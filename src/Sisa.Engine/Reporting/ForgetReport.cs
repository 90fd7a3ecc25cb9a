using Sisa.Engine.Forgetting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Finding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Reporting;

/// <summary>The outcome of one request, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record ForgetReport
{
    /// <summary>The request as it stands; <see langword="null"/> if none is recorded.</summary>
    public RequestStatus? Request { get; init; }

    /// <summary>Items and spans that the request forgets.</summary>
    public required IReadOnlyList<ForgottenTarget> Forgotten { get; init; }

    /// <summary>Ids and subjects that the store does not hold.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>Ids, subjects and spans that were forgotten before.</summary>
    public required IReadOnlyList<string> AlreadyForgotten { get; init; }

    /// <summary>Duplicates that the request forgets too; <see langword="null"/> without a search.</summary>
    public SearchReport? Duplicates { get; init; }

    /// <summary>Names of the store that differ from a name of the request only in spelling.</summary>
    public IReadOnlyList<NearSpelling> NearSpellings { get; init; } = [];

    /// <summary>The predicted cost.</summary>
    public required CostReport Plan { get; init; }

    /// <summary>The retraining; <see langword="null"/> if there was none.</summary>
    public RetrainingReport? Training { get; init; }

    /// <summary>Takes what became of a request.</summary>
    /// <param name="outcome">The outcome.</param>
    public static ForgetReport Of(ForgetOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return new ForgetReport
        {
            Forgotten = ForgottenTarget.Of(outcome),
            Unknown = outcome.Unknown,
            AlreadyForgotten = outcome.AlreadyForgotten,
            Plan = CostReport.Of(outcome.Plan),
        };
    }

    /// <summary>The request that a report is about, as it stands: the last that is pending, or the one that found nothing.</summary>
    /// <param name="outcome">What became of what it names.</param>
    /// <param name="pending">The requests that were received, or the unfinished ones that asked for it before.</param>
    /// <param name="store">The store.</param>
    public static RequestRow? RequestOf(ForgetOutcome outcome, IReadOnlyList<RequestRow> pending, Store store)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(pending);
        ArgumentNullException.ThrowIfNull(store);
        var name = pending.Count > 0 ? pending[^1].Id : outcome.IsNothingHeld ? outcome.Request : null;
        return name is null ? null : store.Manifest.Requests.Find(name);
    }

    /// <summary>Takes what became of a request in the end.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="request">The request as it stands; <see langword="null"/> if none is recorded.</param>
    /// <param name="training">The retraining; <see langword="null"/> if there was none.</param>
    /// <param name="store">The store.</param>
    public static ForgetReport Of(ForgetOutcome outcome, RequestRow? request, TrainReport? training, Store store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Of(outcome) with
        {
            Request = request is null ? null : RequestStatus.Of(request, store.Now),
            Training = RetrainingReport.Of(training, RetrainingReport.Compare(store, request, training)),
        };
    }
}

/// <summary>The outcomes of a list of requests, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record ForgetListReport
{
    /// <summary>Every request, in the order of the list.</summary>
    public required IReadOnlyList<ListedRequest> Requests { get; init; }

    /// <summary>Duplicates that the requests forget too; <see langword="null"/> without a search.</summary>
    public SearchReport? Duplicates { get; init; }

    /// <summary>Names of the store that differ from a name of a request only in spelling.</summary>
    public IReadOnlyList<NearSpelling> NearSpellings { get; init; } = [];

    /// <summary>The predicted cost of all together: shards that several requests affect are retrained once.</summary>
    public required CostReport Plan { get; init; }

    /// <summary>The retraining; <see langword="null"/> if there was none.</summary>
    public RetrainingReport? Training { get; init; }

    /// <summary>Takes what became of requests.</summary>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="training">The retraining; <see langword="null"/> if there was none.</param>
    /// <param name="last">The request by whose figures the retraining is compared with what was predicted; <see langword="null"/> for none.</param>
    /// <param name="store">The store.</param>
    public static ForgetListReport Of(ForgetOutcomes outcomes, TrainReport? training, RequestRow? last, Store store)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(store);
        var rows = store.Manifest.Requests.Find([.. outcomes.Outcomes.Select(o => o.Recorded?.Id).OfType<string>()]);
        return new ForgetListReport
        {
            Requests =
            [
                .. outcomes.Outcomes.Select(o => new ListedRequest(
                    o.Request,
                    o.Recorded is { } recorded ? RequestStatus.Of(rows[recorded.Id], store.Now) : null,
                    ForgottenTarget.Of(o),
                    o.Unknown,
                    o.AlreadyForgotten)),
            ],
            Plan = CostReport.Of(outcomes.Plan),
            Training = RetrainingReport.Of(training, RetrainingReport.Compare(store, last, training)),
        };
    }
}

/// <summary>A request of a list.</summary>
/// <param name="Id">Its name, as the list gives it.</param>
/// <param name="Request">The request as it stands; <see langword="null"/> if none is recorded.</param>
/// <param name="Forgotten">Items and spans that it forgets.</param>
/// <param name="Unknown">Ids and subjects that the store does not hold.</param>
/// <param name="AlreadyForgotten">Ids, subjects and spans that were forgotten before.</param>
public sealed record ListedRequest(
    string? Id,
    RequestStatus? Request,
    IReadOnlyList<ForgottenTarget> Forgotten,
    IReadOnlyList<string> Unknown,
    IReadOnlyList<string> AlreadyForgotten);

/// <summary>An item, or a span of one, that a request forgets.</summary>
/// <param name="Item">Id of the item.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Span">The span, as <c>A..B</c>; <see langword="null"/> for the whole item.</param>
public sealed record ForgottenTarget(string Item, string Subject, string? Span)
{
    /// <summary>Takes what a request forgets.</summary>
    /// <param name="outcome">The outcome.</param>
    public static IReadOnlyList<ForgottenTarget> Of(ForgetOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return [.. outcome.Targets.Select(t => new ForgottenTarget(t.Item, t.Subject, t.Span?.ToString()))];
    }
}

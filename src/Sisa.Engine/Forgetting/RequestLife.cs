using Sisa.Engine.Certifying;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Evidence;
using Sisa.Finding;
using Sisa.Forgetting;
using Sisa.Storage.Manifest;
using Sisa.Training;

namespace Sisa.Engine.Forgetting;

/// <summary>The result of a call that took requests through their life.</summary>
/// <param name="Outcomes">The outcome of each request, in their order.</param>
/// <param name="Pending">Received requests that found something, and unfinished ones that had named the same before, as they were at the receipt.</param>
/// <param name="Training">The retraining; <see langword="null"/> if there was none.</param>
/// <param name="Certified">The certification.</param>
public sealed record LifeReport(ForgetOutcomes Outcomes, IReadOnlyList<RequestRow> Pending, TrainReport? Training, CertificationReport Certified);

/// <summary>Requests that are received: durable, and out of what is served.</summary>
/// <param name="Outcomes">The outcome of each request.</param>
/// <param name="Pending">Requests that found something, and unfinished ones that had named the same before, as they were at the receipt.</param>
/// <param name="Waits">Until when their retraining may wait; <see langword="null"/> if it is due at once.</param>
public sealed record ReceivedRequests(ForgetOutcomes Outcomes, IReadOnlyList<RequestRow> Pending, DateTimeOffset? Waits);

/// <summary>The life of requests to forget, from the receipt to the certificate. Read <see cref="Run"/> first: it has all steps in order.</summary>
/// <remarks>
/// Every step is durable before the next begins: a request is recorded, out of what is served, retrained and published, purged, certified. After a crash the same
/// call goes on with what is unfinished, and so do <c>BringUpToDate</c> and <see cref="Recovery"/>; none of them does a step twice.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class RequestLife(Store store)
{
    /// <summary>Gives who trains, when training begins.</summary>
    public required Func<IShardTrainer> Trainer { get; init; }

    /// <summary>Where signing keys come from.</summary>
    public required IKeySource Keys { get; init; }

    /// <summary>Measures the effect of forgetting; <see langword="null"/> for no measurements.</summary>
    public IForgettingMeter? Meter { get; init; }

    /// <summary>Observes every step; <see langword="null"/> for no observer.</summary>
    public IRequestObserver? Observer { get; init; }

    /// <summary>Makes the requesters' copies durable before the receipt; <see langword="null"/> for no copies.</summary>
    public Action<IReadOnlyList<RequesterCopy>>? HandOver { get; init; }

    /// <summary>Finds near spellings of what is named, after the receipt, which does not wait for it; <see langword="null"/> for no search.</summary>
    public Func<NearSpellings>? Spellings { get; init; }

    /// <summary>Threads that rewrite slices, search for what was purged, and certify. By default one a processor.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    /// <summary>How long retraining may wait for a store that another process holds. The receipt never waits.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long certification may wait for it.</summary>
    public TimeSpan CertificationPatience { get; init; }

    /// <summary>Receives requests and takes them as far as they may go now.</summary>
    /// <param name="requests">The requests, with names of their own.</param>
    /// <param name="defers">Whether their retraining is left to a later run, as far as their due dates allow.</param>
    /// <param name="cancellation">Ends the retraining soon. Recorded work remains.</param>
    public LifeReport Run(IReadOnlyList<ForgetRequest> requests, bool defers = false, CancellationToken cancellation = default)
    {
        var received = Receive(requests, defers);
        return received.Waits is null ? Finish(received, Observer is null ? null : Observer.Retrains, cancellation) : Wait(received, cancellation);
    }

    /// <summary>Receives requests: they become durable, and no served model was trained on their items. Waits for no other process.</summary>
    /// <param name="requests">The requests, with names of their own.</param>
    /// <param name="defers">Whether their retraining is left to a later run, as far as their due dates allow.</param>
    public ReceivedRequests Receive(IReadOnlyList<ForgetRequest> requests, bool defers = false)
    {
        var waits = new RetrainingWait(store).Until(requests, defers);
        Observer?.Begins(isRetrainedAtOnce: waits is null);
        var (outcomes, pending) = Receive(requests, waits);
        if (Spellings is not null)
        {
            new Forgetter(store).RecordSpellings(requests, outcomes, Spellings());
        }

        return new ReceivedRequests(outcomes, pending, waits);
    }

    /// <summary>Retrains, purges and certifies received requests at once, even if they may wait.</summary>
    /// <param name="received">A result of <see cref="Receive(IReadOnlyList{ForgetRequest}, bool)"/> for this store, from any process or thread.</param>
    /// <param name="retrains">Called before the retraining, and returns its observer; <see langword="null"/> for none.</param>
    /// <param name="cancellation">Ends the work soon. Recorded work remains.</param>
    public LifeReport Finish(ReceivedRequests received, Func<ITrainingProgress?>? retrains = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(received);
        var (outcomes, pending) = (received.Outcomes, received.Pending);
        var training = default(TrainReport);
        if (pending.Any(r => r.State < RequestState.Purged))
        {
            training = BringUpToDate(retrains?.Invoke(), cancellation);
        }
        else
        {
            MeasureBefore(pending);
        }

        Observer?.Measured(outcomes);

        // A call that was interrupted may have come as far as the purge; repeated, it finds everything forgotten, and owes the certificate.
        var concerns = pending.Count > 0 || outcomes.Outcomes.Any(o => o.Recorded is not null || o.Targets.Count > 0 || o.AlreadyForgotten.Count > 0);
        return new LifeReport(outcomes, pending, training, concerns ? Certify(cancellation) : CertificationReport.Nothing);
    }

    // What waits is measured now, while what it names and what was served are still there. What found nothing has nothing to wait for.
    private LifeReport Wait(ReceivedRequests received, CancellationToken cancellation)
    {
        MeasureBefore(received.Pending);
        Observer?.Measured(received.Outcomes);
        return new LifeReport(received.Outcomes, received.Pending, null, received.Outcomes.Outcomes.Any(o => o.IsNothingHeld) ? Certify(cancellation) : CertificationReport.Nothing);
    }

    /// <summary>Trains every shard that is not up to date, and finishes pending requests except for their certificates.</summary>
    /// <param name="progress">Receives progress; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Ends the work soon. Recorded work remains.</param>
    public TrainReport BringUpToDate(ITrainingProgress? progress = null, CancellationToken cancellation = default) =>
        new Reconciler(store, Trainer(), Meter) { Degree = Degree }.BringUpToDate(Patience, progress, cancellation);

    /// <summary>Certifies every request that is purged or found nothing.</summary>
    /// <param name="cancellation">Stops between batches; a later call goes on behind the last one.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CertificationReport Certify(CancellationToken cancellation = default) => new Certification(store, Keys, CertificationPatience) { Degree = Degree }.Run(cancellation: cancellation);

    // Takes what requests name out of what is served. Where nothing was found, what is pending are the requests that asked for it before and are not
    // finished: an interrupted call that is repeated continues with them.
    private (ForgetOutcomes Outcomes, IReadOnlyList<RequestRow> Pending) Receive(IReadOnlyList<ForgetRequest> requests, DateTimeOffset? waits)
    {
        var forgetter = new Forgetter(store);
        var outcomes = forgetter.Receive(requests, waits, HandOver);
        RequestRow[] recorded = [.. outcomes.Outcomes.Where(o => !o.IsNothingHeld).Select(o => o.Recorded).OfType<RequestRow>()];
        if (recorded.Length == 0)
        {
            RequestRow[] unfinished = outcomes.Outcomes.Any(o => o.AlreadyForgotten.Count > 0) ? Unfinished(requests) : [];
            Observer?.Nothing(outcomes, unfinished);
            return (outcomes, unfinished);
        }

        var current = recorded.Any(r => r.State == RequestState.Received) ? new BundlePublisher(store).PublishFallbacks([.. recorded.Select(r => r.Number)]) : recorded;
        var rows = current.ToDictionary(r => r.Number);
        outcomes = outcomes with { Outcomes = [.. outcomes.Outcomes.Select(o => o with { Recorded = o.Recorded is { } row ? rows.GetValueOrDefault(row.Number, row) : null })] };
        Observer?.Received(outcomes);
        return (outcomes, current);
    }

    // One that waits for others is left to wait, unless it is what was named.
    private RequestRow[] Unfinished(IReadOnlyList<ForgetRequest> requests)
    {
        var items = requests.SelectMany(r => r.Items.Concat(r.Spans.Select(s => s.Item))).ToHashSet(StringComparer.Ordinal);
        var subjects = requests.SelectMany(r => r.Subjects).ToHashSet(StringComparer.Ordinal);
        var named = store.Manifest.Requests.Targets().Where(t => items.Contains(t.Item) || subjects.Contains(t.Subject)).Select(t => t.Request).ToHashSet();
        return [.. store.Manifest.Requests.Pending().Where(r => named.Contains(r.Number) || r.State >= RequestState.Published || r.Waits is null || r.Waits <= store.Now)];
    }

    private void MeasureBefore(IReadOnlyList<RequestRow> pending)
    {
        if (Meter is not null)
        {
            var received = pending.Select(r => r.Number).ToHashSet();
            Meter.MeasureBefore(new ForgottenRecords(store).Read([.. store.Manifest.Requests.Targets().Where(t => received.Contains(t.Request))]));
        }
    }
}

using Sisa.Engine.Stores;
using Sisa.Forgetting;

namespace Sisa.Engine.Forgetting;

/// <summary>How long the retraining of requests may wait to be shared. It ends early enough before every due date that the retraining can be done by then.</summary>
/// <param name="store">The store.</param>
public sealed class RetrainingWait(Store store)
{
    /// <summary>The least time that is kept before a due date.</summary>
    public static readonly TimeSpan LeastReserve = TimeSpan.FromHours(1);

    private readonly Lazy<TimeSpan> _reserve = new(() => ReserveOf(store));

    /// <summary>The time that is kept before a due date: twice as long as all stages together were trained, and an hour at least.</summary>
    public TimeSpan Reserve => _reserve.Value;

    /// <summary>Until when requests that are about to be received may wait.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="isDeferred">Whether the retraining is left to a later command, whatever the recipe's window.</param>
    /// <returns>The latest moment for any of them, or <see langword="null"/> when the retraining is due now: the recipe has no window, it is over, or a due date is near.</returns>
    public DateTimeOffset? Until(IReadOnlyList<ForgetRequest> requests, bool isDeferred)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var now = store.Now;
        if (isDeferred)
        {
            return now.AddDays(store.Recipe.Requests.DueDays);
        }

        var window = TimeSpan.FromHours(store.Recipe.Requests.Window);
        if (window <= TimeSpan.Zero)
        {
            return null;
        }

        var waiting = store.Manifest.Requests.Pending().Where(r => r.State < RequestState.Published).ToArray();
        if (waiting.Any(r => r.Waits is null || r.Waits <= now))
        {
            return null;
        }

        // The window opens with the first request that waits; once it is over, the next request retrains for all.
        var ends = waiting.Select(r => r.Entered).DefaultIfEmpty(now).Min() + window;
        return requests.Select(r => Bounded(ends, Due(r, now), now)).Append(ends).All(end => end > now) ? ends : null;
    }

    /// <summary>When a request is due.</summary>
    /// <param name="request">The request.</param>
    /// <param name="received">When the store receives it; the days count from here where the request does not say when the controller did.</param>
    public DateTimeOffset Due(ForgetRequest request, DateTimeOffset received)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Due ?? (request.Received ?? received).AddDays(store.Recipe.Requests.DueDays);
    }

    /// <summary>Ends a wait before a due date.</summary>
    /// <param name="wanted">Until when it would last.</param>
    /// <param name="due">The due date.</param>
    /// <param name="now">The moment of receipt; nothing waits until before it.</param>
    public DateTimeOffset Bounded(DateTimeOffset wanted, DateTimeOffset due, DateTimeOffset now)
    {
        var latest = due - DateTimeOffset.MinValue > Reserve ? due - Reserve : DateTimeOffset.MinValue;
        latest = latest > now ? latest : now;
        return wanted < latest ? wanted : latest;
    }

    private static TimeSpan ReserveOf(Store store)
    {
        var training = TimeSpan.FromSeconds(2 * store.Manifest.Checkpoints.All().Where(c => c.Recipe == store.RecipeDigest).Sum(c => c.Seconds));
        return training > LeastReserve ? training : LeastReserve;
    }
}

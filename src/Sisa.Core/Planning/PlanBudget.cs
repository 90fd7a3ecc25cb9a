namespace Sisa.Planning;

/// <summary>The limits of a plan.</summary>
public enum BudgetKind
{
    /// <summary>Seconds of one worker that a request costs on average.</summary>
    SecondsPerRequest,

    /// <summary>Share of training everything that a request costs on average.</summary>
    Share,

    /// <summary>Bytes of the checkpoints that are kept.</summary>
    Storage,

    /// <summary>Hours from a request to the end of its retraining, on average.</summary>
    Wait,

    /// <summary>Items of the rarest label in the shard with fewest of them.</summary>
    ItemsPerClass,
}

/// <summary>A limit that a candidate does not keep.</summary>
/// <param name="Kind">The limit.</param>
/// <param name="Found">The candidate's value, in the unit of the limit.</param>
/// <param name="Limit">The limit.</param>
public sealed record BudgetBreach(BudgetKind Kind, double Found, double Limit);

/// <summary>Limits of a plan; those left out do not bind.</summary>
public sealed record PlanBudget
{
    /// <summary>See <see cref="BudgetKind.SecondsPerRequest"/>.</summary>
    public double? MaxSecondsPerRequest { get; init; }

    /// <summary>See <see cref="BudgetKind.Share"/>; from 0 to 1.</summary>
    public double? MaxShare { get; init; }

    /// <summary>See <see cref="BudgetKind.Storage"/>.</summary>
    public double? MaxStorageBytes { get; init; }

    /// <summary>See <see cref="BudgetKind.Wait"/>.</summary>
    public double? MaxWaitHours { get; init; }

    /// <summary>See <see cref="BudgetKind.ItemsPerClass"/>.</summary>
    public double? MinItemsPerClass { get; init; }

    /// <summary>Whether any limit binds.</summary>
    public bool IsGiven => MaxStorageBytes is not null || MaxWaitHours is not null || MinItemsPerClass is not null || LimitsRequests;

    /// <summary>Whether what a request costs is limited.</summary>
    public bool LimitsRequests => MaxSecondsPerRequest is not null || MaxShare is not null;

    /// <summary>The limits that a candidate does not keep.</summary>
    /// <param name="cost">Its cost. If seconds are unknown, their limit is not checked.</param>
    public IReadOnlyList<BudgetBreach> Breaches(SimulatedCost cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        var breaches = new List<BudgetBreach>();
        void Check(BudgetKind kind, double? found, double? limit, bool isLeast = false)
        {
            if (limit is { } l && found is { } f && (isLeast ? f < l : f > l))
            {
                breaches.Add(new BudgetBreach(kind, f, l));
            }
        }

        Check(BudgetKind.SecondsPerRequest, cost.SecondsPerRequest, MaxSecondsPerRequest);
        Check(BudgetKind.Share, cost.SharePerRequest, MaxShare);
        Check(BudgetKind.Storage, cost.StorageBytes, MaxStorageBytes);
        Check(BudgetKind.Wait, cost.WaitHours.Mean, MaxWaitHours);
        Check(BudgetKind.ItemsPerClass, cost.FewestPerClass.Mean, MinItemsPerClass, isLeast: true);
        return breaches;
    }
}

namespace Sisa.Benchmarks.Counting;

/// <summary>The work of serving requests, in units that do not depend on the machine.</summary>
/// <remarks>Means over draws are fractions. What is of the busiest worker assumes that shards are handed out largest first, each to the worker with the least.</remarks>
public readonly record struct ForgettingWork
{
    /// <summary>Retrainings: one a request, or one for all.</summary>
    public double Retrainings { get; init; }

    /// <summary>Shards trained again.</summary>
    public double Shards { get; init; }

    /// <summary>Stages trained again, each of which writes a checkpoint.</summary>
    public double Stages { get; init; }

    /// <summary>Items × epochs of these stages.</summary>
    public double Visits { get; init; }

    /// <summary>Visits of the busiest worker.</summary>
    public double BusiestVisits { get; init; }

    /// <summary>Stages of the busiest worker.</summary>
    public double BusiestStages { get; init; }

    /// <summary>Items in the slices that are written again.</summary>
    public double ItemsRewritten { get; init; }

    /// <summary>Both together, one after the other.</summary>
    /// <param name="other">More work.</param>
    public ForgettingWork Plus(ForgettingWork other) => new()
    {
        Retrainings = Retrainings + other.Retrainings,
        Shards = Shards + other.Shards,
        Stages = Stages + other.Stages,
        Visits = Visits + other.Visits,
        BusiestVisits = BusiestVisits + other.BusiestVisits,
        BusiestStages = BusiestStages + other.BusiestStages,
        ItemsRewritten = ItemsRewritten + other.ItemsRewritten,
    };

    /// <summary>A multiple of it.</summary>
    /// <param name="factor">How much of it.</param>
    public ForgettingWork Times(double factor) => new()
    {
        Retrainings = Retrainings * factor,
        Shards = Shards * factor,
        Stages = Stages * factor,
        Visits = Visits * factor,
        BusiestVisits = BusiestVisits * factor,
        BusiestStages = BusiestStages * factor,
        ItemsRewritten = ItemsRewritten * factor,
    };
}

using System.Text.Json.Serialization;

namespace Sisa.Benchmarks.Designs;

/// <summary>The settings of the cost study. All counts follow from them; a resumed study must have the same settings.</summary>
public sealed record CostDesign
{
    /// <summary>Numbers of shards S of the grid, ascending.</summary>
    public IReadOnlyList<int> Shards { get; init; } = [1, 2, 5, 10, 20, 50];

    /// <summary>Numbers of slices R of the grid, ascending.</summary>
    public IReadOnlyList<int> Slices { get; init; } = [1, 10, 20, 50];

    /// <summary>Numbers of requests, ascending.</summary>
    public IReadOnlyList<int> Requests { get; init; } = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

    /// <summary>Draws of requests over which counts are averaged, at least two for an interval.</summary>
    public int Draws { get; init; } = 30;

    /// <summary>Seed of the generated items, of the assignment key, of the draws and of training.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Items of the generated corpora; Purchase has 250,000. A tenth is held out.</summary>
    public int Items { get; init; } = 250_000;

    /// <summary>Passes over the items that training comes to.</summary>
    public double Epochs { get; init; } = 20;

    /// <summary>Share of the requesters that are frequent in the skewed pattern.</summary>
    public double FrequentShare { get; init; } = 0.1;

    /// <summary>Share of the requests that frequent requesters make in the skewed pattern.</summary>
    public double FrequentRequests { get; init; } = 0.8;

    /// <summary>Numbers of requests, batched, whose seconds are measured.</summary>
    public IReadOnlyList<int> MeasuredRequests { get; init; } = [1, 8];

    /// <summary>How often seconds are measured at each number of requests.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>The most visits of one worker that a measurement may be repeated at: dearer ones are made once.</summary>
    public double RepeatedVisits { get; init; } = 700_000;

    /// <summary>Worker processes.</summary>
    public int Workers { get; init; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Every cell whose visits are counted.</summary>
    [JsonIgnore]
    public IEnumerable<GridCell> Cells =>
        from rule in new[] { ShardingRule.Plain, ShardingRule.RiskAware }
        from shards in Shards
        from slices in Slices
        where rule == ShardingRule.Plain || shards > 1
        select new GridCell(shards, slices, rule);

    /// <summary>Whether a store of this cell is made and trained, so that its accuracy is known: every plain one, and the risk-aware ones of the most slices.</summary>
    /// <param name="cell">A cell.</param>
    public bool IsTrained(GridCell cell) => cell.Rule == ShardingRule.Plain || cell.Slices == Slices[^1];

    /// <summary>Whether seconds of forgetting are measured in it: where slices are fewest or most.</summary>
    /// <param name="cell">A cell that is trained.</param>
    public bool IsTimed(GridCell cell) => cell.Slices == Slices[0] || cell.Slices == Slices[^1];

    /// <summary>Shards that the frequent requesters get for themselves, of S.</summary>
    /// <param name="shards">S, at least 2.</param>
    /// <remarks>With share p of the items and q of the requests, requests one by one cost in expectation q·p/h + (1−q)(1−p)/(S−h) of all visits; the minimum is at h : S−h = √(pq) : √((1−p)(1−q)).</remarks>
    public int FrequentShards(int shards)
    {
        var frequent = Math.Sqrt(FrequentShare * FrequentRequests);
        var others = Math.Sqrt((1 - FrequentShare) * (1 - FrequentRequests));
        return Math.Clamp((int)Math.Round(shards * frequent / (frequent + others)), 1, shards - 1);
    }

    /// <summary>The short form: a smaller corpus and grid, under three minutes on two cores; to see that everything works, not to cite.</summary>
    public static CostDesign Quick { get; } = new()
    {
        Shards = [1, 5, 20],
        Slices = [1, 10],
        Requests = [1, 2, 4, 8, 16, 32, 64],
        Draws = 10,
        Items = 20_000,
        Epochs = 10,
        Repeats = 1,
    };
}

/// <summary>A way to cut the items up.</summary>
/// <param name="Shards">Number of shards S.</param>
/// <param name="Slices">Number of slices R per shard.</param>
/// <param name="Rule">Who goes to which shard.</param>
public readonly record struct GridCell(int Shards, int Slices, ShardingRule Rule)
{
    /// <summary>The name in journals and messages: <c>S=20 R=50</c>.</summary>
    public override string ToString() => $"S={Shards} R={Slices}{(Rule == ShardingRule.Plain ? string.Empty : $" {KebabName.Of(Rule)}")}";
}

/// <summary>Who goes to which shard.</summary>
public enum ShardingRule
{
    /// <summary>Everybody to any shard.</summary>
    Plain,

    /// <summary>Frequent requesters to shards of their own (a declared risk class).</summary>
    RiskAware,

    /// <summary>As a store of the user's has it.</summary>
    OwnStore,
}

/// <summary>Who asks to be forgotten.</summary>
public enum RequestPattern
{
    /// <summary>Everybody equally likely.</summary>
    Uniform,

    /// <summary>A declared few make most requests.</summary>
    Skewed,
}

/// <summary>When requests are served.</summary>
public enum RequestTiming
{
    /// <summary>Each by a retraining of its own.</summary>
    Sequential,

    /// <summary>All by one retraining.</summary>
    Batched,
}

/// <summary>The compared methods.</summary>
public enum CostMethod
{
    /// <summary>One model, trained again on everything that is retained.</summary>
    FullRetraining,

    /// <summary>Shards, each trained again from its beginning.</summary>
    ShardingOnly,

    /// <summary>One model with a checkpoint at every slice.</summary>
    SlicingOnly,

    /// <summary>Shards and slices.</summary>
    Sisa,

    /// <summary>One model on a 1/S sample of the items, trained again when a request hits the sample.</summary>
    Fraction,
}

using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Designs;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.Benchmarks.Data;

/// <summary>Items whose forgetting is studied, and the recipe that trains them.</summary>
public abstract class CostDataset
{
    /// <summary>Name in tables, journals and files.</summary>
    public required string Name { get; init; }

    /// <summary>Who may ask to be forgotten.</summary>
    public required Population Population { get; init; }

    /// <summary>Name of the population: datasets that share one share their counts.</summary>
    public required string PopulationName { get; init; }

    /// <summary>The assignment key κ.</summary>
    public required AssignmentKey Key { get; init; }

    /// <summary>Bytes of slice files an item, headers of files left out.</summary>
    public required double SliceBytesPerItem { get; init; }

    /// <summary>The cells that are counted.</summary>
    /// <param name="design">The study.</param>
    public abstract IEnumerable<GridCell> Cells(CostDesign design);

    /// <summary>The recipe of a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="design">The study.</param>
    public abstract Recipe RecipeOf(GridCell cell, CostDesign design);

    /// <summary>Opens the account of a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="design">The study.</param>
    public CellAccount Account(GridCell cell, CostDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        Func<string, string>? risk = cell.Rule == ShardingRule.RiskAware ? subject => RiskOf(subject, design) : null;
        return new CellAccount(Population, RecipeOf(cell, design), Key, risk, cell.Rule == ShardingRule.OwnStore, design.Workers);
    }

    /// <summary>Name of the risk class of those who ask often.</summary>
    internal const string FrequentClass = "frequent";

    /// <summary>Name of the risk class of the others.</summary>
    internal const string RareClass = "rare";

    /// <summary>The risk class of a subject.</summary>
    internal static string RiskOf(string subject, CostDesign design) => Population.IsFrequent(subject, design.Seed, design.FrequentShare) ? FrequentClass : RareClass;

    /// <summary>Shards, slices and risk classes of a cell.</summary>
    internal static EnsembleOptions EnsembleOf(GridCell cell, CostDesign design)
    {
        var plain = new EnsembleOptions { Shards = cell.Shards, Slices = cell.Slices };
        if (cell.Rule != ShardingRule.RiskAware)
        {
            return plain;
        }

        var frequent = design.FrequentShards(cell.Shards);
        return plain with
        {
            RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal)
            {
                [FrequentClass] = new([.. Enumerable.Range(0, frequent)]),
                [RareClass] = new([.. Enumerable.Range(frequent, cell.Shards - frequent)]),
            },
        };
    }
}

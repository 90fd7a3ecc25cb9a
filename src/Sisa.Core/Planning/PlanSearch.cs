namespace Sisa.Planning;

/// <summary>How a neighbour differs from what is proposed.</summary>
public enum NeighbourKind
{
    /// <summary>The next smaller number of shards.</summary>
    FewerShards,

    /// <summary>The next larger number of shards.</summary>
    MoreShards,

    /// <summary>The next smaller number of slices.</summary>
    FewerSlices,

    /// <summary>The next larger number of slices.</summary>
    MoreSlices,

    /// <summary>The next shorter window.</summary>
    ShorterWindow,

    /// <summary>The next longer window.</summary>
    LongerWindow,
}

/// <summary>A candidate that differs from what is proposed in one thing.</summary>
/// <param name="Kind">In what.</param>
/// <param name="Cost">Its cost.</param>
/// <param name="Breaches">Limits that it does not keep.</param>
public sealed record PlanNeighbour(NeighbourKind Kind, SimulatedCost Cost, IReadOnlyList<BudgetBreach> Breaches);

/// <summary>The proposal, and the candidates that it was compared with.</summary>
/// <param name="Cost">The candidate: proposed where <paramref name="Breaches"/> is empty, otherwise the one that is nearest to the budget.</param>
/// <param name="Breaches">Limits that it does not keep.</param>
/// <param name="Neighbours">Candidates that differ from it in one thing.</param>
public sealed record PlanProposal(SimulatedCost Cost, IReadOnlyList<BudgetBreach> Breaches, IReadOnlyList<PlanNeighbour> Neighbours);

/// <summary>Chooses among candidates under a budget.</summary>
/// <remarks>
/// Where the cost of requests is limited, what keeps all limits with the fewest shards wins, then with the fewest slices, then with the shortest window: every shard more makes each model weaker, every slice more takes
/// storage, and waiting is the requesters'. Where it is not, the fewest visits a year win. Pure.
/// </remarks>
public static class PlanSearch
{
    /// <summary>Chooses the proposal.</summary>
    /// <param name="costs">The candidates.</param>
    /// <param name="budget">The limits.</param>
    /// <returns><see langword="null"/> if there is no limit or no candidate.</returns>
    public static PlanProposal? Propose(IReadOnlyList<SimulatedCost> costs, PlanBudget budget)
    {
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(budget);
        if (!budget.IsGiven || costs.Count == 0)
        {
            return null;
        }

        var within = costs.Where(c => budget.Breaches(c).Count == 0);
        var ordered = budget.LimitsRequests ? BySize(within) : BySize(within.GroupBy(c => c.YearVisits.Mean).OrderBy(g => g.Key).FirstOrDefault() ?? Enumerable.Empty<SimulatedCost>());
        var chosen = ordered.FirstOrDefault() ?? BySize(costs).MinBy(c => budget.Breaches(c).Max(Excess))!;
        return new PlanProposal(chosen, budget.Breaches(chosen), [.. Neighbours(costs, chosen).Select(n => new PlanNeighbour(n.Kind, n.Cost, budget.Breaches(n.Cost)))]);
    }

    /// <summary>Whether another candidate is no worse in shards, visits a year, storage and waiting, and better in one of them.</summary>
    /// <param name="cost">A candidate.</param>
    /// <param name="costs">All of them.</param>
    public static bool IsDominated(SimulatedCost cost, IEnumerable<SimulatedCost> costs)
    {
        ArgumentNullException.ThrowIfNull(cost);
        var own = Figures(cost);
        return costs.Any(other => Figures(other) is var figures && figures.Zip(own).All(f => f.First <= f.Second) && figures.Zip(own).Any(f => f.First < f.Second));
    }

    private static double[] Figures(SimulatedCost c) => [c.Candidate.Ensemble.Shards, c.YearVisits.Mean, c.StorageBytes, c.WaitHours.Mean];

    private static IOrderedEnumerable<SimulatedCost> BySize(IEnumerable<SimulatedCost> costs) =>
        costs.OrderBy(c => c.Candidate.Ensemble.Shards).ThenBy(c => c.Candidate.Ensemble.Slices).ThenBy(c => c.Candidate.WindowHours);

    // By what factor a limit is missed: limits of different units become comparable.
    private static double Excess(BudgetBreach breach) => breach.Kind == BudgetKind.ItemsPerClass
        ? breach.Limit / Math.Max(breach.Found, double.Epsilon)
        : breach.Found / Math.Max(breach.Limit, double.Epsilon);

    private static IEnumerable<(NeighbourKind Kind, SimulatedCost Cost)> Neighbours(IReadOnlyList<SimulatedCost> costs, SimulatedCost chosen)
    {
        var axes = new (NeighbourKind Less, NeighbourKind More, Func<SimulatedCost, double> Value)[]
        {
            (NeighbourKind.FewerShards, NeighbourKind.MoreShards, c => c.Candidate.Ensemble.Shards),
            (NeighbourKind.FewerSlices, NeighbourKind.MoreSlices, c => c.Candidate.Ensemble.Slices),
            (NeighbourKind.ShorterWindow, NeighbourKind.LongerWindow, c => c.Candidate.WindowHours),
        };
        foreach (var axis in axes)
        {
            SimulatedCost[] line = [.. costs.Where(c => axes.Where(other => other.Less != axis.Less).All(other => other.Value(c) == other.Value(chosen)))];
            if (line.Where(c => axis.Value(c) < axis.Value(chosen)).MaxBy(axis.Value) is { } less)
            {
                yield return (axis.Less, less);
            }

            if (line.Where(c => axis.Value(c) > axis.Value(chosen)).MinBy(axis.Value) is { } more)
            {
                yield return (axis.More, more);
            }
        }
    }
}

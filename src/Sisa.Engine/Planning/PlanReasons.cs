using System.Globalization;
using Sisa.Planning;

namespace Sisa.Engine.Planning;

/// <summary>Why a plan is proposed, in sentences.</summary>
public static class PlanReasons
{
    /// <summary>A candidate in words: <c>5 shards × 4 slices, window 24 h</c>.</summary>
    /// <param name="candidate">The candidate.</param>
    public static string Name(PlanCandidate candidate) =>
        $"{Figures.Count(candidate.Ensemble.Shards, "shard")} × {Figures.Count(candidate.Ensemble.Slices, "slice")}, {Window(candidate)}";

    private static string Window(PlanCandidate candidate) => candidate.WindowHours > 0 ? $"window {Number(candidate.WindowHours)} h" : "no window";

    /// <summary>The proposal and its reasons, one sentence each.</summary>
    /// <param name="proposal">The proposal.</param>
    /// <param name="budget">The limits.</param>
    /// <param name="limit">The reader's name for a limit, such as the option that gave it.</param>
    public static IEnumerable<string> Of(PlanProposal proposal, PlanBudget budget, Func<BudgetKind, string> limit)
    {
        var cost = proposal.Cost;
        if (proposal.Breaches.Count > 0)
        {
            yield return $"No candidate keeps every limit. Nearest: {Name(cost.Candidate)}: {Breaks(proposal.Breaches, limit)}";
            foreach (var neighbour in proposal.Neighbours.Where(n => n.Breaches.Count > 0))
            {
                yield return $"{Beginning(neighbour)}: {Breaks(neighbour.Breaches, limit)}";
            }

            yield break;
        }

        yield return $"Proposed: {Name(cost.Candidate)}. {(budget.LimitsRequests ? "It keeps every limit with the fewest shards, then the fewest slices, then the shortest window." : "Of what keeps every limit, its year is the cheapest.")}";
        foreach (var neighbour in proposal.Neighbours)
        {
            yield return neighbour.Breaches.Count > 0 ? $"{Beginning(neighbour)} {Breaks(neighbour.Breaches, limit)}" : $"{Subject(neighbour)} would do as well, and {Differs(neighbour, cost)}.";
        }
    }

    private static string Breaks(IEnumerable<BudgetBreach> breaches, Func<BudgetKind, string> limit) => string.Join("; ", breaches.Select(breach => Break(breach, limit(breach.Kind)))) + ".";

    private static string Break(BudgetBreach breach, string limit) => breach.Kind switch
    {
        BudgetKind.SecondsPerRequest => $"a request costs {Figures.Seconds(breach.Found)}, over the {Figures.Seconds(breach.Limit)} of {limit}",
        BudgetKind.Share => $"a request costs {Figures.Share(breach.Found)} of a training, over the {Figures.Share(breach.Limit)} of {limit}",
        BudgetKind.Storage => $"checkpoints take {Figures.Bytes((long)breach.Found)}, over the {Figures.Bytes((long)breach.Limit)} of {limit}",
        BudgetKind.Wait => $"a request waits {Number(breach.Found)} h, over the {Number(breach.Limit)} h of {limit}",
        _ => $"the poorest shard has {Number(breach.Found)} items of the rarest label, below the {Number(breach.Limit)} of {limit}",
    };

    private static string Beginning(PlanNeighbour neighbour) => $"With {Choice(neighbour)}";

    private static string Subject(PlanNeighbour neighbour)
    {
        var choice = Choice(neighbour);
        return char.ToUpperInvariant(choice[0]) + choice[1..];
    }

    private static string Choice(PlanNeighbour neighbour) => neighbour.Kind switch
    {
        NeighbourKind.FewerShards or NeighbourKind.MoreShards => Figures.Count(neighbour.Cost.Candidate.Ensemble.Shards, "shard"),
        NeighbourKind.FewerSlices or NeighbourKind.MoreSlices => Figures.Count(neighbour.Cost.Candidate.Ensemble.Slices, "slice"),
        _ => Window(neighbour.Cost.Candidate),
    };

    private static string Differs(PlanNeighbour neighbour, SimulatedCost chosen)
    {
        var cost = neighbour.Cost;
        var price = cost.SharePerRequest <= chosen.SharePerRequest ? "save" : "cost";
        var work = $"would {price} {Figures.Share(Math.Abs(1 - (cost.SharePerRequest / Math.Max(chosen.SharePerRequest, double.Epsilon))))} of the cost of a request ({Figures.Share(cost.SharePerRequest)} of a training)";
        var rest = neighbour.Kind switch
        {
            NeighbourKind.FewerShards or NeighbourKind.MoreShards => $"the poorest shard would have {Number(cost.FewestPerClass.Mean)} items of the rarest label instead of {Number(chosen.FewestPerClass.Mean)}",
            NeighbourKind.FewerSlices or NeighbourKind.MoreSlices => $"checkpoints would take {Figures.Bytes(cost.StorageBytes)} instead of {Figures.Bytes(chosen.StorageBytes)}",
            _ => $"requests would wait {Number(cost.WaitHours.Mean)} h instead of {Number(chosen.WaitHours.Mean)} h",
        };
        return $"{work}; {rest}";
    }

    private static string Number(double value) => value.ToString(value < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}

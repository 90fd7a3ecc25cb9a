using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Core.Tests.Planning;

public sealed class PlanSearchTests
{
    // Shards, slices, window; what a request costs of a training, waiting, fewest items.
    private static readonly SimulatedCost[] Costs =
    [
        Cost(1, 1, 0, 1.0, 0, 100), Cost(1, 4, 0, 0.75, 0, 100), Cost(5, 1, 0, 0.2, 0, 15), Cost(5, 4, 0, 0.15, 0, 15), Cost(5, 4, 24, 0.1, 20, 15), Cost(10, 4, 0, 0.075, 0, 6), Cost(10, 4, 24, 0.05, 20, 6),
    ];

    [Fact]
    public void Without_a_limit_nothing_is_proposed()
    {
        Assert.Null(PlanSearch.Propose(Costs, new PlanBudget()));
        Assert.Null(PlanSearch.Propose([], new PlanBudget { MaxShare = 1 }));
    }

    [Theory]
    [InlineData(1.0, "1 1 0")]
    [InlineData(0.9, "1 4 0")]
    [InlineData(0.8, "1 4 0")]
    [InlineData(0.2, "5 1 0")]
    [InlineData(0.15, "5 4 0")]
    [InlineData(0.1, "5 4 24")]
    [InlineData(0.06, "10 4 24")]
    public void The_fewest_shards_then_slices_then_hours_win_that_keep_the_limits(double share, string expected) =>
        Assert.Equal(expected, Name(PlanSearch.Propose([.. Costs.Reverse()], new PlanBudget { MaxShare = share })!.Cost));

    [Fact]
    public void Neighbours_differ_in_one_thing_and_say_what_they_break()
    {
        var proposal = PlanSearch.Propose(Costs, new PlanBudget { MaxShare = 0.15, MaxWaitHours = 10, MinItemsPerClass = 10 })!;

        Assert.Equal("5 4 0", Name(proposal.Cost));
        Assert.Empty(proposal.Breaches);
        Assert.Equal(
            [
                (NeighbourKind.FewerShards, "1 4 0", "Share"), (NeighbourKind.MoreShards, "10 4 0", "ItemsPerClass"),
                (NeighbourKind.FewerSlices, "5 1 0", "Share"), (NeighbourKind.LongerWindow, "5 4 24", "Wait"),
            ],
            proposal.Neighbours.Select(n => (n.Kind, Name(n.Cost), string.Join(' ', n.Breaches.Select(b => b.Kind)))));
        Assert.Equal(new BudgetBreach(BudgetKind.Share, 0.75, 0.15), proposal.Neighbours[0].Breaches.Single());
    }

    [Fact]
    public void Where_requests_may_cost_anything_the_cheapest_year_within_the_other_limits_wins()
    {
        Assert.Equal("5 4 24", Name(PlanSearch.Propose(Costs, new PlanBudget { MinItemsPerClass = 10 })!.Cost));
        Assert.Equal("5 4 0", Name(PlanSearch.Propose(Costs, new PlanBudget { MinItemsPerClass = 10, MaxWaitHours = 1 })!.Cost));
        Assert.Equal("5 1 0", Name(PlanSearch.Propose(Costs, new PlanBudget { MaxStorageBytes = 5_000 })!.Cost));
    }

    [Fact]
    public void Where_nothing_keeps_the_limits_the_nearest_is_named_with_what_it_breaks()
    {
        var proposal = PlanSearch.Propose(Costs, new PlanBudget { MaxShare = 0.01, MaxWaitHours = 30 })!;

        Assert.Equal("10 4 24", Name(proposal.Cost));
        Assert.Equal(new BudgetBreach(BudgetKind.Share, 0.05, 0.01), proposal.Breaches.Single());
    }

    [Fact]
    public void Seconds_are_judged_where_they_are_known()
    {
        var budget = new PlanBudget { MaxSecondsPerRequest = 3 };
        var known = Costs[0] with { YearSeconds = new Spread(40, 0, 0), RequestSeconds = new Spread(1, 0, 0) };

        Assert.Equal(new BudgetBreach(BudgetKind.SecondsPerRequest, 4, 3), budget.Breaches(known).Single());
        Assert.Empty(budget.Breaches(Costs[0]));
    }

    [Fact]
    public void What_another_beats_in_something_and_loses_to_in_nothing_is_dominated()
    {
        var worse = Cost(5, 4, 0, 0.16, 0, 15);

        Assert.True(PlanSearch.IsDominated(worse, [.. Costs, worse]));
        Assert.All(Costs, cost => Assert.False(PlanSearch.IsDominated(cost, Costs)));
    }

    private static string Name(SimulatedCost cost) => $"{cost.Candidate.Ensemble.Shards} {cost.Candidate.Ensemble.Slices} {cost.Candidate.WindowHours}";

    private static SimulatedCost Cost(int shards, int slices, double window, double share, double wait, double fewest)
    {
        static Spread Of(double mean) => new(mean, mean, mean);
        return new SimulatedCost
        {
            Candidate = new PlanCandidate(new EnsembleOptions { Shards = shards, Slices = slices }, window),
            CheckpointBytes = 1_000,
            TrainingVisits = Of(1_000),
            RequestVisits = Of(1_000 * share),
            BatchVisits = Of(1_000 * share),
            YearVisits = Of(10_000 * share),
            Requests = Of(10),
            Retrainings = Of(10),
            Stages = Of(10),
            BytesWritten = Of(10_000),
            WaitHours = Of(wait),
            FewestPerClass = Of(fewest),
        };
    }
}

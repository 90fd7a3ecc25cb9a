using Sisa.Planning;
using Sisa.Training;

namespace Sisa.Core.Tests.Planning;

public sealed class PlanRulesTests
{
    [Fact]
    public void Rates_are_the_line_through_the_stages()
    {
        var rates = PlanRates.Fit([(100, 3), (200, 5), (400, 9)])!;

        Assert.Equal((0.02, 1.0, 0.0), (Math.Round(rates.PerVisit, 9), Math.Round(rates.PerStage, 9), rates.PerRun));
    }

    [Fact]
    public void Stages_that_make_no_line_are_priced_by_the_visit_alone()
    {
        Assert.Null(PlanRates.Fit([]));
        Assert.Null(PlanRates.Fit([(0, 1)]));
        Assert.Equal(new PlanRates(0.03), PlanRates.Fit([(100, 3)]));

        // A line through these would pay for empty stages.
        Assert.Equal(new PlanRates(11 / 300.0), PlanRates.Fit([(100, 1), (200, 10)]));
        Assert.Equal(new PlanRates(11 / 300.0), PlanRates.Fit([(100, 10), (200, 1)]));
    }

    [Fact]
    public void A_spread_is_the_mean_and_the_middle_of_the_draws()
    {
        Assert.Equal(new Spread(5, 5, 5), Spread.Of([5.0]));
        var spread = Spread.Of(Enumerable.Range(0, 41).Reverse().Select(i => (double)i));

        Assert.Equal((20.0, 1.0, 39.0), (spread.Mean, Math.Round(spread.Low, 9), Math.Round(spread.High, 9)));
    }

    [Fact]
    public void Classes_keep_their_part_of_the_corpus_when_shards_and_slices_change()
    {
        var declared = new EnsembleOptions
        {
            Shards = 4,
            Slices = 2,
            RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal) { ["high"] = new([0]) { Slices = [2] }, ["low"] = new([1, 2, 3]) },
        };

        Assert.Same(declared, RiskAssignment.Scale(declared, 4, 2));
        Assert.Equal("high 0,1 / 3,4; low 2,3,4,5,6,7 / all", Text(RiskAssignment.Scale(declared, 8, 4)));

        // A shard that covers parts of both is open to both.
        Assert.Equal("high 0 / 2,3; low 0,1 / all", Text(RiskAssignment.Scale(declared, 2, 3)));
        Assert.Equal("high 0 / 1; low 0 / all", Text(RiskAssignment.Scale(declared, 1, 1)));
    }

    [Fact]
    public void Where_there_is_nothing_to_divide_no_assignment_is_proposed()
    {
        PlannedRisk[] classes = [new("low", 0.9, 0.2), new("high", 0.1, 0.8)];

        Assert.Null(RiskAssignment.Propose(new EnsembleOptions { Shards = 1 }, classes));
        Assert.Null(RiskAssignment.Propose(new EnsembleOptions { Shards = 4 }, classes[..1]));
        Assert.Null(RiskAssignment.Propose(new EnsembleOptions { Shards = 4, Assign = AssignRule.ByBatch }, classes));
        Assert.Equal("low 1,2 / all; high 0 / all", Text(RiskAssignment.Propose(new EnsembleOptions { Shards = 3, Slices = 1 }, classes)!));
        Assert.Equal("low 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19 / all; high 0,1 / 2,3", Text(RiskAssignment.Propose(new EnsembleOptions { Shards = 20, Slices = 3 }, classes)!));
    }

    private static string Text(EnsembleOptions ensemble) =>
        string.Join("; ", ensemble.RiskClasses.Select(c => $"{c.Key} {string.Join(',', c.Value.Shards)} / {(c.Value.Slices is { } slices ? string.Join(',', slices) : "all")}"));
}

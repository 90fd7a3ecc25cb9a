using Sisa.Planning;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Planning;

public sealed class CostSimulatorTests
{
    private const int Subjects = 400;
    private const int Draws = 200;

    private static readonly Recipe Recipe = SmallRecipes.Mlp(4, 3) with { Training = new TrainingOptions { Epochs = 6 } };

    [Fact]
    public void Subjects_of_an_item_each_cost_what_the_forms_say()
    {
        var cost = One(new RequestLoad { PerYear = 12 }, new EnsembleOptions { Shards = 4, Slices = 3 });

        Assert.Equal(ClosedForms.Training(Subjects, 6), cost.TrainingVisits.Mean, 0.01 * cost.TrainingVisits.Mean);
        Assert.Equal(ClosedForms.OneRequest(Subjects, 4, 3, 6), cost.RequestVisits.Mean, 0.03 * cost.RequestVisits.Mean);
        Assert.Equal(12, cost.Requests.Mean, 1.0);
        Assert.Equal(cost.Requests.Mean, cost.Retrainings.Mean, 1e-9);
        Assert.Equal(cost.YearVisits.Mean / cost.Requests.Mean / cost.TrainingVisits.Mean, cost.SharePerRequest, 1e-9);

        // Requests of a year come one after another; their number is Poisson's, of which the mean decides but for a square.
        Assert.Equal(ClosedForms.Sequential(Subjects, 4, 3, 6, 12), cost.YearVisits.Mean, 0.08 * cost.YearVisits.Mean);
        Assert.Equal(0, cost.WaitHours.Mean);
        Assert.Null(cost.YearSeconds);
    }

    [Fact]
    public void A_window_of_a_year_makes_one_batch_of_all_requests()
    {
        var cost = One(new RequestLoad { PerYear = 30 }, new EnsembleOptions { Shards = 4, Slices = 3 }, windowHours: 8_760);

        Assert.Equal(1, cost.Retrainings.Mean);
        Assert.Equal(cost.YearVisits.Mean, cost.BatchVisits.Mean, 1e-9);
        Assert.Equal(ClosedForms.Batch(Subjects, 4, 3, 6, 30), cost.YearVisits.Mean, 0.03 * cost.YearVisits.Mean);
        Assert.Equal(ClosedForms.StagesRetrained(4, 3, 30), cost.Stages.Mean, 0.05 * cost.Stages.Mean);
        Assert.Equal(cost.Stages.Mean * cost.CheckpointBytes, cost.BytesWritten.Mean, 1e-3);
    }

    [Fact]
    public void Windows_share_retrainings_and_keep_requests_waiting_as_the_forms_say()
    {
        const double Hours = 100;
        var cost = One(new RequestLoad { PerYear = 200 }, new EnsembleOptions { Shards = 4, Slices = 3 }, windowHours: Hours);
        var inWindow = 200 * Hours / 8_760;

        Assert.Equal(ClosedForms.Retrainings(200, inWindow), cost.Retrainings.Mean, 0.02 * cost.Retrainings.Mean);
        Assert.Equal(ClosedForms.WaitInWindows(inWindow) * Hours, cost.WaitHours.Mean, 0.02 * Hours);
        Assert.InRange(cost.YearVisits.Low, 0, cost.YearVisits.Mean);
        Assert.InRange(cost.YearVisits.Mean, cost.YearVisits.Low, cost.YearVisits.High);
    }

    [Fact]
    public void Seconds_follow_from_visits_stages_and_runs_and_whoever_asks_while_a_retraining_runs_waits_for_it()
    {
        var rates = new PlanRates(0.5, 2, 7);
        var cost = One(new RequestLoad { PerYear = 12 }, new EnsembleOptions { Shards = 2, Slices = 2 }, rates: rates);

        Assert.Equal(rates.Seconds(cost.YearVisits.Mean, cost.Stages.Mean, cost.Retrainings.Mean), cost.YearSeconds!.Mean, 1e-6 * cost.YearSeconds.Mean);
        Assert.Equal(rates.Seconds(cost.TrainingVisits.Mean, 4, 1), cost.TrainingSeconds!.Mean, 1e-6 * cost.TrainingSeconds.Mean);
        Assert.Equal(cost.YearSeconds.Mean / cost.Requests.Mean, cost.SecondsPerRequest!.Value, 1e-9);
        Assert.Equal((0.5 * 10) + (2 * 3) + 7, rates.Seconds(10, 3, 1));

        // A retraining of months: whoever comes meanwhile shares the next one.
        var slow = One(new RequestLoad { PerYear = 50 }, new EnsembleOptions { Shards = 1, Slices = 1 }, rates: new PlanRates(3_600));
        Assert.InRange(slow.Retrainings.Mean, 2, 15);
        Assert.True(slow.WaitHours.Mean > 1_000);
    }

    [Fact]
    public void A_class_that_asks_most_costs_less_in_late_slices_of_shards_of_its_own()
    {
        PlannedRisk[] classes = [new("high", 0.1, 0.8), new("low", 0.9, 0.2)];
        var plain = new EnsembleOptions { Shards = 10, Slices = 4 };
        var aware = RiskAssignment.Propose(plain, classes)!;
        var load = new RequestLoad { PerYear = 40, Classes = classes };

        Assert.Equal((0, "3,4"), (aware.RiskClasses["high"].Shards.Single(), string.Join(',', aware.RiskClasses["high"].Slices!)));
        Assert.Equal(Enumerable.Range(1, 9), aware.RiskClasses["low"].Shards);
        Assert.Null(aware.RiskClasses["low"].Slices);

        var corpus = PlannedCorpus.Declare(10 * Subjects, Subjects, 0, classes, 1, 3);
        Assert.Equal(Subjects / 10, corpus.Subjects.Count(s => s.RiskClass == 0));
        var costs = new CostSimulator(Recipe, corpus, load, null).Simulate([new(plain, 0), new(aware, 0), new(plain, 2_000), new(aware, 2_000)], 60, 5);

        // By hand: the shard of the risky has a tenth of the items, all in slices 3 and 4 of 4, and four requests of five go there: 1.25 instead of 1.875 epochs a stage of a tenth.
        const double Expected = (0.8 * 1.25 / 1.875) + 0.2;
        Assert.Equal(Expected, costs[1].RequestVisits.Mean / costs[0].RequestVisits.Mean, 0.05);

        // Over the year the shard of the risky empties, which makes later requests cheaper still.
        Assert.True(costs[1].YearVisits.Mean < Expected * costs[0].YearVisits.Mean);
        Assert.True(costs[3].YearVisits.Mean < 0.8 * costs[2].YearVisits.Mean);
    }

    [Fact]
    public void Large_subjects_are_as_large_as_zipf_says_and_add_up()
    {
        var corpus = PlannedCorpus.Declare(10_000, 100, 1, [], 0.25, 9);

        Assert.Equal(10_000, corpus.Items);
        Assert.Equal(100, corpus.Subjects.Count);

        // The harmonic number of 100 is 5.187; an item each is given beforehand.
        Assert.Equal(1 + (9_900 / 5.187), corpus.Subjects[0].Items, 2.0);
        Assert.Equal(1 + (9_900 / 5.187 / 2), corpus.Subjects[1].Items, 2.0);
        Assert.InRange(corpus.Subjects.Sum(s => s.Rare), 2_300, 2_700);
        Assert.All(PlannedCorpus.Declare(300, 100, 0, [], 1, 9).Subjects, s => Assert.Equal(3, s.Items));
    }

    [Fact]
    public void The_fewest_items_of_a_shard_fall_as_shards_are_added()
    {
        var corpus = PlannedCorpus.Declare(Subjects, Subjects, 0, [], 0.5, 3);
        var costs = new CostSimulator(Recipe, corpus, new RequestLoad(), null).Simulate([.. new[] { 1, 4, 400 }.Select(s => new PlanCandidate(new EnsembleOptions { Shards = s, Slices = 1 }, 0))], 30, 5);

        Assert.Equal(corpus.Subjects.Sum(s => s.Rare), costs[0].FewestPerClass.Mean);

        // The least of four binomials of 200 and a quarter is about a standard deviation (6.1) below 50.
        Assert.InRange(costs[1].FewestPerClass.Mean, 41, 46);
        Assert.Equal(0, costs[2].FewestPerClass.Mean);
    }

    [Fact]
    public void Nobody_asks_twice_and_nobody_is_left_in_the_end()
    {
        var corpus = PlannedCorpus.Declare(50, 50, 0, [], 1, 3);
        var cost = new CostSimulator(Recipe, corpus, new RequestLoad { PerYear = 100_000, SubjectsPerRequest = 3 }, null).Simulate([new(new EnsembleOptions { Shards = 2, Slices = 2 }, 0)], 3, 5).Single();

        Assert.Equal(17, cost.Requests.Mean);
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures_and_candidates_do_not_depend_on_each_other()
    {
        PlanCandidate[] candidates = [new(new EnsembleOptions { Shards = 2, Slices = 2 }, 0), new(new EnsembleOptions { Shards = 3, Slices = 2 }, 24)];
        SimulatedCost[] Run(PlanCandidate[] some, ulong seed) =>
            [.. new CostSimulator(Recipe, PlannedCorpus.Declare(500, 100, 1, [], 1, 3), new RequestLoad { PerYear = 20 }, null).Simulate(some, 5, seed)];

        Assert.Equal(Run(candidates, 5)[1].YearVisits, Run([candidates[1]], 5)[0].YearVisits);
        Assert.NotEqual(Run(candidates, 5)[1].YearVisits, Run(candidates, 6)[1].YearVisits);
    }

    private static SimulatedCost One(RequestLoad load, EnsembleOptions ensemble, double windowHours = 0, PlanRates? rates = null) =>
        new CostSimulator(Recipe, PlannedCorpus.Declare(Subjects, Subjects, 0, load.Classes, 1, 3), load, rates).Simulate([new PlanCandidate(ensemble, windowHours)], Draws, 5).Single();
}

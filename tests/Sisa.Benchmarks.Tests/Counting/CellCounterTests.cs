using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;

namespace Sisa.Benchmarks.Tests.Counting;

public sealed class CellCounterTests
{
    private static readonly GeneratedDataset Dataset = GeneratedDataset.Create(Samples.Design, [2])[0];

    [Fact]
    public void Full_retraining_visits_whatever_is_retained_at_every_request()
    {
        var count = Count(new GridCell(1, 1, ShardingRule.Plain));

        // 540 items, 3 epochs.
        Assert.Equal(540 * 3, count.FullVisits);
        Assert.Equal(539 * 3, Point(count, RequestTiming.Batched, 1).Visits.Value);
        Assert.Equal(532 * 3, Point(count, RequestTiming.Batched, 8).Visits.Value);
        Assert.Equal(Enumerable.Range(532, 8).Sum() * 3, Point(count, RequestTiming.Sequential, 8).Visits.Value);
        Assert.All(count.Points, p => Assert.Equal(1, p.SpeedUp!.Value, 1e-12));
    }

    [Fact]
    public void Requests_one_by_one_cost_the_sum_and_together_each_shard_once()
    {
        var cell = new GridCell(4, 5, ShardingRule.Plain);
        var count = Count(cell);
        var (sequential, batched) = (Point(count, RequestTiming.Sequential, 8), Point(count, RequestTiming.Batched, 8));

        Assert.Equal(8, sequential.Work.Retrainings);
        Assert.Equal(8, sequential.Work.Shards);
        Assert.Equal(1, batched.Work.Retrainings);
        Assert.InRange(batched.Work.Shards, 1, 4);
        Assert.True(batched.Visits.Value < sequential.Visits.Value);
        Assert.InRange(batched.Work.BusiestVisits, batched.Visits.Value / 2, batched.Visits.Value);
    }

    [Fact]
    public void What_a_draw_costs_is_what_an_account_says_step_by_step()
    {
        var design = Samples.Design with { Draws = 1 };
        var cell = new GridCell(4, 5, ShardingRule.Plain);
        var account = Dataset.Account(cell, design);
        var work = default(ForgettingWork);
        foreach (var requester in RequestDraw.Of(Dataset.Population, RequestPattern.Uniform, design, 0, 8))
        {
            account.Strike(requester);
            work = work.Plus(account.Retrain(account.PlacesOf(requester)));
        }

        var count = CellCounter.Count(Dataset.Population, Dataset.Account(cell, design), cell, design, [RequestPattern.Uniform], design.Epochs, default);
        Assert.Equal(work, Point(count, RequestTiming.Sequential, 8).Work);
        Assert.Equal(540 - 8, account.Items);
    }

    [Fact]
    public void A_sample_costs_something_only_when_it_is_hit()
    {
        var count = Count(new GridCell(4, 1, ShardingRule.Plain));
        var sample = count.Points.Where(p => p.Method == CostMethod.Fraction && p.Pattern == RequestPattern.Uniform).ToArray();
        var sharding = Point(count, RequestTiming.Sequential, 8);

        Assert.Equal(8, sample.Length);
        Assert.True(sample.Single(p => p.Timing == RequestTiming.Sequential && p.Requests == 8).Visits.Value < sharding.Visits.Value);
        Assert.All(sample.Where(p => p.SpeedUp is null), p => Assert.Equal(0, p.Visits.Value));
    }

    [Fact]
    public void Shards_of_their_own_make_skewed_requests_cheaper()
    {
        var design = Samples.Design with { Items = 4000, Draws = 20 };
        var dataset = GeneratedDataset.Create(design, [2])[0];
        double Cost(ShardingRule rule)
        {
            var cell = new GridCell(10, 1, rule);
            return CellCounter.Count(dataset.Population, dataset.Account(cell, design), cell, design, [RequestPattern.Skewed], design.Epochs, default).Points
                .Single(p => p is { Timing: RequestTiming.Sequential, Requests: 8 } && p.Method != CostMethod.Fraction).Visits.Value;
        }

        Assert.True(Cost(ShardingRule.RiskAware) < 0.7 * Cost(ShardingRule.Plain));
    }

    private static CellCount Count(GridCell cell) =>
        CellCounter.Count(Dataset.Population, Dataset.Account(cell, Samples.Design), cell, Samples.Design, [RequestPattern.Uniform], Samples.Design.Epochs, default);

    private static CountedPoint Point(CellCount count, RequestTiming timing, int requests) =>
        count.Points.Single(p => p.Timing == timing && p.Requests == requests && p.Method == CellCounter.MethodOf(count.Cell));
}

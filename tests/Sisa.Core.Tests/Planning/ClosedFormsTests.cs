using Sisa.Planning;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Planning;

/// <summary>Each form against a simulation of what it is about, written out here: items in places, requests, sums.</summary>
/// <remarks>A simulated mean may be four of its standard errors away; the seeds are fixed, so that it always or never is.</remarks>
public sealed class ClosedFormsTests
{
    private const int Items = 120;
    private const double Epochs = 3;
    private const int Draws = 6_000;

    private readonly SeededGenerator _random = new(Seeds.Derive(11, "closed forms"));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(1, 6)]
    [InlineData(4, 3)]
    public void Training_visits_every_item_as_often_as_there_are_epochs_however_it_is_divided(int shards, int slices) =>
        Assert.Equal(ClosedForms.Training(Items, Epochs), Mean(() => Visits(Place(shards, slices), slices, 1)), Tolerance);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 1)]
    [InlineData(1, 8)]
    [InlineData(5, 4)]
    public void One_request_visits_what_is_left_of_its_shard_from_its_slice_on(int shards, int slices) =>
        Assert.Equal(ClosedForms.OneRequest(Items, shards, slices, Epochs), Mean(() => Forget(Place(shards, slices), slices, 1)), Tolerance);

    [Fact]
    public void A_subject_of_many_items_leaves_as_many_fewer_to_visit() =>
        Assert.Equal(
            ClosedForms.OneRequest(Items, 4, 3, Epochs, forgotten: 30),
            Mean(() =>
            {
                var places = Place(4, 3);
                var subject = places[0];
                return Retrain(places[30..], [subject], 3);
            }),
            Tolerance);

    [Fact]
    public void Slicing_alone_saves_less_than_a_third()
    {
        Assert.Equal(1, ClosedForms.SlicingSpeedUp(1));
        Assert.Equal(4 / 3.0, ClosedForms.SlicingSpeedUp(4), 1e-12);
        Assert.InRange(ClosedForms.SlicingSpeedUp(100_000), 1.4999, 1.5);
    }

    [Theory]
    [InlineData(1, 4, 3)]
    [InlineData(5, 1, 12)]
    [InlineData(5, 4, 12)]
    public void Requests_one_after_another_each_visit_what_those_before_left(int shards, int slices, int requests) =>
        Assert.Equal(
            ClosedForms.Sequential(Items, shards, slices, Epochs, requests),
            Mean(() =>
            {
                var places = Place(shards, slices);
                return Enumerable.Range(0, requests).Sum(i => Forget(places[i..], slices, 1));
            }),
            Tolerance);

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 12)]
    [InlineData(3, 60)]
    public void Requests_to_shards_of_equal_size_one_after_another_come_to_the_papers_sum(int shards, int requests) =>
        Assert.Equal(
            ClosedForms.SequentialOfEqualShards(Items, shards, requests),
            Mean(() =>
            {
                // Every request goes to a shard at random and retrains what is left of it.
                var left = Enumerable.Repeat((double)Items / shards, shards).ToArray();
                return Enumerable.Range(0, requests).Sum(_ => --left[_random.NextInt32(shards)]);
            }),
            Tolerance);

    [Theory]
    [InlineData(6, 1, 4)]
    [InlineData(1, 5, 3)]
    [InlineData(5, 4, 1)]
    [InlineData(5, 4, 9)]
    [InlineData(3, 2, 40)]
    public void A_batch_visits_each_shard_that_it_touches_once_from_the_first_of_its_slices(int shards, int slices, int requests) =>
        Assert.Equal(ClosedForms.Batch(Items, shards, slices, Epochs, requests), Mean(() => Forget(Place(shards, slices), slices, requests)), Tolerance);

    [Theory]
    [InlineData(6, 4)]
    [InlineData(4, 20)]
    public void A_batch_to_shards_of_equal_size_comes_to_the_papers_sum(int shards, int requests) =>
        Assert.Equal(
            ClosedForms.BatchOfEqualShards(Items, shards, requests),
            Mean(() => ((double)Items / shards * Drawn(requests, shards).Distinct().Count()) - requests),
            Tolerance);

    [Theory]
    [InlineData(1, 3, 2)]
    [InlineData(7, 1, 5)]
    [InlineData(4, 6, 3)]
    public void A_batch_touches_as_many_shards_and_stages(int shards, int slices, int requests)
    {
        Assert.Equal(ClosedForms.ShardsTouched(shards, requests), Mean(() => Drawn(requests, shards).Distinct().Count()), Tolerance);
        Assert.Equal(
            ClosedForms.StagesRetrained(shards, slices, requests),
            Mean(() => Drawn(requests, shards * slices).GroupBy(place => place / slices).Sum(shard => slices - shard.Min(place => place % slices))),
            Tolerance);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(8, 1)]
    [InlineData(8, 3)]
    [InlineData(5, 9)]
    public void The_first_slice_of_a_batch_is_the_least_of_as_many_drawn(int slices, int requests) =>
        Assert.Equal(ClosedForms.FirstSlice(slices, requests), Mean(() => 1 + Drawn(requests, slices).Min()), Tolerance);

    [Theory]
    [InlineData(40, 0)]
    [InlineData(40, 0.5)]
    [InlineData(200, 7)]
    public void A_window_is_opened_by_the_first_that_waits(double requests, double inWindow)
    {
        // Long, so that what the ends cut off does not count.
        var length = inWindow > 0 ? inWindow / requests : 0;
        const int Years = 500;
        var (retrainings, waited, count, until, now) = (0, 0.0, 0, -1.0, 0.0);
        while (true)
        {
            now -= Math.Log(1 - _random.NextUnit()) / requests;
            if (now >= Years)
            {
                break;
            }

            (until, retrainings) = now > until ? (now + length, retrainings + 1) : (until, retrainings);
            waited += until - now;
            count++;
        }

        Assert.Equal(1, retrainings / (double)Years / ClosedForms.Retrainings(requests, inWindow), 0.03);
        Assert.Equal(ClosedForms.WaitInWindows(inWindow) * length, waited / count, 0.03 * length);
    }

    // Four standard errors of the last mean, found with it; never so wide that a form could be a twentieth off.
    private double Tolerance { get; set; }

    private double Mean(Func<double> draw)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < Draws; i++)
        {
            var value = draw();
            sum += value;
            squares += value * value;
        }

        var mean = sum / Draws;
        Tolerance = (4 * Math.Sqrt(Math.Max(0, (squares / Draws) - (mean * mean)) / Draws)) + (1e-9 * mean);
        Assert.True(Tolerance < 0.05 * mean, $"{Draws} draws do not tell: {mean} ± {Tolerance}.");
        return mean;
    }

    private int[] Drawn(int count, int bound) => [.. Enumerable.Range(0, count).Select(_ => _random.NextInt32(bound))];

    private (int Shard, int Slice)[] Place(int shards, int slices) => [.. Enumerable.Range(0, Items).Select(_ => (_random.NextInt32(shards), 1 + _random.NextInt32(slices)))];

    // The first items are forgotten: which ones does not matter, since places are drawn.
    private static double Forget((int Shard, int Slice)[] places, int slices, int requests) => Retrain(places[requests..], places[..requests], slices);

    private static double Retrain((int Shard, int Slice)[] left, (int Shard, int Slice)[] gone, int slices) =>
        gone.GroupBy(g => g.Shard).Sum(shard => Visits([.. left.Where(l => l.Shard == shard.Key)], slices, shard.Min(g => g.Slice)));

    private static double Visits((int Shard, int Slice)[] places, int slices, int firstStage) =>
        Enumerable.Range(firstStage, slices - firstStage + 1).Sum(k => 2 * Epochs / (slices + 1) * places.Count(p => p.Slice <= k));
}

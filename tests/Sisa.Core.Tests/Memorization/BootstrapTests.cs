using CsCheck;
using Sisa.Memorization;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Memorization;

public sealed class BootstrapTests
{
    private static readonly Digest Seed = Seeds.Derive(17, "test");

    [Theory]
    [InlineData(1000, 0.95, 25, 976)]
    [InlineData(999, 0.95, 25, 975)]
    [InlineData(1000, 0.9, 50, 951)]
    [InlineData(10, 0.95, 1, 10)]
    [InlineData(1, 0.95, 1, 1)]
    public void The_ends_are_the_kth_draws_from_below_and_from_above(int draws, double level, double low, double high) =>
        Assert.Equal((low, high), Bootstrap.Percentiles([.. Enumerable.Range(1, draws).Select(i => (double)i)], level));

    [Fact]
    public void The_figure_itself_counts_every_item_once()
    {
        var estimate = Bootstrap.Of(4, counts => Mean([1, 2, 3, 10], counts), Seed);

        Assert.Equal(4, estimate.Value);
        Assert.InRange(estimate.Low!.Value, 1, 4);
        Assert.InRange(estimate.High!.Value, 4, 10);
    }

    [Fact]
    public void Two_items_give_the_interval_between_them() =>

        // The means of two draws of {0, 1} are 0, 1/2 and 1, a quarter, a half and a quarter of the time.
        Assert.Equal(new Estimate(0.5, 0, 1), Bootstrap.Of(2, counts => Mean([0, 1], counts), Seed));

    [Fact]
    public void Of_many_items_the_interval_of_a_mean_is_that_of_the_normal_distribution()
    {
        double[] items = [.. Enumerable.Range(0, 400).Select(i => (i + 0.5) / 400)];
        var deviation = Math.Sqrt(items.Average(x => (x - 0.5) * (x - 0.5)) / items.Length);

        var estimate = Bootstrap.Of(items.Length, counts => Mean(items, counts), Seed, resamples: 20_000);

        Assert.Equal(0.5 - (1.96 * deviation), estimate.Low!.Value, 0.001);
        Assert.Equal(0.5 + (1.96 * deviation), estimate.High!.Value, 0.001);
    }

    [Fact]
    public void Both_samples_are_drawn_again_each_by_itself()
    {
        var estimate = Bootstrap.Of(
            3,
            5,
            (first, second) =>
            {
                Assert.Equal((3, 5), (Sum(first), Sum(second)));
                return first[0] + (10.0 * second[4]);
            },
            Seed);

        Assert.Equal(11, estimate.Value);
        Assert.Equal(0, estimate.Low!.Value);
        Assert.True(estimate.High!.Value > 20);
    }

    [Fact]
    public void Of_one_item_there_is_no_interval()
    {
        var estimate = Bootstrap.Of(1, counts => 7 * counts[0], Seed);

        Assert.Equal(new Estimate(7), estimate);
        Assert.False(estimate.HasInterval);
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_another_draws_otherwise() => Gen.ULong.Sample(
        seed =>
        {
            Estimate Draw(string purpose) => Bootstrap.Of(50, counts => Mean([.. Enumerable.Range(0, 50).Select(i => Math.Sqrt(i))], counts), Seeds.Derive(seed, purpose));
            Assert.Equal(Draw("a"), Draw("a"));
            Assert.NotEqual(Draw("a"), Draw("b"));
        },
        iter: 20);

    [Fact]
    public void Nothing_is_drawn_of_nothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Of(0, _ => 0, Seed));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Of(2, _ => 0, Seed, resamples: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Percentiles([1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bootstrap.Percentiles([], 0.5));
    }

    [Fact]
    public void Estimates_are_rounded_at_both_ends()
    {
        Assert.Equal(new Estimate(0.12, 0.01, 0.99), new Estimate(0.1234, 0.0101, 0.9899).Round(2));
        Assert.Equal(new Estimate(1.5), new Estimate(1.499).Round(1));
    }

    private static double Mean(double[] items, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        for (var i = 0; i < items.Length; i++)
        {
            sum += items[i] * counts[i];
        }

        return sum / items.Length;
    }

    private static int Sum(ReadOnlySpan<int> counts)
    {
        var sum = 0;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum;
    }
}

using CsCheck;
using Sisa.Evaluation.Intervals;
using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Evaluation.Tests.Intervals;

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
    public void A_figure_is_published_with_an_interval_where_draws_can_tell_of_one()
    {
        Estimate Figure(params double[] items) => Bootstrap.Figure(items.Length, counts => Mean(items, counts), Seed);

        Assert.True(Figure(1, 2, 3, 4, 5, 6).HasInterval);
        Assert.Equal(new Estimate(3), Figure(1, 2, 3, 4, 5));
        Assert.Equal(new Estimate(0.25), Figure(0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25));
        Assert.False(Figure(1, 2, 3, 4, 5, double.MaxValue, double.MaxValue).HasInterval);
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

    [Fact]
    public void An_interval_that_rounding_leaves_no_width_is_left_out() =>
        Assert.Equal(new Estimate(258), new Estimate(258.0004, 257.9999, 258.0012).Round(2));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.016, 0.02)]
    [InlineData(1 / 256.0, 0.004)]
    [InlineData(1 / 1000.0, 0.001)]
    [InlineData(255 / 256.0, 0.996)]
    [InlineData(0.99991, 0.9999)]
    public void A_share_is_rounded_to_none_or_to_all_only_where_it_is(double share, double rounded) =>
        Assert.Equal(new Estimate(rounded), new Estimate(share).RoundShare(2));

    private static double Mean(double[] items, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        for (var i = 0; i < items.Length; i++)
        {
            sum += items[i] * counts[i];
        }

        return sum / items.Length;
    }
}

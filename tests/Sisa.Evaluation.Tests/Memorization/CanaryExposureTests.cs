using Sisa.Evaluation.Memorization;
using Sisa.Sharding;

namespace Sisa.Evaluation.Tests.Memorization;

public sealed class CanaryExposureTests
{
    private static readonly CanaryFormat Format = new("The code of the vault is ## - ##.");

    [Fact]
    public void The_likeliest_of_all_fillings_has_the_exposure_of_the_whole_space()
    {
        var exposure = CanaryExposure.Of(16, 1, [.. Enumerable.Range(2, 15).Select(i => (double)i)]);

        Assert.Equal(new CanaryExposure(4, 4, IsExact: true, Rank: 1, Compared: 16), exposure);
        Assert.False(exposure.IsLowerBound);
    }

    [Theory]
    [InlineData(1.5, 2, 3)]
    [InlineData(3.5, 4, 2)]
    [InlineData(99, 16, 0)]
    [InlineData(3, 4, 2)]
    public void Exposure_is_what_the_rank_leaves_of_the_space(double canary, long rank, double bits)
    {
        // Others have the losses 1 to 15; one that is just as likely comes before the canary.
        var exposure = CanaryExposure.Of(16, canary, [.. Enumerable.Range(1, 15).Select(i => (double)i)]);

        Assert.Equal((rank, bits), (exposure.Rank, exposure.Bits));
    }

    [Fact]
    public void A_model_that_never_saw_it_gives_one_and_a_half_bits_on_average()
    {
        // Every rank is as likely as any other: the mean of log₂(N / rank) tends to log₂ e.
        double[] losses = [.. Enumerable.Range(0, 1000).Select(i => (double)i)];
        var canaries = losses.Select(loss => CanaryExposure.Of(1000, loss, [.. losses.Where(other => other != loss)])).ToArray();

        var mean = CanaryExposure.MeanOf(canaries, Seeds.Derive(1, "test"));

        Assert.Equal(Math.Log2(Math.E), mean.Value, 0.01);
        Assert.InRange(mean.Value, mean.Low!.Value, mean.High!.Value);
        Assert.Equal(500, canaries.Count(canary => canary.Bits <= 1), 1.0);
    }

    [Fact]
    public void A_sample_tells_no_more_than_its_size_and_says_so()
    {
        double[] sample = [.. Enumerable.Range(2, 1023).Select(i => (double)i)];

        var first = CanaryExposure.Of(1_000_000_000, 1, sample);
        Assert.Equal((10, 10, true, false), (first.Bits, first.MostBits, first.IsLowerBound, first.IsExact));
        Assert.False(CanaryExposure.Of(1_000_000_000, 2.5, sample).IsLowerBound);
    }

    [Fact]
    public void A_sample_estimates_what_all_fillings_would_have_told()
    {
        double[] all = [.. Enumerable.Range(0, 99_999).Select(i => (double)i)];
        var generator = new SeededGenerator(Seeds.Derive(3, "sample"));
        var sample = new CanaryFormat("#####").Others(99_999, 2_000, generator).Select(filling => all[(int)filling]).ToArray();

        Assert.Equal(CanaryExposure.Of(100_000, 6_250, all).Bits, CanaryExposure.Of(100_000, 6_250, sample).Bits, 0.2);
    }

    [Fact]
    public void It_is_compared_with_others_of_its_space()
    {
        Assert.Throws<ArgumentException>(() => CanaryExposure.Of(10, 1, []));
        Assert.Throws<ArgumentException>(() => CanaryExposure.Of(3, 1, [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => CanaryExposure.Of(10, double.NaN, [1, 2]));
        Assert.Throws<ArgumentException>(() => CanaryExposure.Of(10, 1, [1, double.NaN]));
    }

    [Fact]
    public void Holes_are_filled_with_digits_in_order()
    {
        Assert.Equal((4, 10_000L), (Format.Digits, Format.Space));
        Assert.Equal("The code of the vault is 00 - 42.", Format.Text(42));
        Assert.Equal("The code of the vault is 98 - 76.", Format.Text(9876));
        Assert.Throws<ArgumentOutOfRangeException>(() => Format.Text(10_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => Format.Text(-1));
    }

    [Fact]
    public void A_format_has_holes_but_not_too_many()
    {
        Assert.Throws<ArgumentException>(() => new CanaryFormat("no hole"));
        Assert.Throws<ArgumentException>(() => new CanaryFormat(new string('#', 19)));
        Assert.Equal(1_000_000_000_000_000_000, new CanaryFormat(new string('#', 18)).Space);
    }

    [Fact]
    public void A_small_space_is_compared_whole_and_a_large_one_by_different_fillings()
    {
        var generator = new SeededGenerator(Seeds.Derive(5, "others"));

        Assert.Equal([0, 1, 2, 4, 5, 6, 7, 8, 9], new CanaryFormat("#").Others(3, 9, generator));
        var drawn = Format.Others(42, 5_000, generator);
        Assert.Equal(5_000, drawn.Distinct().Count());
        Assert.DoesNotContain(42, drawn);
        Assert.All(drawn, filling => Assert.InRange(filling, 0, 9_999));
        Assert.InRange(Format.Draw(generator), 0, 9_999);
    }
}

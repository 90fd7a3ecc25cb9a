using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Designs;

namespace Sisa.Benchmarks.Tests.Counting;

public sealed class RequestDrawTests
{
    private static readonly Population Population = Samples.Population(3000);

    [Theory]
    [InlineData(RequestPattern.Uniform)]
    [InlineData(RequestPattern.Skewed)]
    public void Nobody_is_drawn_twice_and_the_same_draw_is_the_same(RequestPattern pattern)
    {
        var drawn = RequestDraw.Of(Population, pattern, Samples.Design, 4, 400);

        Assert.Equal(400, drawn.Distinct().Count());
        Assert.Equal(drawn, RequestDraw.Of(Population, pattern, Samples.Design, 4, 400));
        Assert.NotEqual(drawn, RequestDraw.Of(Population, pattern, Samples.Design, 5, 400));
        Assert.Equal(drawn.Take(8), RequestDraw.Of(Population, pattern, Samples.Design, 4, 8));
    }

    [Fact]
    public void The_declared_few_make_the_declared_share_of_skewed_requests()
    {
        var frequent = Population.Frequent.ToHashSet();
        var skewed = Enumerable.Range(0, 20).SelectMany(n => RequestDraw.Of(Population, RequestPattern.Skewed, Samples.Design, n, 100)).Count(frequent.Contains);
        var uniform = Enumerable.Range(0, 20).SelectMany(n => RequestDraw.Of(Population, RequestPattern.Uniform, Samples.Design, n, 100)).Count(frequent.Contains);

        // 2,000 draws: four standard deviations are 0.036 and 0.027.
        Assert.InRange(skewed / 2000.0, 0.764, 0.836);
        Assert.InRange(uniform / 2000.0, 0.07, 0.13);
    }

    [Fact]
    public void Where_the_few_run_out_the_others_ask()
    {
        var design = Samples.Design with { FrequentRequests = 1 };
        var drawn = RequestDraw.Of(Population, RequestPattern.Skewed, design, 0, 600);

        Assert.Equal(Population.Frequent.Order(), drawn.Take(Population.Frequent.Count).Order());
        Assert.Equal(600, drawn.Distinct().Count());
    }
}

using CsCheck;
using Sisa.Generation;
using Sisa.Models;

namespace Sisa.Core.Tests.Generation;

public sealed class TokenSamplerTests
{
    private static readonly float[] Distribution = Logs(0.1, 0.4, 0.2, 0.25, 0.05);

    [Fact]
    public void Without_temperature_the_likeliest_is_taken_and_of_equals_the_first()
    {
        Assert.Equal(1, Draw(new SamplingOptions { Temperature = 0 }));
        Assert.Equal(1, new TokenSampler(new SamplingOptions { Temperature = 0 }).Draw(Logs(0.1, 0.3, 0.3, 0.3)));
    }

    [Fact]
    public void Draws_follow_the_distribution()
    {
        var shares = Shares(new SamplingOptions());

        Assert.All(Distribution.Zip(shares), pair => Assert.Equal(Math.Exp(pair.First), pair.Second, 0.02));
    }

    [Fact]
    public void A_low_temperature_sharpens_it()
    {
        // 0.4² : 0.25² : 0.2² : 0.1² : 0.05², of 0.275 in all.
        var shares = Shares(new SamplingOptions { Temperature = 0.5 });

        Assert.Equal(0.16 / 0.275, shares[1], 0.02);
        Assert.Equal(0.0625 / 0.275, shares[3], 0.02);
    }

    [Fact]
    public void Only_the_k_likeliest_are_drawn()
    {
        var shares = Shares(new SamplingOptions { TopK = 2 });

        Assert.Equal([0, 0, 0], [shares[0], shares[2], shares[4]]);
        Assert.Equal(0.4 / 0.65, shares[1], 0.02);
        Assert.Equal(0, new TokenSampler(new SamplingOptions { TopK = 1 }).Draw(Logs(0.5, 0.5)));
    }

    [Fact]
    public void Only_the_fewest_that_come_to_p_are_drawn()
    {
        Assert.Equal([0, 0, 0], [.. new[] { 0, 2, 4 }.Select(token => Shares(new SamplingOptions { TopP = 0.6 })[token])]);
        Assert.Equal(1, Shares(new SamplingOptions { TopP = 0.39 })[1]);

        // Behind the two likeliest, 0.4 and 0.25 are 0.615 and 0.385.
        Assert.Equal(1, Shares(new SamplingOptions { TopK = 2, TopP = 0.61 })[1]);
    }

    [Fact]
    public void A_penalty_moves_to_tokens_that_were_not_drawn_yet()
    {
        // 0.4 once drawn counts as 0.4² = 0.16, then 0.25 as 0.0625.
        var sampler = new TokenSampler(new SamplingOptions { Temperature = 0, RepetitionPenalty = 2 });

        Assert.Equal([1, 3, 2, 1], [.. Enumerable.Range(0, 4).Select(_ => sampler.Draw(Distribution))]);
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_every_text_has_its_own_stream()
    {
        int[] Draws(ulong seed, int text)
        {
            var sampler = new TokenSampler(new SamplingOptions { Seed = seed }, text);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Draw(Distribution))];
        }

        Assert.Equal(Draws(1, 0), Draws(1, 0));
        Assert.NotEqual(Draws(1, 0), Draws(2, 0));
        Assert.NotEqual(Draws(1, 0), Draws(1, 1));
    }

    [Fact]
    public void A_token_that_cannot_follow_is_never_drawn() =>
        Gen.Select(Gen.ULong, Gen.Double[0.1, 3], Gen.Int[0, 4], Gen.Double[0.05, 1]).Sample((seed, temperature, k, p) =>
        {
            var sampler = new TokenSampler(new SamplingOptions { Seed = seed, Temperature = temperature, TopK = k, TopP = p });
            float[] logs = [float.NegativeInfinity, -1f, -0.7f, float.NegativeInfinity];
            for (var i = 0; i < 20; i++)
            {
                Assert.InRange(sampler.Draw(logs), 1, 2);
            }
        });

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(new SamplingOptions { Temperature = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(new SamplingOptions { TopK = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(new SamplingOptions { TopP = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(new SamplingOptions { RepetitionPenalty = 0.5 }));
    }

    [Theory]
    [InlineData(float.NaN, -1f)]
    [InlineData(-1f, float.NaN)]
    [InlineData(float.PositiveInfinity, -1f)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity)]
    public void Nothing_is_drawn_from_what_is_no_distribution(float first, float second)
    {
        Assert.Throws<ArgumentException>(() => TokenSampler.Likeliest<float>([first, second]));
        Assert.Throws<ArgumentException>(() => new TokenSampler(new SamplingOptions { Temperature = 0 }).Draw([first, second]));
        Assert.Throws<ArgumentException>(() => new TokenSampler(new SamplingOptions()).Draw([first, second]));
    }

    [Fact]
    public void Of_equally_likely_tokens_the_first_is_the_likeliest_and_the_mark_before_texts_never_is()
    {
        float[] uniform = [-1, -1, -1];
        TokenSampler.Exclude(uniform, new TokenNumbers(3, 0, 2));
        Assert.Equal(1, TokenSampler.Likeliest<float>(uniform));

        // A mark that stands before and after texts ends them, so it must be drawn.
        float[] both = [-1, -1];
        TokenSampler.Exclude(both, new TokenNumbers(2, 0, 0));
        Assert.Equal(0, TokenSampler.Likeliest<float>(both));
        Assert.Throws<ArgumentException>(() => TokenSampler.Likeliest<float>([]));
    }

    [Fact]
    public void A_penalty_beyond_all_numbers_leaves_something_to_draw()
    {
        var sampler = new TokenSampler(new SamplingOptions { Temperature = 0, RepetitionPenalty = double.MaxValue });

        Assert.Equal([0, 1, 0], [.. Enumerable.Range(0, 3).Select(_ => sampler.Draw([-2, -3]))]);
    }

    private static int Draw(SamplingOptions options) => new TokenSampler(options).Draw(Distribution);

    private static double[] Shares(SamplingOptions options)
    {
        const int Draws = 4000;
        var sampler = new TokenSampler(options);
        var counts = new double[Distribution.Length];
        for (var i = 0; i < Draws; i++)
        {
            counts[sampler.Draw(Distribution)] += 1.0 / Draws;
        }

        return [.. counts.Select(share => Math.Round(share, 6))];
    }

    private static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];
}

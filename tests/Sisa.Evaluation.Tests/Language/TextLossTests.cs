using Sisa.Evaluation.Language;
using Sisa.Evaluation.Membership;
using Sisa.Sharding;

namespace Sisa.Evaluation.Tests.Language;

public sealed class TextLossTests
{
    private static readonly float Half = MathF.Log(0.5f);

    [Fact]
    public void Perplexity_is_the_inverse_geometric_mean_of_the_probabilities()
    {
        // 1/2 · 1/8 = 1/16 over two tokens: as if each had been one of four.
        var loss = TextLoss.Of([Half, MathF.Log(0.125f)]);

        Assert.Equal(2, loss.Tokens);
        Assert.Equal(4, loss.Perplexity, 6);
        Assert.Equal(4, loss.Bits, 6);
        Assert.Equal(Math.Log(4), loss.PerToken, 6);
    }

    [Fact]
    public void What_is_known_by_heart_has_perplexity_1_and_a_guess_that_of_the_vocabulary()
    {
        Assert.Equal(1, TextLoss.Of([0, 0, 0]).Perplexity);
        Assert.Equal(258, TextLoss.Of([-MathF.Log(258), -MathF.Log(258)]).Perplexity, 3);
    }

    [Fact]
    public void Of_several_texts_every_token_counts_alike()
    {
        // Three tokens of probability 1 and one of 1/16: 16^(1/4) = 2, though the mean of the texts' perplexities is 8.5.
        TextLoss[] texts = [TextLoss.Of([0, 0, 0]), TextLoss.Of([MathF.Log(1 / 16f)])];

        Assert.Equal(2, TextLoss.PerplexityOf(texts, Seeds.Derive(1, "test"))!.Value, 6);
        var many = TextLoss.PerplexityOf([.. Enumerable.Range(0, 40).Select(i => texts[i % 2])], Seeds.Derive(1, "test"))!;
        Assert.Equal(2, many.Value, 6);
        Assert.InRange(many.Low!.Value, 1.1, 2);
        Assert.InRange(many.High!.Value, 2, 6);
    }

    [Theory]
    [InlineData(0.2, 4)]
    [InlineData(0.4, 3.5)]
    [InlineData(0.5, 3.5)]
    [InlineData(1.0, 2)]
    [InlineData(0.01, 4)]
    public void The_least_likely_tokens_alone_are_looked_at(double share, double loss) =>
        Assert.Equal(loss, MinKProbability.Loss([-0.5f, -4, -1, -3, -1.5f], share), 6);

    [Fact]
    public void A_fifth_is_looked_at_unless_asked_otherwise() =>
        Assert.Equal(9.5, MinKProbability.Loss([.. Enumerable.Range(1, 10).Select(i => -(float)i)]));

    [Fact]
    public void There_must_be_a_token_and_a_share()
    {
        Assert.Throws<ArgumentException>(() => MinKProbability.Loss([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MinKProbability.Loss([-1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MinKProbability.Loss([-1], 1.1));
    }
}

using Sisa.Evaluation.Language;

namespace Sisa.Evaluation.Tests.Language;

public sealed class LanguageTallyTests
{
    [Fact]
    public void Figures_are_those_of_all_tokens_together()
    {
        // 1/2, 1/4 and 1/8: 6 bits over 3 tokens; 3 bytes of text.
        var tally = new LanguageTally();
        tally.Add([MathF.Log(0.5f), MathF.Log(0.25f)], 1);
        tally.Add([MathF.Log(0.125f)], 2);
        var figures = tally.Figures();

        Assert.Equal((2, 3, 3), (figures.Items, figures.Tokens, figures.Bytes));
        Assert.Equal(2 * Math.Log(2), figures.NatsPerToken, 1e-6);
        Assert.Equal(4, figures.Perplexity!.Value, 1e-5);
        Assert.Equal(2, figures.BitsPerByte, 1e-6);
        Assert.Equal(6 * Math.Log(2), tally.Nats, 1e-6);
    }

    [Fact]
    public void A_model_that_knows_everything_pays_nothing()
    {
        var tally = new LanguageTally();
        tally.Add([0, 0], 1);

        Assert.Equal((1, 0), (tally.Figures().Perplexity!.Value, tally.Figures().BitsPerByte));
    }

    [Fact]
    public void There_are_no_figures_of_no_text()
    {
        var tally = new LanguageTally();
        Assert.Throws<InvalidOperationException>(tally.Figures);
        tally.Add([-1], 0);
        Assert.Throws<InvalidOperationException>(tally.Figures);
    }
}

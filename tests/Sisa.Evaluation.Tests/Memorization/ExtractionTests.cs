using CsCheck;
using Sisa.Evaluation.Memorization;

namespace Sisa.Evaluation.Tests.Memorization;

public sealed class ExtractionTests
{
    private static readonly Extraction Rule = new();

    [Theory]
    [InlineData(1000, 50, 50)]
    [InlineData(100, 50, 50)]
    [InlineData(99, 49, 50)]
    [InlineData(40, 20, 20)]
    [InlineData(16, 8, 8)]
    public void A_short_text_is_cut_in_proportion(int tokens, int prompt, int continuation) => Assert.Equal((prompt, continuation), Rule.Cut(tokens));

    [Theory]
    [InlineData(14)]
    [InlineData(1)]
    [InlineData(0)]
    public void A_text_with_next_to_nothing_to_hold_back_is_left_out(int tokens) => Assert.Null(Rule.Cut(tokens));

    [Fact]
    public void No_more_is_cut_than_the_model_sees_at_once() => Assert.Equal((32, 32), Rule.Cut(1000, most: 64));

    [Fact]
    public void Prompt_and_continuation_are_parameters() => Assert.Equal((32, 96), new Extraction(32, 96).Cut(500));

    [Fact]
    public void A_cut_never_reaches_beyond_the_text() => Gen.Select(Gen.Int[0, 300], Gen.Int[1, 80], Gen.Int[1, 80], Gen.Int[1, 200]).Sample((tokens, prompt, continuation, most) =>
        new Extraction(prompt, continuation).Cut(tokens, most) is not { } cut
        || (cut.Prompt > 0 && cut.Continuation >= Rule.Least && cut.Prompt + cut.Continuation <= Math.Min(tokens, most) && cut.Prompt <= prompt && cut.Prompt + cut.Continuation <= prompt + continuation));

    [Theory]
    [InlineData(60, 200, 10, 50, 50)]
    [InlineData(20, 40, 0, 20, 20)]
    [InlineData(200, 210, 150, 50, 10)]
    public void Of_a_span_the_prompt_is_what_stands_before_it(int start, int end, int from, int prompt, int continuation) =>
        Assert.Equal((from, prompt, continuation), Rule.CutBefore(start..end));

    [Theory]
    [InlineData(0, 40, 100)]
    [InlineData(30, 37, 100)]
    [InlineData(30, 60, 8)]
    public void A_span_with_nothing_before_it_or_next_to_nothing_in_it_is_left_out(int start, int end, int most) => Assert.Null(Rule.CutBefore(start..end, most));

    [Fact]
    public void A_continuation_is_reproduced_word_for_word_or_not_at_all()
    {
        Assert.True(Extraction.IsReproduced([5, 6, 7], [5, 6, 7, 8]));
        Assert.False(Extraction.IsReproduced([5, 6, 7], [5, 6, 8, 7]));
        Assert.False(Extraction.IsReproduced([5, 6, 7], [5, 6]));
    }

    [Fact]
    public void The_share_of_reproduced_texts_has_an_interval()
    {
        var share = Extraction.ShareOf([.. Enumerable.Range(0, 100).Select(i => i < 30)]);

        // Wilson: (0.3 + 1.92 / 100 ± 1.96 · √(0.3 · 0.7 / 100 + 0.96 / 100²)) / (1 + 3.84 / 100).
        Assert.Equal(0.3, share.Value);
        Assert.Equal(0.2189, share.Low!.Value, 0.0005);
        Assert.Equal(0.3958, share.High!.Value, 0.0005);
    }
}

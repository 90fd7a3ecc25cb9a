using System.Text;
using System.Text.Json;
using Sisa.Evaluation.ForgetQuality;
using Sisa.Evaluation.Language;
using Sisa.Evaluation.Membership;
using Sisa.Evaluation.Memorization;
using Sisa.Evidence;
using Sisa.Measurements;

namespace Sisa.Evaluation.Tests.ForgetQuality;

public sealed class LanguageForgettingTests
{
    private static readonly Extraction Rule = new();

    [Fact]
    public void Few_texts_are_ranked_one_by_one()
    {
        var measured = Of(new ScoredTexts([Text(1), Text(4)], [Text(0.5)], [Text(2), Text(3), Text(5), Text(6)]));

        Assert.Equal((2, 1, 4), (measured.Items, measured.Neighbours, measured.Unseen));
        Assert.Null(measured.ByLoss!.Auc);
        Assert.Equal([0.5, 1], measured.ByLoss.Ranks!);
        Assert.Equal(measured.ByLoss.Ranks, measured.ByMinK!.Ranks);
        Assert.Equal(Math.Round(Math.Exp(0.5), 2), measured.NeighbourPerplexity!.Value);
        Assert.False(measured.NeighbourPerplexity.HasInterval);
    }

    [Fact]
    public void From_twenty_texts_up_there_is_an_area_with_an_interval_and_no_text_by_itself()
    {
        var measured = Of(new ScoredTexts([.. Enumerable.Repeat(Text(0.1), MembershipInference.MinItems)], [], [Text(1), Text(2)]));

        // Newcombe's interval of 20 against 2.
        Assert.Equal((1, 1), (measured.ByLoss!.Auc!.Value, measured.ByLoss.Auc.High!.Value));
        Assert.InRange(measured.ByLoss.Auc.Low!.Value, 0.4, 0.8);
        Assert.Null(measured.ByLoss.Ranks);
        Assert.Null(measured.NeighbourPerplexity);
    }

    [Fact]
    public void Each_text_is_compared_under_the_constituent_of_its_own_shard()
    {
        var measured = Of(new ScoredTexts([Text(1)], [], [Text(2), Text(2)]), new ScoredTexts([Text(11)], [], [Text(12), Text(12)]), new ScoredTexts([], [Text(9)], [Text(1), Text(1)]));

        Assert.Equal([1, 1], measured.ByLoss!.Ranks!);
        Assert.Equal((2, 0), (measured.Unseen, measured.Neighbours));
    }

    [Fact]
    public void Perplexity_is_of_all_tokens_together_and_a_span_of_its_own()
    {
        // Half of eight tokens known, half one of four.
        float[] tokens = [0, 0, 0, 0, -MathF.Log(4), -MathF.Log(4), -MathF.Log(4), -MathF.Log(4)];

        var measured = Of(new ScoredTexts([TextScore.Of(tokens, [6..9])], [], []));

        Assert.Equal(2, measured.Perplexity!.Value);
        Assert.Equal(4, measured.SpanPerplexity!.Value);
        Assert.Null(measured.UnseenPerplexity);
        Assert.Null(measured.ByLoss);
        Assert.Null(measured.Extraction);
    }

    [Fact]
    public void The_first_token_of_a_text_is_not_predicted()
    {
        Assert.Equal(new TextLoss(1, 1), TextScore.Of([-1, -2, -3], [0..2]).Span);
        Assert.Null(TextScore.Of([-1, -2, -3], [0..1]).Span);
        Assert.Equal(new TextLoss(5, 2), TextScore.Of([-1, -2, -3], [2..4]).Span);
        Assert.Equal(new TextLoss(4, 2), TextScore.Of([-1, -2, -3], [1..2, 3..4]).Span);
    }

    [Fact]
    public void Of_the_texts_that_were_long_enough_the_share_that_is_reproduced_is_told()
    {
        var measured = Of(new ScoredTexts([Text(1) with { IsReproduced = true }, Text(1) with { IsReproduced = false }, Text(1)], [], []));

        Assert.Equal((50, 50, 2, 0.5), (measured.Extraction!.Prompt, measured.Extraction.Continuation, measured.Extraction.Items, measured.Extraction.Share.Value));
    }

    [Fact]
    public void Where_nothing_is_left_of_the_shards_nothing_is_told()
    {
        var measured = Of(new ScoredTexts([], [Text(1)], [Text(1)]));

        Assert.Equal((0, 0, 0), (measured.Items, measured.Neighbours, measured.Unseen));
        Assert.Null(measured.Perplexity);
    }

    [Fact]
    public void Measurements_of_a_classifier_are_written_as_ever_and_those_of_a_language_model_come_back()
    {
        Assert.Equal("{}", JsonSerializer.Serialize(new ForgettingMeasurements(), EvidenceJson.Options));
        foreach (var perplexity in new[] { new Estimate(7, 6, 8), null })
        {
            var measured = new ForgettingMeasurements(Language: Of(new ScoredTexts([Text(1), Text(4)], [Text(0.5)], [Text(2), Text(3)])) with { Utility = new RetainedText { Items = 2, Perplexity = perplexity, BitsPerByte = 2.5, LeftOut = 1 }, Absent = [new AbsentFigure("spanPerplexity", AbsenceReason.TooLarge)] });
            var bytes = JsonSerializer.SerializeToUtf8Bytes(measured, EvidenceJson.Options);

            Assert.Equal(bytes, JsonSerializer.SerializeToUtf8Bytes(StrictJson.Read<ForgettingMeasurements>(bytes, EvidenceJson.Options), EvidenceJson.Options));
        }
    }

    [Theory]
    [InlineData("""{"effectiveness":{"items":25,"loss":0.77,"unseen":1,"unseenLoss":0.96,"membershipAuc":1},"utility":{"figures":{"items":1,"accuracy":1,"macroF1":1,"logLoss":0.5,"calibrationError":0.4},"leftOut":0}}""")]
    [InlineData("""{"language":{"items":2,"perplexity":{"value":258,"low":258,"high":258},"neighbours":0,"unseen":1,"unseenPerplexity":{"value":258},"byLoss":{"ranks":[0.5,0.5]},"byMinK":{"auc":{"value":1,"low":1,"high":1}},"extraction":{"prompt":50,"continuation":50,"items":2,"share":{"value":1,"low":1,"high":1}},"utility":{"items":1,"perplexity":{"value":258},"bitsPerByte":8.5,"leftOut":0}}}""")]
    public void Measurements_that_earlier_versions_wrote_are_read_and_written_as_they_are(string json) =>
        Assert.Equal(json, JsonSerializer.Serialize(StrictJson.Read<ForgettingMeasurements>(Encoding.UTF8.GetBytes(json), EvidenceJson.Options), EvidenceJson.Options));

    [Fact]
    public void A_figure_that_is_absent_has_its_reason_in_words_of_the_format() => Assert.Equal(
        """{"absent":[{"figure":"language","reason":"no-model"}]}""",
        JsonSerializer.Serialize(ForgettingMeasurements.None(isLanguageModel: true, AbsenceReason.NoModel), EvidenceJson.Options));

    [Fact]
    public void The_claims_that_every_certificate_makes_are_those_of_before() =>
        Assert.DoesNotContain(FixedWords.RetrainOracle, FixedWords.Claims);

    private static LanguageForgetting Of(params ScoredTexts[] shards) => LanguageForgettingFigures.Of(shards, Rule, null, AbsenceReason.NoUnseen, 17);

    // Ten tokens of the same loss.
    private static TextScore Text(double loss) => TextScore.Of([.. Enumerable.Repeat(-(float)loss, 10)], []);
}

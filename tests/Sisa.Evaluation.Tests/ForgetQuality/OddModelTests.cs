using Sisa.Aggregation;
using Sisa.Evaluation.Classification;
using Sisa.Evaluation.ForgetQuality;
using Sisa.Evaluation.Language;
using Sisa.Evaluation.Membership;
using Sisa.Evaluation.Memorization;
using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Evaluation.Tests.ForgetQuality;

/// <summary>Every figure of a certificate and of an evaluation, of models and data that are not as one expects: what the definition gives, or no figure and a reason.</summary>
public sealed class OddModelTests
{
    private const int Many = 25;

    private static readonly float[] Uniform = [0.25f, 0.25f, 0.25f, 0.25f];
    private static readonly float[] Constant = [1, 0, 0, 0];

    // ---- Classifiers: accuracy, macro-F1, log-loss, calibration error -------------------------------------------------------------

    public static TheoryData<string, float[], int[], double, double, double, double> Classifiers { get; } = new()
    {
        // A uniform model answers with the first label: ln 4, and confidence 1/4 for 1/4 right. F1 of that label 2 · 1/4 / (1 + 1/4), of the others 0.
        { "uniform, four labels alike", Uniform, [0, 1, 2, 3], 0.25, 0.1, Math.Log(4), 0 },
        { "uniform, one label", Uniform, [0, 0], 1, 1, Math.Log(4), 0.75 },
        { "uniform, one label that is not the first", Uniform, [3, 3], 0, 0, Math.Log(4), 0.25 },

        // A loss is floored where the probability is 1e-12.
        { "constant, right", Constant, [0, 0, 0], 1, 1, 0, 0 },
        { "constant, half right", Constant, [0, 1], 0.5, 1 / 3.0, Math.Log(1e12) / 2, 0.5 },
        { "constant, wrong", Constant, [1, 2, 3], 0, 0, Math.Log(1e12), 1 },
        { "a single item", [0.2f, 0.8f, 0, 0], [1], 1, 1, -Math.Log(0.8f), 0.2 },
    };

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void Figures_of_a_classifier_are_those_of_their_definitions(string model, float[] probabilities, int[] labels, double accuracy, double macroF1, double logLoss, double calibration)
    {
        var tally = new ClassificationTally(4);
        foreach (var label in labels)
        {
            tally.Add(label, Aggregator.ArgMax(probabilities), probabilities);
        }

        var figures = tally.Figures();
        Assert.Equal(labels.Length, figures.Items);
        foreach (var (name, right, found) in new[] { ("accuracy", accuracy, figures.Accuracy), ("macro-F1", macroF1, figures.MacroF1), ("log-loss", logLoss, figures.LogLoss), ("calibration error", calibration, figures.CalibrationError) })
        {
            Assert.True(Math.Abs(right - found) < 1e-6, $"{model}: {name} is {found}, expected {right}.");
            Assert.False(double.IsNegative(found), $"{model}: {name} is below 0, or minus 0.");
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_classifier_without_numbers_has_no_figures_and_gives_no_answer(float nothing)
    {
        var tally = new ClassificationTally(2);
        Assert.Throws<ArgumentException>(() => tally.Add(0, 0, [nothing, 0.5f]));
        Assert.Throws<ArgumentException>(() => tally.Add(1, 0, [nothing, 0.5f]));
        Assert.Equal(0, tally.Items);
        Assert.Throws<InvalidOperationException>(tally.Figures);
        Assert.All(Aggregator.Rules, rule => Assert.Throws<ArgumentException>(() => Aggregator.Join(rule, [nothing, 0.5f], new float[2])));
    }

    // ---- Classifiers: membership inference by loss --------------------------------------------------------------------------------

    public static TheoryData<string, double, double[], double, double, double> Areas { get; } = new()
    {
        // Ends by Newcombe 2006, method 3, the wider way round, for 25 items; computed apart from the program.
        { "all ties", 1, [1, 1, 1], 0.5, 0.19, 0.81 },
        { "one unseen item, which is a tie", 1, [1], 0.5, 0.10, 0.90 },
        { "one unseen item, with a higher loss", 1, [2], 1, 0.39, 1 },
        { "one unseen item, with a lower loss", 2, [1], 0, 0, 0.61 },
        { "far from many unseen items", 0, [.. Enumerable.Repeat(1.0, 1000)], 1, 0.93, 1 },
        { "losses as large as numbers get", double.MaxValue, [1, double.MaxValue], 0.25, 0.04, 0.68 },
    };

    [Theory]
    [MemberData(nameof(Areas))]
    public void An_area_under_the_curve_counts_ties_half_and_has_an_interval_of_some_width(string model, double loss, double[] unseen, double area, double low, double high)
    {
        double[] losses = [.. Enumerable.Repeat(loss, Many)];
        var figures = EffectivenessFigures.Of([(losses, unseen)])!;
        var language = MembershipInference.Auc([new MembershipGroup(losses, unseen)]).RoundShare(2);

        Assert.True(Math.Abs(figures.MembershipAuc!.Value - area) < 0.005, $"{model}: {figures.MembershipAuc}");
        Assert.Equal((figures.MembershipAuc, figures.MembershipLow, figures.MembershipHigh), (language.Value, language.Low, language.High));
        Assert.True(Math.Abs(figures.MembershipLow!.Value - low) < 0.006 && Math.Abs(figures.MembershipHigh!.Value - high) < 0.006, $"{model}: {figures.MembershipLow} to {figures.MembershipHigh}");
        Assert.Null(figures.LossRanks);
    }

    [Fact]
    public void Few_items_have_ranks_and_neither_an_area_nor_an_interval()
    {
        var figures = EffectivenessFigures.Of([([1.0, 3.0], [2.0])])!;

        Assert.Equal([0, 1], figures.LossRanks!);
        Assert.Equal<double?>([null, null, null], [figures.MembershipAuc, figures.MembershipLow, figures.MembershipHigh]);
    }

    [Fact]
    public void What_cannot_be_measured_is_absent_with_its_reason()
    {
        var effectiveness = EffectivenessFigures.Of([([1.0], [])])!;
        Assert.Null(effectiveness.UnseenLoss);
        Assert.Null(effectiveness.LossRanks);

        var none = ForgettingMeasurements.OfClassifier(null, null, AbsenceReason.Failed);
        Assert.Equal([new("effectiveness", AbsenceReason.NoModel), new("utility", AbsenceReason.Failed)], none.Absent!);
        Assert.Equal([new("utility", AbsenceReason.NoUnseen)], ForgettingMeasurements.OfClassifier(effectiveness, null, AbsenceReason.NoUnseen).Absent!);
        Assert.Null(ForgettingMeasurements.OfClassifier(effectiveness, new RetainedUtility(new ClassificationFigures(1, 1, 1, 0, 0), 0), AbsenceReason.NoUnseen).Absent);
        Assert.Equal([new("language", AbsenceReason.Failed)], ForgettingMeasurements.None(isLanguageModel: true, AbsenceReason.Failed).Absent!);
    }

    // ---- Language models ----------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_uniform_model_has_the_perplexity_of_its_vocabulary_and_gives_nothing_away()
    {
        var text = Text(-MathF.Log(258)) with { IsReproduced = false };
        var measured = Of([.. Enumerable.Repeat(text, Many)], [text, text], [.. Enumerable.Repeat(text, 30)]);

        // All texts cost the same: no draw tells how far another sample might be.
        Assert.Equal(new Estimate(258), measured.Perplexity);
        Assert.Equal(new Estimate(258), measured.UnseenPerplexity);
        Assert.Equal(new Estimate(258), measured.NeighbourPerplexity);
        foreach (var attack in new[] { measured.ByLoss!, measured.ByMinK! })
        {
            Assert.Equal(0.5, attack.Auc!.Value);
            Assert.True(attack.Auc.Low < 0.4 && attack.Auc.High > 0.6);
        }

        Assert.Equal(0, measured.Extraction!.Share.Value);
        Assert.Equal(0, measured.Extraction.Share.Low);
        Assert.Equal(0.13, measured.Extraction.Share.High!.Value, 0.005);
        Assert.Null(measured.Absent);
    }

    [Fact]
    public void A_constant_model_that_is_right_knows_every_text_by_heart()
    {
        var measured = Of([.. Enumerable.Repeat(Text(0) with { IsReproduced = true }, Many)], [], [Text(-1)]);

        Assert.Equal(new Estimate(1), measured.Perplexity);
        Assert.Equal((1, 1), (measured.ByLoss!.Auc!.Value, measured.ByMinK!.Auc!.Value));
        Assert.True(measured.ByLoss.Auc.Low < 0.5);
        Assert.Equal((1, 0.87), (measured.Extraction!.Share.Value, Math.Round(measured.Extraction.Share.Low!.Value, 2)));
    }

    [Fact]
    public void A_perplexity_beyond_all_numbers_is_absent_with_its_reason_and_the_losses_are_still_compared()
    {
        var huge = TextScore.Of([.. Enumerable.Repeat(-1000f, 10)], [3..6]);
        var utility = new RetainedText { Items = 1, Perplexity = TextLoss.PerplexityOf([huge.Loss], Seeds.Derive(1, "test")), BitsPerByte = huge.Loss.Bits, LeftOut = 0 };
        var measured = LanguageForgettingFigures.Of([new ScoredTexts([.. Enumerable.Repeat(huge, Many)], [huge], [huge])], new Extraction(), utility, AbsenceReason.NoUnseen, 17);

        Assert.Equal<Estimate?>([null, null, null, null, null], [measured.Perplexity, measured.SpanPerplexity, measured.NeighbourPerplexity, measured.UnseenPerplexity, measured.Utility!.Perplexity]);
        Assert.Equal(0.5, measured.ByLoss!.Auc!.Value);
        Assert.Equal(
            ["perplexity", "spanPerplexity", "neighbourPerplexity", "unseenPerplexity", "utility.perplexity"],
            measured.Absent!.Where(a => a.Reason == AbsenceReason.TooLarge).Select(a => a.Figure));
        Assert.Contains(new AbsentFigure("extraction", AbsenceReason.TooShort), measured.Absent!);

        var tally = new LanguageTally();
        tally.Add([-1000, -1000], 1);
        Assert.Null(tally.Figures().Perplexity);
        Assert.Equal((1000, 2000 / Math.Log(2)), (tally.Figures().NatsPerToken, tally.Figures().BitsPerByte));
    }

    [Fact]
    public void A_sample_that_reaches_beyond_all_numbers_in_some_draws_alone_has_a_figure_without_an_interval()
    {
        TextLoss[] texts = [.. Enumerable.Range(0, 8).Select(i => TextLoss.Of([i == 0 ? -5000f : -1f]))];

        var perplexity = TextLoss.PerplexityOf(texts, Seeds.Derive(1, "test"))!;

        Assert.Equal(5007 / 8.0, Math.Log(perplexity.Value), 1e-9);
        Assert.False(perplexity.HasInterval);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_language_model_without_numbers_has_no_figures(float nothing)
    {
        Assert.Throws<ArgumentException>(() => TextLoss.Of([-1, nothing]));
        Assert.Throws<ArgumentException>(() => MinKProbability.Loss([-1, nothing]));
        Assert.Throws<ArgumentException>(() => TextScore.Of([-1, nothing], []));
        Assert.Throws<ArgumentException>(() => new LanguageTally().Add([nothing], 1));
    }

    [Fact]
    public void What_rounding_puts_above_certainty_costs_nothing()
    {
        var tally = new LanguageTally();
        tally.Add([1e-7f, 0], 1);

        Assert.Equal((0, 1, 0), (tally.Figures().NatsPerToken, tally.Figures().Perplexity!.Value, tally.Figures().BitsPerByte));
        Assert.False(double.IsNegative(tally.Figures().BitsPerByte));
        Assert.False(double.IsNegative(ClassificationTally.Loss(1)));
        Assert.Equal(0, ClassificationTally.Loss(1.0000001f));
    }

    [Fact]
    public void A_single_text_has_figures_and_an_interval_of_its_share_alone()
    {
        var measured = Of([Text(-1) with { IsReproduced = true }], [], []);

        Assert.Equal(new Estimate(2.72), measured.Perplexity);
        Assert.Equal((1, 0.21, 1), (measured.Extraction!.Share.Value, measured.Extraction.Share.Low, measured.Extraction.Share.High));
        Assert.Equal(
            [new("unseenPerplexity", AbsenceReason.Failed), new("byLoss", AbsenceReason.Failed), new("byMinK", AbsenceReason.Failed), new("utility", AbsenceReason.Failed)],
            measured.Absent!);
    }

    [Fact]
    public void Without_a_model_to_ask_that_is_the_reason()
    {
        var measured = Of([], [Text(-1)], [Text(-1)]);

        Assert.Equal((0, 0, 0), (measured.Items, measured.Neighbours, measured.Unseen));
        Assert.Equal(new AbsentFigure("perplexity", AbsenceReason.NoModel), measured.Absent![0]);
    }

    [Theory]
    [InlineData(1, 256, 0.004)]
    [InlineData(255, 256, 0.996)]
    [InlineData(0, 256, 0)]
    [InlineData(256, 256, 1)]
    public void One_text_of_many_that_is_reproduced_is_not_rounded_to_none(int reproduced, int texts, double share)
    {
        var measured = Of([.. Enumerable.Range(0, texts).Select(i => Text(-1) with { IsReproduced = i < reproduced })], [], []);

        Assert.Equal(share, measured.Extraction!.Share.Value);
        Assert.True(measured.Extraction.Share.Low < measured.Extraction.Share.High);
        Assert.InRange(share, measured.Extraction.Share.Low!.Value, measured.Extraction.Share.High!.Value);
    }

    // ---- Exposure -----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_uniform_model_exposes_no_canary_and_a_model_without_numbers_has_no_exposure()
    {
        Assert.Equal((0, 10), (CanaryExposure.Of(10, 5, [.. Enumerable.Repeat(5.0, 9)]).Bits, CanaryExposure.Of(10, 5, [.. Enumerable.Repeat(5.0, 9)]).Rank));
        Assert.Equal(0, CanaryExposure.Of(10, double.PositiveInfinity, [.. Enumerable.Repeat(5.0, 9)]).Bits);
        Assert.Throws<ArgumentException>(() => CanaryExposure.Of(10, double.NaN, [.. Enumerable.Repeat(5.0, 9)]));
        Assert.False(CanaryExposure.MeanOf([.. Enumerable.Repeat(CanaryExposure.Of(2, 1, [2]), 12)], Seeds.Derive(1, "test")).HasInterval);
    }

    private static LanguageForgetting Of(TextScore[] forgotten, TextScore[] neighbours, TextScore[] unseen) =>
        LanguageForgettingFigures.Of([new ScoredTexts(forgotten, neighbours, unseen)], new Extraction(), unseen.Length > 0 ? new RetainedText { Items = unseen.Length, Perplexity = new Estimate(2), BitsPerByte = 1, LeftOut = 0 } : null, AbsenceReason.Failed, 17);

    // Ten tokens of the same log-probability.
    private static TextScore Text(float logProbability) => TextScore.Of([.. Enumerable.Repeat(logProbability, 10)], []);
}

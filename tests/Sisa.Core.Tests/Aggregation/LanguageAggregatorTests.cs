using CsCheck;
using Sisa.Aggregation;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Core.Tests.Aggregation;

public sealed class LanguageAggregatorTests
{
    private const float Tolerance = 1e-6f;

    private static readonly AggregationRule[] Rules = [AggregationRule.MeanProbability, AggregationRule.LogMean, AggregationRule.PosteriorWeighted];

    [Fact]
    public void The_mean_of_a_half_and_a_quarter_is_three_eighths()
    {
        var joined = new float[2];
        LanguageAggregator.Score(AggregationRule.MeanProbability, Logs(0.5, 0.2, 0.25, 0.6), [], joined);

        Assert.Equal(Math.Log(0.375), joined[0], Tolerance);
        Assert.Equal(Math.Log(0.4), joined[1], Tolerance);
    }

    [Fact]
    public void The_geometric_mean_is_normalised_over_the_vocabulary()
    {
        // √(0.5·0.2), √(0.3·0.3), √(0.2·0.5): 0.316228, 0.3, 0.316228, which sum to 0.932456.
        var rows = Logs(0.5, 0.3, 0.2, 0.2, 0.3, 0.5);
        var predicted = new float[3];
        LanguageAggregator.Predict(AggregationRule.LogMean, rows, [], predicted);

        Assert.Equal(0.339137, Math.Exp(predicted[0]), 1e-5);
        Assert.Equal(0.321726, Math.Exp(predicted[1]), 1e-5);
        Assert.Equal(Math.Log(0.932456), LanguageAggregator.LogNormaliser(rows, 3), 1e-5);
        var scored = new float[1];
        LanguageAggregator.Score(AggregationRule.LogMean, Logs(0.3, 0.3), [(float)LanguageAggregator.LogNormaliser(rows, 3)], scored);
        Assert.Equal(predicted[1], scored[0], Tolerance);
    }

    [Fact]
    public void The_posterior_starts_uniform_and_follows_Bayes()
    {
        // Weights: 1/2, 1/2; then 0.8 : 0.2; then 0.8 · 0.5 : 0.2 · 0.25 = 8 : 1.
        var joined = new float[3];
        LanguageAggregator.Score(AggregationRule.PosteriorWeighted, Logs(0.8, 0.5, 0.9, 0.2, 0.25, 0.45), [], joined);

        Assert.Equal(0.5, Math.Exp(joined[0]), Tolerance);
        Assert.Equal((0.8 * 0.5) + (0.2 * 0.25), Math.Exp(joined[1]), Tolerance);
        Assert.Equal(((8 * 0.9) + 0.45) / 9, Math.Exp(joined[2]), Tolerance);
        var posterior = new TextPosterior(2);
        posterior.Observe(Logs(0.8, 0.2));
        posterior.Observe(Logs(0.5, 0.25));
        Assert.Equal(8 / 9.0, Math.Exp(posterior.LogWeights[0]), 1e-6);
        var predicted = new float[2];
        LanguageAggregator.Predict(AggregationRule.PosteriorWeighted, Logs(0.9, 0.1, 0.45, 0.55), posterior.LogWeights, predicted);
        Assert.Equal(joined[2], predicted[0], Tolerance);
    }

    [Fact]
    public void Under_the_posterior_a_text_costs_what_the_mixture_of_whole_texts_does() =>
        Gen.Float[-8f, -0.01f].Array[2, 40].Sample(logs =>
        {
            var tokens = logs.Length / 2;
            logs = logs[..(tokens * 2)];
            var joined = new float[tokens];
            LanguageAggregator.Score(AggregationRule.PosteriorWeighted, logs, [], joined);
            double first = logs[..tokens].Sum(x => (double)x), second = logs[tokens..].Sum(x => (double)x);
            var whole = Math.Max(first, second) + Math.Log(1 + Math.Exp(-Math.Abs(first - second))) - Math.Log(2);
            Assert.Equal(whole, joined.Sum(x => (double)x), 1e-3);
        });

    [Fact]
    public void Every_rule_gives_a_distribution() =>
        Gen.Select(Gen.Int[1, 4], Gen.Float[-9f, 9f].Array[4, 80]).Sample((constituents, logits) =>
        {
            var vocabulary = Math.Max(1, logits.Length / constituents);
            var logs = new float[constituents * vocabulary];
            for (var c = 0; c < constituents; c++)
            {
                var row = Enumerable.Range(0, vocabulary).Select(v => logits[((c * vocabulary) + v) % logits.Length]).ToArray();
                var total = Math.Log(row.Sum(x => Math.Exp(x)));
                for (var v = 0; v < vocabulary; v++)
                {
                    logs[(c * vocabulary) + v] = (float)(row[v] - total);
                }
            }

            foreach (var rule in Rules)
            {
                var joined = new float[vocabulary];
                LanguageAggregator.Predict(rule, logs, new TextPosterior(constituents).LogWeights, joined);
                Assert.Equal(1, joined.Sum(x => Math.Exp(x)), 1e-4);
                if (constituents == 1)
                {
                    Assert.All(joined.Zip(logs), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
                }
            }
        });

    [Fact]
    public void Lengths_that_do_not_fit_and_rules_for_classifiers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => LanguageAggregator.Score(AggregationRule.MeanProbability, new float[5], [], new float[2]));
        Assert.Throws<ArgumentException>(() => LanguageAggregator.Score(AggregationRule.LogMean, new float[4], [], new float[2]));
        Assert.Throws<ArgumentException>(() => LanguageAggregator.Predict(AggregationRule.PosteriorWeighted, new float[4], [0], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => LanguageAggregator.Predict(AggregationRule.MajorityVote, new float[4], [], new float[2]));
        Assert.Throws<ArgumentException>(() => new TextPosterior(2).Observe([0f]));
        LanguageAggregator.Score(AggregationRule.LogMean, [], [], []);
    }

    [Fact]
    public void Weights_are_averaged_only_where_all_started_alike()
    {
        var recipe = new Recipe { Task = TaskKind.LanguageModel, Model = new DecoderOptions() };

        Assert.Equal(Rules, LanguageAggregator.Rules(recipe));
        Assert.Equal([.. Rules, AggregationRule.WeightAverage], LanguageAggregator.Rules(recipe with { Training = new TrainingOptions { Init = InitKind.Shared } }));
    }

    private static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];
}

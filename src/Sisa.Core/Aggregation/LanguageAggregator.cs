using Sisa.Training;

namespace Sisa.Aggregation;

/// <summary>Joins what constituents that are language models say of tokens; nothing here is trained.</summary>
/// <remarks>Pure and thread-safe. Everything is a logarithm of a probability, in nats. <see cref="AggregationRule.WeightAverage"/> joins weights, not answers: one model
/// answers, and nothing is left to join.</remarks>
public static class LanguageAggregator
{
    /// <summary>The rules that apply to a recipe's language models, in the order of <see cref="AggregationRule"/>.</summary>
    /// <param name="recipe">The recipe.</param>
    public static IReadOnlyList<AggregationRule> Rules(Recipe recipe) =>
        [.. AggregationTable.All.Where(method => method.AppliesTo(recipe) && recipe.Task == TaskKind.LanguageModel).Select(method => method.Rule)];

    /// <summary>Log-probabilities of the tokens of one text, each given those before it, under the ensemble.</summary>
    /// <param name="rule">A rule that joins answers.</param>
    /// <param name="logProbabilities">Row-major [constituents, tokens]: each token's under each constituent, in the order of the text.</param>
    /// <param name="logNormalisers">For <see cref="AggregationRule.LogMean"/>, of each token: ln Σ exp(mean over constituents of the log-probability), the sum being over
    /// the vocabulary (see <see cref="LogNormaliser"/>). Not read otherwise.</param>
    /// <param name="joined">Receives one log-probability a token.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void Score(AggregationRule rule, ReadOnlySpan<float> logProbabilities, ReadOnlySpan<float> logNormalisers, Span<float> joined)
    {
        var tokens = joined.Length;
        if (tokens == 0)
        {
            return;
        }

        var constituents = Rows(logProbabilities.Length, tokens);
        var (join, needs) = Of(rule);
        var isNormalised = needs.HasFlag(AggregationNeeds.LogNormalisers);
        if (isNormalised && logNormalisers.Length != tokens)
        {
            throw new ArgumentException($"{logNormalisers.Length} normalisers were given for {tokens} tokens.", nameof(logNormalisers));
        }

        var posterior = new TextPosterior(constituents);
        var column = new float[constituents];
        for (var t = 0; t < tokens; t++)
        {
            Column(logProbabilities, tokens, t, column);
            joined[t] = (float)join(column, isNormalised ? logNormalisers[t] : 0, posterior.LogWeights);
            posterior.Observe(column);
        }
    }

    /// <summary>The distribution of the next token under the ensemble.</summary>
    /// <param name="rule">A rule that joins answers.</param>
    /// <param name="logProbabilities">Row-major [constituents, vocabulary]; the probabilities of each row sum to 1.</param>
    /// <param name="logWeights">For <see cref="AggregationRule.PosteriorWeighted"/>: <see cref="TextPosterior.LogWeights"/> of the text so far. Not read otherwise.</param>
    /// <param name="joined">Receives one log-probability a token number.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void Predict(AggregationRule rule, ReadOnlySpan<float> logProbabilities, ReadOnlySpan<double> logWeights, Span<float> joined)
    {
        var vocabulary = joined.Length;
        var constituents = Rows(logProbabilities.Length, vocabulary);
        var (join, needs) = Of(rule);
        if (needs.HasFlag(AggregationNeeds.TextPosterior) && logWeights.Length != constituents)
        {
            throw new ArgumentException($"{logWeights.Length} weights were given for {constituents} constituents.", nameof(logWeights));
        }

        var normaliser = needs.HasFlag(AggregationNeeds.LogNormalisers) ? LogNormaliser(logProbabilities, vocabulary) : 0;
        var column = new float[constituents];
        for (var token = 0; token < vocabulary; token++)
        {
            Column(logProbabilities, vocabulary, token, column);
            joined[token] = (float)join(column, normaliser, logWeights);
        }
    }

    /// <summary>ln Σ exp(mean over constituents of the log-probability), the sum being over the vocabulary: what makes a geometric mean a distribution.</summary>
    /// <param name="logProbabilities">Row-major [constituents, vocabulary].</param>
    /// <param name="vocabulary">Token numbers that there are.</param>
    /// <returns>At most 0; 0 where all constituents agree.</returns>
    public static double LogNormaliser(ReadOnlySpan<float> logProbabilities, int vocabulary)
    {
        var column = new float[Rows(logProbabilities.Length, vocabulary)];
        var means = new double[vocabulary];
        for (var token = 0; token < vocabulary; token++)
        {
            Column(logProbabilities, vocabulary, token, column);
            means[token] = MeanLog(column);
        }

        return LogSum.Of(means);
    }

    /// <summary>Mean of the probabilities.</summary>
    internal static double MeanProbability(ReadOnlySpan<float> column, double logNormaliser, ReadOnlySpan<double> logWeights) => LogSumOf(column, []) - Math.Log(column.Length);

    /// <summary>Normalised geometric mean of the probabilities.</summary>
    internal static double LogMean(ReadOnlySpan<float> column, double logNormaliser, ReadOnlySpan<double> logWeights) => MeanLog(column) - logNormaliser;

    /// <summary>Mean of the probabilities, weighted.</summary>
    internal static double Weighted(ReadOnlySpan<float> column, double logNormaliser, ReadOnlySpan<double> logWeights) => LogSumOf(column, logWeights);

    private static int Rows(int length, int columns) => columns > 0 && length > 0 && length % columns == 0
        ? length / columns
        : throw new ArgumentException($"{length} log-probabilities cannot form rows of {columns}.");

    private static void Column(ReadOnlySpan<float> matrix, int columns, int index, Span<float> column)
    {
        for (var row = 0; row < column.Length; row++)
        {
            column[row] = matrix[(row * columns) + index];
        }
    }


    private static double LogSumOf(ReadOnlySpan<float> column, ReadOnlySpan<double> logWeights)
    {
        Span<double> terms = column.Length <= 256 ? stackalloc double[column.Length] : new double[column.Length];
        for (var c = 0; c < column.Length; c++)
        {
            terms[c] = column[c] + (logWeights.IsEmpty ? 0 : logWeights[c]);
        }

        return LogSum.Of(terms);
    }

    private static double MeanLog(ReadOnlySpan<float> column)
    {
        double sum = 0;
        foreach (var value in column)
        {
            sum += value;
        }

        return sum / column.Length;
    }

    private static (TokenJoiner Join, AggregationNeeds Needs) Of(AggregationRule rule)
    {
        var method = AggregationTable.Of(rule);
        return method is { Tokens: { } join } && !method.Needs.HasFlag(AggregationNeeds.AverageWeights)
            ? (join, method.Needs)
            : throw new ArgumentOutOfRangeException(nameof(rule), rule, "This rule does not join the answers of language models.");
    }
}

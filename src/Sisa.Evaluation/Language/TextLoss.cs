using Sisa.Evaluation.Intervals;
using Sisa.Measurements;

namespace Sisa.Evaluation.Language;

/// <summary>How badly a model predicts a text, or a part of one.</summary>
/// <param name="Nats">Sum of −ln p over the tokens that were predicted.</param>
/// <param name="Tokens">How many those are.</param>
public readonly record struct TextLoss(double Nats, long Tokens)
{
    /// <summary>Mean −ln p of a token.</summary>
    public double PerToken => Nats / Tokens;

    /// <summary>exp of the mean −ln p of a token: 1 for a text that is known by heart, the size of the vocabulary for pure guessing. Above 709.78 nats a token it is infinite, see
    /// <see cref="PerplexityOf"/>.</summary>
    public double Perplexity => Math.Exp(PerToken);

    /// <summary>−log₂ of the probability of all tokens together: Carlini et al. 2019, section 4, call it log-perplexity.</summary>
    public double Bits => Nats / Math.Log(2);

    /// <summary>Sums over tokens.</summary>
    /// <param name="logProbabilities">ln p of each token given those before it; what rounding put above 0 counts as 0.</param>
    /// <exception cref="ArgumentException">One is not finite: a model that says so has no loss.</exception>
    public static TextLoss Of(ReadOnlySpan<float> logProbabilities)
    {
        double nats = 0;
        foreach (var value in logProbabilities)
        {
            nats -= float.IsFinite(value) ? Math.Min(value, 0) : throw new ArgumentException($"The logarithm of a probability is {value}, expected a finite number.", nameof(logProbabilities));
        }

        return new TextLoss(nats, logProbabilities.Length);
    }

    /// <summary>Perplexity of all tokens of several texts together, and an interval over the texts.</summary>
    /// <param name="texts">The texts, at least one, each with at least one token.</param>
    /// <param name="seed">Where the draws begin.</param>
    /// <returns>The estimate, its interval as <see cref="Bootstrap.Figure"/> gives it; <see langword="null"/> if it exceeds every number, some 1.8e308.</returns>
    public static Estimate? PerplexityOf(IReadOnlyList<TextLoss> texts, Digest seed)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var estimate = Bootstrap.Figure(texts.Count, counts => Sum(texts, counts).Perplexity, seed);
        return double.IsFinite(estimate.Value) ? estimate : null;
    }

    private static TextLoss Sum(IReadOnlyList<TextLoss> texts, ReadOnlySpan<int> counts)
    {
        var (nats, tokens) = (0.0, 0L);
        for (var i = 0; i < counts.Length; i++)
        {
            nats += counts[i] * texts[i].Nats;
            tokens += counts[i] * texts[i].Tokens;
        }

        return new TextLoss(nats, tokens);
    }
}

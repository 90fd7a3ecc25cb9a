using Sisa.Evaluation.Language;

namespace Sisa.Evaluation.Membership;

/// <summary>A text from the training data has few tokens that surprise the model. The mean over the most surprising ones distinguishes members from others.</summary>
/// <remarks>Pure. Min-K% Prob: Shi et al., <i>Detecting Pretraining Data from Large Language Models</i>, ICLR 2024, section 3.</remarks>
public static class MinKProbability
{
    /// <summary>Share of the tokens that are looked at: 20 %, which did best in the paper.</summary>
    public const double Share = 0.2;

    /// <summary>Mean −ln p over the ⌊n · share⌋ least likely of n tokens, at least one: low for what was trained on, as a loss is.</summary>
    /// <param name="logProbabilities">ln p of each token given those before it, at least one.</param>
    /// <param name="share">Share of the tokens, above 0 and at most 1; 1 gives the mean loss.</param>
    /// <exception cref="ArgumentException">There is no token.</exception>
    public static double Loss(ReadOnlySpan<float> logProbabilities, double share = Share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        if (logProbabilities.IsEmpty)
        {
            throw new ArgumentException("The text has no tokens.", nameof(logProbabilities));
        }

        float[] sorted = [.. logProbabilities];
        Array.Sort(sorted);
        return TextLoss.Of(sorted.AsSpan(0, Math.Max(1, (int)(sorted.Length * share)))).PerToken;
    }
}

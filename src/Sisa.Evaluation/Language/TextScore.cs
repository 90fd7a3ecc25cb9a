using Sisa.Evaluation.Membership;

namespace Sisa.Evaluation.Language;

/// <summary>The score of one text under one model.</summary>
/// <param name="Loss">Loss of all its tokens but the first.</param>
/// <param name="MinK">Mean −ln p of its least likely tokens (<see cref="MinKProbability"/>).</param>
/// <param name="Span">Loss of the tokens that a request cuts; <see langword="null"/> if it cuts none, or if they cannot be determined.</param>
/// <param name="IsReproduced">Whether the model reproduces what is held back of it (<see cref="Memorization.Extraction"/>); <see langword="null"/> if that was not tried.</param>
public sealed record TextScore(TextLoss Loss, double MinK, TextLoss? Span = null, bool? IsReproduced = null)
{
    /// <summary>Scores a text.</summary>
    /// <param name="logProbabilities">ln p of each token but the first given those before it; at least one.</param>
    /// <param name="spans">Tokens that are cut out of it, as positions in the text whose first token is 0.</param>
    /// <exception cref="ArgumentException">There is no token.</exception>
    public static TextScore Of(ReadOnlySpan<float> logProbabilities, IReadOnlyList<Range> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        var span = default(TextLoss);
        foreach (var range in spans)
        {
            // The first token is not predicted.
            var (from, to) = (Math.Max(range.Start.Value, 1) - 1, range.End.Value - 1);
            var part = from < to ? TextLoss.Of(logProbabilities[from..to]) : default;
            span = new TextLoss(span.Nats + part.Nats, span.Tokens + part.Tokens);
        }

        return new TextScore(TextLoss.Of(logProbabilities), MinKProbability.Loss(logProbabilities), span.Tokens > 0 ? span : null);
    }
}

/// <summary>Texts under the one model that may have learnt the forgotten ones.</summary>
/// <param name="Forgotten">The forgotten texts.</param>
/// <param name="Neighbours">Retained texts that the model was trained on.</param>
/// <param name="Unseen">Texts that no model saw; the same ones in the same order for every model.</param>
public sealed record ScoredTexts(IReadOnlyList<TextScore> Forgotten, IReadOnlyList<TextScore> Neighbours, IReadOnlyList<TextScore> Unseen);

using Sisa.Evaluation.Intervals;
using Sisa.Measurements;

namespace Sisa.Evaluation.Memorization;

/// <summary>Whether a model goes on with a text word for word when it is given the beginning: discoverable extraction.</summary>
/// <remarks>
/// Pure. A text is extracted when the model, given its first tokens and always taking the likeliest next one, yields the tokens that follow (Carlini et al., <i>Quantifying
/// Memorization Across Neural Language Models</i>, ICLR 2023, definition 3.1; before it <i>Extracting Training Data from Large Language Models</i>, USENIX Security 2021). A text that
/// is too short for both is cut in proportion, so that short texts are measured too; one whose held-back part would have fewer than <see cref="Least"/> tokens is left out, since
/// those are reproduced by chance. Marks before and after the text do not count.
/// </remarks>
/// <param name="Prompt">Tokens that the model is given.</param>
/// <param name="Continuation">Tokens that it must reproduce.</param>
/// <param name="Least">Fewest tokens of a continuation that mean anything.</param>
public sealed record Extraction(int Prompt = 50, int Continuation = 50, int Least = 8)
{
    /// <summary>How a text is cut.</summary>
    /// <param name="tokens">Tokens of the text, without marks.</param>
    /// <param name="most">Most tokens that are looked at: what the model can see at once.</param>
    /// <returns>Where the continuation begins and how long it is; <see langword="null"/> for a text that is left out.</returns>
    public (int Prompt, int Continuation)? Cut(int tokens, int most = int.MaxValue)
    {
        var length = Math.Min(Math.Min(tokens, most), Prompt + Continuation);
        var prompt = (int)((long)length * Prompt / (Prompt + Continuation));
        return length - prompt >= Least && prompt > 0 ? (prompt, length - prompt) : null;
    }

    /// <summary>How a text is cut of which a span is held back: the prompt is what stands before the span, the continuation its beginning.</summary>
    /// <param name="span">The span, in tokens of the text.</param>
    /// <param name="most">Most tokens that are looked at.</param>
    /// <returns>Where the prompt begins, how long it is, and how long the continuation; <see langword="null"/> if there is too little of either.</returns>
    public (int From, int Prompt, int Continuation)? CutBefore(Range span, int most = int.MaxValue)
    {
        var (start, end) = (span.Start.Value, span.End.Value);
        var continuation = Math.Min(Math.Min(end - start, Continuation), most - 1);
        var prompt = Math.Min(Math.Min(start, Prompt), most - continuation);
        return continuation >= Least && prompt > 0 ? (start - prompt, prompt, continuation) : null;
    }

    /// <summary>Whether a continuation was reproduced.</summary>
    /// <param name="continuation">The tokens that follow in the text.</param>
    /// <param name="generated">The model's continuation. Only the length of the true continuation is compared.</param>
    public static bool IsReproduced(ReadOnlySpan<int> continuation, ReadOnlySpan<int> generated) => generated.StartsWith(continuation);

    /// <summary>The share of texts that were reproduced, and Wilson's interval (<see cref="ScoreInterval"/>).</summary>
    /// <param name="reproduced">For each text whether it was; at least one.</param>
    public static Estimate ShareOf(IReadOnlyCollection<bool> reproduced)
    {
        ArgumentNullException.ThrowIfNull(reproduced);
        return ScoreInterval.OfShare((double)reproduced.Count(isReproduced => isReproduced) / Math.Max(1, reproduced.Count), reproduced.Count);
    }
}

using System.Text.Json.Serialization;
using Sisa.Evaluation.Language;

namespace Sisa.Serving.Answering;

/// <summary>An ensemble's answer to a row; written as JSON with camel-case names.</summary>
/// <param name="Id">Id of the row.</param>
/// <param name="Label">The label that was chosen.</param>
/// <param name="Probabilities">The joined probability of every label, in the recipe's order.</param>
/// <param name="Epoch">Epoch of the bundle that answered.</param>
public sealed record Prediction(string Id, string Label, IReadOnlyDictionary<string, float> Probabilities, long Epoch)
{
    /// <summary>Makes an answer of joined probabilities.</summary>
    /// <param name="id">Id of the row.</param>
    /// <param name="labels">The recipe's labels.</param>
    /// <param name="probabilities">One probability a label.</param>
    /// <param name="chosen">Index of the label that was chosen.</param>
    /// <param name="epoch">Epoch of the bundle that answered.</param>
    public static Prediction Of(string id, IReadOnlyList<string> labels, ReadOnlySpan<float> probabilities, int chosen, long epoch)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var byLabel = new Dictionary<string, float>(labels.Count, StringComparer.Ordinal);
        for (var i = 0; i < labels.Count; i++)
        {
            byLabel.Add(labels[i], probabilities[i]);
        }

        return new Prediction(id, labels[chosen], byLabel, epoch);
    }
}

/// <summary>The cost of a text for an ensemble of language models; written as JSON with camel-case names.</summary>
/// <param name="Id">Id of the text.</param>
/// <param name="Tokens">Tokens that were predicted.</param>
/// <param name="Nats">Sum of their negative log-probabilities, natural logarithm.</param>
/// <param name="Perplexity">Exponential of the mean; <see langword="null"/> if it is beyond all numbers, and for a text without a token or a byte.</param>
/// <param name="BitsPerByte">Bits per byte of UTF-8; <see langword="null"/> for a text without a token or a byte.</param>
/// <param name="Epoch">Epoch of the bundle that answered.</param>
public sealed record TextCost(string Id, long Tokens, double Nats, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Perplexity, double? BitsPerByte, long Epoch)
{
    /// <summary>Makes an answer of the log-probabilities of a text.</summary>
    /// <param name="passage">The text.</param>
    /// <param name="logProbabilities">One a token.</param>
    /// <param name="epoch">Epoch of the bundle that answered.</param>
    public static TextCost Of(Passage passage, ReadOnlySpan<float> logProbabilities, long epoch)
    {
        ArgumentNullException.ThrowIfNull(passage);
        var tally = new LanguageTally();
        tally.Add(logProbabilities, passage.Bytes);

        // A text without a byte has a cost, that of its mark, but no rate.
        var figures = tally is { Tokens: > 0, Bytes: > 0 } ? tally.Figures() : null;
        return new TextCost(passage.Id, tally.Tokens, tally.Nats, figures?.Perplexity, figures?.BitsPerByte, epoch);
    }
}

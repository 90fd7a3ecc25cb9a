using System.Text.Json.Serialization;
using Sisa.Memorization;

namespace Sisa.Aggregation;

/// <summary>Figures of a language model over texts. The mark behind a text is a token like any other: that it had to be expected counts everywhere.</summary>
/// <param name="Items">Number of texts.</param>
/// <param name="Tokens">Tokens that were predicted: all but the first of each text.</param>
/// <param name="Bytes">Bytes of UTF-8 of the texts, without marks.</param>
/// <param name="NatsPerToken">Mean of −ln p(token), given those before it in its window.</param>
/// <param name="Perplexity">exp(<paramref name="NatsPerToken"/>); comparable between models of the same tokenizer alone. <see langword="null"/> where it exceeds every number, some 1.8e308.</param>
/// <param name="BitsPerByte">Cost of all tokens in bits, marks included, per byte of text; comparable between tokenizers.</param>
public sealed record LanguageFigures(
    long Items,
    long Tokens,
    long Bytes,
    double NatsPerToken,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Perplexity,
    double BitsPerByte);

/// <summary>Adds up what texts cost a language model.</summary>
/// <remarks>Not thread-safe. Memory: four numbers.</remarks>
public sealed class LanguageTally
{
    private double _nats;

    /// <summary>Texts counted.</summary>
    public long Items { get; private set; }

    /// <summary>Tokens counted.</summary>
    public long Tokens { get; private set; }

    /// <summary>Bytes of text counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Cost of the tokens so far, in nats.</summary>
    public double Nats => _nats;

    /// <summary>Counts a text.</summary>
    /// <param name="logProbabilities">Of every token but the first, in nats.</param>
    /// <param name="bytes">Bytes of UTF-8 of the text.</param>
    public void Add(ReadOnlySpan<float> logProbabilities, long bytes)
    {
        _nats += TextLoss.Of(logProbabilities).Nats;
        Items++;
        Tokens += logProbabilities.Length;
        Bytes += bytes;
    }

    /// <summary>The figures so far.</summary>
    /// <exception cref="InvalidOperationException">No token, or no byte, was counted.</exception>
    public LanguageFigures Figures() => new TextLoss(_nats, Tokens) is var loss && Tokens > 0 && Bytes > 0
        ? new LanguageFigures(Items, Tokens, Bytes, loss.PerToken, double.IsFinite(loss.Perplexity) ? loss.Perplexity : null, loss.Bits / Bytes)
        : throw new InvalidOperationException("There are no figures of no text.");
}

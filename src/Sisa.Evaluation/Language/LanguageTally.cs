using Sisa.Measurements;

namespace Sisa.Evaluation.Language;

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
        : throw new InvalidOperationException("No texts were counted, so there are no figures.");
}

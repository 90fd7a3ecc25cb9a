using System.Text.Json.Serialization;

namespace Sisa.Measurements;

/// <summary>Figures of a language model over texts. The mark behind a text is a token like any other: that it had to be expected counts everywhere.</summary>
/// <param name="Items">Number of texts.</param>
/// <param name="Tokens">Tokens that were predicted: all but the first of each text.</param>
/// <param name="Bytes">Bytes of UTF-8 of the texts, without marks.</param>
/// <param name="NatsPerToken">Mean of −ln p(token), given those before it in its window.</param>
/// <param name="Perplexity">exp(<paramref name="NatsPerToken"/>), comparable only between models of the same tokenizer. <see langword="null"/> above about 1.8e308.</param>
/// <param name="BitsPerByte">Cost of all tokens in bits, marks included, per byte of text; comparable between tokenizers.</param>
public sealed record LanguageFigures(
    long Items,
    long Tokens,
    long Bytes,
    double NatsPerToken,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Perplexity,
    double BitsPerByte);

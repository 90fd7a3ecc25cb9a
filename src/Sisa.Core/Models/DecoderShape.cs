using System.Text.Json.Serialization;

namespace Sisa.Models;

/// <summary>Sizes of a decoder of the Llama family.</summary>
public sealed record DecoderShape
{
    /// <summary>Token numbers that there are.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head, even.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int Hidden { get; init; }

    /// <summary>Whether the output layer is the table of embeddings.</summary>
    public bool TieEmbeddings { get; init; }

    /// <summary>Base of the rotary positions' wave lengths.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Added to the mean square of a norm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether queries, keys and values have biases, as in Qwen2.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Rows of queries, keys and values together: outputs of the fused projection.</summary>
    [JsonIgnore]
    public int QueryKeyValueWidth => (Heads + (2 * KeyValueHeads)) * HeadWidth;

    /// <summary>Numbers of all parameters.</summary>
    [JsonIgnore]
    public long Parameters
    {
        get
        {
            var attention = (long)(QueryKeyValueWidth * ((long)Width + (AttentionBias ? 1 : 0))) + ((long)Heads * HeadWidth * Width);
            var layer = attention + (3L * Width * Hidden) + (2L * Width);
            return ((long)Vocabulary * Width * (TieEmbeddings ? 1 : 2)) + (Layers * layer) + Width;
        }
    }
}

using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

/// <summary>A matrix product of a decoder.</summary>
internal enum DecoderProduct
{
    /// <summary>Queries, keys and values together.</summary>
    QueryKeyValue,

    /// <summary>Output of the attention.</summary>
    AttentionOutput,

    /// <summary>Gates and ups together.</summary>
    GateUp,

    /// <summary>Output of the feed-forward layer.</summary>
    Down,
}

/// <summary>A norm of a layer.</summary>
internal enum DecoderNorm
{
    /// <summary>Before the attention.</summary>
    Attention,

    /// <summary>Before the feed-forward layer.</summary>
    FeedForward,
}

/// <summary>The weights of a decoder's computation: those of one model, of a base with an adapter, or of all constituents side by side.</summary>
/// <remarks>Inputs are [N, T, width]: N sequences of T positions. Where several constituents are computed side by side, N is constituents × sequences, constituent by constituent.
/// Results are in the current dispose scope.</remarks>
internal abstract class DecoderWeights
{
    /// <summary>Vectors of tokens.</summary>
    /// <param name="tokens_NT">Token numbers.</param>
    public abstract torch.Tensor Embed(torch.Tensor tokens_NT);

    /// <summary>Multiplies by the gains of a layer's norm.</summary>
    /// <param name="x_NTW">Normalised input.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="norm">Which of its norms.</param>
    public abstract torch.Tensor Gain(torch.Tensor x_NTW, int layer, DecoderNorm norm);

    /// <summary>Multiplies by the gains of the last norm.</summary>
    /// <param name="x_NTW">Normalised input.</param>
    public abstract torch.Tensor FinalGain(torch.Tensor x_NTW);

    /// <summary>A product of a layer.</summary>
    /// <param name="x_NTI">The input.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="product">Which one.</param>
    public abstract torch.Tensor Multiply(torch.Tensor x_NTI, int layer, DecoderProduct product);

    /// <summary>Computes the logits.</summary>
    /// <param name="x">[P, width], or [N, T, width].</param>
    public abstract torch.Tensor Head(torch.Tensor x);
}

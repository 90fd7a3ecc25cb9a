using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Sequences;

/// <summary>The weights of one decoder.</summary>
/// <param name="layout">Where each is among the parameters.</param>
/// <param name="parameters">The parameters.</param>
/// <param name="precision">Numbers in which products are computed.</param>
internal sealed class PlainWeights(DecoderLayout layout, ParameterSet parameters, ComputePrecision precision = ComputePrecision.Full) : DecoderWeights
{
    /// <inheritdoc/>
    public override torch.Tensor Embed(torch.Tensor tokens_NT) =>
        parameters.Lookup(layout.Embedding, tokens_NT.view(-1)).view(tokens_NT.shape[0], tokens_NT.shape[1], layout.Shape.Width);

    /// <inheritdoc/>
    public override torch.Tensor Gain(torch.Tensor x_NTW, int layer, DecoderNorm norm) =>
        x_NTW * parameters[norm == DecoderNorm.Attention ? layout[layer].AttentionNorm : layout[layer].FeedForwardNorm];

    /// <inheritdoc/>
    public override torch.Tensor FinalGain(torch.Tensor x_NTW) => x_NTW * parameters[layout.FinalNorm];

    /// <inheritdoc/>
    public override torch.Tensor Multiply(torch.Tensor x_NTI, int layer, DecoderProduct product)
    {
        var block = layout[layer];
        return product switch
        {
            DecoderProduct.QueryKeyValue => Linear(x_NTI, block.QueryKeyValue, block.QueryKeyValueBias),
            DecoderProduct.AttentionOutput => Linear(x_NTI, block.AttentionOutput),
            DecoderProduct.GateUp => Linear(x_NTI, block.GateUp),
            _ => Linear(x_NTI, block.Down),
        };
    }

    /// <inheritdoc/>
    public override torch.Tensor Head(torch.Tensor x) => Linear(x, layout.Head);

    private torch.Tensor Linear(torch.Tensor x, int weight, int bias = -1)
    {
        var shift = bias < 0 ? null : parameters[bias];
        return precision == ComputePrecision.Full
            ? functional.linear(x, parameters[weight], shift)
            : functional.linear(x.bfloat16(), parameters[weight].bfloat16(), shift?.bfloat16()).to_type(torch.float32);
    }
}

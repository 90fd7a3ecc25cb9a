using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Models.Decoders;

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
    public override torch.Tensor Gain(torch.Tensor x_NTW, int layer, DecoderNorm norm) => x_NTW * parameters[layout.Norm(layer, norm)];

    /// <inheritdoc/>
    public override torch.Tensor FinalGain(torch.Tensor x_NTW) => x_NTW * parameters[layout.FinalNorm];

    /// <inheritdoc/>
    public override torch.Tensor Multiply(torch.Tensor x_NTI, int layer, DecoderProduct product) => Linear(x_NTI, layout.Product(layer, product));

    /// <inheritdoc/>
    public override torch.Tensor Head(torch.Tensor x) => Linear(x, (layout.Head, -1));

    private torch.Tensor Linear(torch.Tensor x, (int Weight, int Bias) product) =>
        Products.Linear(x, parameters[product.Weight], product.Bias < 0 ? null : parameters[product.Bias], precision);
}

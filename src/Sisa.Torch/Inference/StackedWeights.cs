using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>The weights of several decoders, computed side by side: one product a layer for all of them.</summary>
/// <remarks>Shapes: S constituents, B sequences that all of them read, N = S · B, constituent by constituent, T positions, I inputs, O outputs, V vocabulary, W width. Owns a copy of
/// the weights; not thread-safe.</remarks>
internal sealed class StackedWeights : DecoderWeights, IDisposable
{
    private readonly DecoderLayout _layout;
    private readonly ComputePrecision _precision;
    private readonly StackedParameters _parameters;

    /// <summary>Copies the weights of all constituents.</summary>
    /// <param name="layout">Where each is among the parameters.</param>
    /// <param name="members">Parameters of the constituents, at least one.</param>
    /// <param name="precision">Numbers in which products are computed.</param>
    public StackedWeights(DecoderLayout layout, IReadOnlyList<ParameterSet> members, ComputePrecision precision)
    {
        (_layout, _precision) = (layout, precision);
        _parameters = new StackedParameters(members);
    }

    /// <inheritdoc/>
    /// <remarks>Takes [B, T], what all constituents read.</remarks>
    public override torch.Tensor Embed(torch.Tensor tokens_NT)
    {
        var (sequences, length) = (tokens_NT.shape[0], tokens_NT.shape[1]);
        return _parameters[_layout.Embedding].index_select(1, tokens_NT.reshape(-1)).view(_parameters.Constituents * sequences, length, _layout.Shape.Width);
    }

    /// <inheritdoc/>
    public override torch.Tensor Gain(torch.Tensor x_NTW, int layer, DecoderNorm norm) => Gain(x_NTW, _layout.Norm(layer, norm));

    /// <inheritdoc/>
    public override torch.Tensor FinalGain(torch.Tensor x_NTW) => Gain(x_NTW, _layout.FinalNorm);

    /// <inheritdoc/>
    public override torch.Tensor Multiply(torch.Tensor x_NTI, int layer, DecoderProduct product) => Linear(x_NTI, _layout.Product(layer, product));

    /// <inheritdoc/>
    /// <remarks>Takes only [N, T, width].</remarks>
    public override torch.Tensor Head(torch.Tensor x) => Linear(x, (_layout.Head, -1));

    /// <inheritdoc/>
    public void Dispose() => _parameters.Dispose();

    private torch.Tensor Gain(torch.Tensor x_NTW, int index) => (_parameters.ByConstituent(x_NTW) * _parameters[index].unsqueeze(1)).view(x_NTW.shape);

    private torch.Tensor Linear(torch.Tensor x_NTI, (int Weight, int Bias) product)
    {
        var x_SRI = _parameters.ByConstituent(x_NTI);
        var weight_SIO = _parameters[product.Weight].transpose(1, 2);
        var product_SRO = Products.Batched(x_SRI, weight_SIO, _precision);
        return (product.Bias < 0 ? product_SRO : product_SRO.Sum(_parameters[product.Bias].unsqueeze(1))).view(x_NTI.shape[0], x_NTI.shape[1], -1);
    }
}

using Sisa.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Models.Adapters;

/// <summary>A frozen base with the adapter of one constituent, or with those of several side by side: then the base is read once for all of them.</summary>
/// <param name="frozen">The weights of the base.</param>
/// <param name="options">Sizes of the adapter.</param>
/// <param name="layout">Where each update is among the parameters.</param>
internal abstract class AdaptedWeights(DecoderWeights frozen, AdapterOptions options, AdapterLayout layout) : DecoderWeights
{
    /// <summary>The layers of the base that a product joins, in the order of its outputs.</summary>
    /// <param name="product">The product.</param>
    public static AdapterTarget[] TargetsOf(DecoderProduct product) => product switch
    {
        DecoderProduct.QueryKeyValue => [AdapterTarget.Query, AdapterTarget.Key, AdapterTarget.Value],
        DecoderProduct.AttentionOutput => [AdapterTarget.Output],
        DecoderProduct.GateUp => [AdapterTarget.Gate, AdapterTarget.Up],
        _ => [AdapterTarget.Down],
    };

    /// <inheritdoc/>
    public override torch.Tensor Embed(torch.Tensor tokens_NT) => frozen.Embed(tokens_NT);

    /// <inheritdoc/>
    public override torch.Tensor Gain(torch.Tensor x_NTW, int layer, DecoderNorm norm) => frozen.Gain(x_NTW, layer, norm);

    /// <inheritdoc/>
    public override torch.Tensor FinalGain(torch.Tensor x_NTW) => frozen.FinalGain(x_NTW);

    /// <inheritdoc/>
    public override torch.Tensor Multiply(torch.Tensor x_NTI, int layer, DecoderProduct product)
    {
        var y_NTO = frozen.Multiply(x_NTI, layer, product);
        var targets = TargetsOf(product);
        if (targets.All(target => layout.Update(layer, target) is null))
        {
            return y_NTO;
        }

        var parts = new torch.Tensor[targets.Length];
        long first = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var width = AdapterLayout.SizeOf(options.Shape, targets[i]).Outputs;
            var part = y_NTO.narrow(2, first, width);
            parts[i] = layout.Update(layer, targets[i]) is { } update ? part.Sum(Delta(x_NTI, update)) : part;
            first += width;
        }

        return parts.Length == 1 ? parts[0] : torch.cat(parts, 2);
    }

    /// <inheritdoc/>
    public override torch.Tensor Head(torch.Tensor x) => frozen.Head(x);

    /// <summary>B · A · x.</summary>
    /// <param name="x_NTI">The input.</param>
    /// <param name="update">A and B.</param>
    protected abstract torch.Tensor Update(torch.Tensor x_NTI, LowRankUpdate update);

    private torch.Tensor Delta(torch.Tensor x_NTI, LowRankUpdate update) => Update(x_NTI, update).Times(options.Alpha / options.Rank);
}

/// <summary>A frozen base with the adapter of one constituent.</summary>
/// <param name="frozen">The weights of the base.</param>
/// <param name="options">Sizes of the adapter.</param>
/// <param name="layout">Where each update is among the parameters.</param>
/// <param name="parameters">The parameters of the adapter.</param>
internal sealed class AdapterWeights(DecoderWeights frozen, AdapterOptions options, AdapterLayout layout, ParameterSet parameters) : AdaptedWeights(frozen, options, layout)
{
    /// <inheritdoc/>
    protected override torch.Tensor Update(torch.Tensor x_NTI, LowRankUpdate update) =>
        Products.Linear(Products.Linear(x_NTI, parameters[update.Down], null), parameters[update.Up], null);
}

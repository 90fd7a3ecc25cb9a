using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Sequences;
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
    private readonly long _constituents;
    private readonly torch.Tensor _flat;

    // One a parameter, with the constituents in front: [S, …].
    private readonly torch.Tensor[] _parts;

    /// <summary>Copies the weights of all constituents.</summary>
    /// <param name="layout">Where each is among the parameters.</param>
    /// <param name="members">Parameters of the constituents, at least one.</param>
    /// <param name="precision">Numbers in which products are computed.</param>
    public StackedWeights(DecoderLayout layout, IReadOnlyList<ParameterSet> members, ComputePrecision precision)
    {
        (_layout, _precision, _constituents) = (layout, precision, members.Count);
        _flat = torch.stack([.. members.Select(member => member.Values)]).DetachFromDisposeScope();
        _parts = [.. layout.Specs.Select((_, index) => Part(members[0], index))];
    }

    /// <inheritdoc/>
    /// <remarks>Takes [B, T], what all constituents read.</remarks>
    public override torch.Tensor Embed(torch.Tensor tokens_NT)
    {
        var (sequences, length) = (tokens_NT.shape[0], tokens_NT.shape[1]);
        return _parts[_layout.Embedding].index_select(1, tokens_NT.reshape(-1)).view(_constituents * sequences, length, _layout.Shape.Width);
    }

    /// <inheritdoc/>
    public override torch.Tensor Gain(torch.Tensor x_NTW, int layer, DecoderNorm norm) =>
        Gain(x_NTW, norm == DecoderNorm.Attention ? _layout[layer].AttentionNorm : _layout[layer].FeedForwardNorm);

    /// <inheritdoc/>
    public override torch.Tensor FinalGain(torch.Tensor x_NTW) => Gain(x_NTW, _layout.FinalNorm);

    /// <inheritdoc/>
    public override torch.Tensor Multiply(torch.Tensor x_NTI, int layer, DecoderProduct product)
    {
        var block = _layout[layer];
        return product switch
        {
            DecoderProduct.QueryKeyValue => Linear(x_NTI, block.QueryKeyValue, block.QueryKeyValueBias),
            DecoderProduct.AttentionOutput => Linear(x_NTI, block.AttentionOutput),
            DecoderProduct.GateUp => Linear(x_NTI, block.GateUp),
            _ => Linear(x_NTI, block.Down),
        };
    }

    /// <inheritdoc/>
    /// <remarks>Takes [N, T, width] alone.</remarks>
    public override torch.Tensor Head(torch.Tensor x) => Linear(x, _layout.Head);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }

        _flat.Dispose();
    }

    private torch.Tensor Gain(torch.Tensor x_NTW, int index) =>
        (x_NTW.view(_constituents, -1, _layout.Shape.Width) * _parts[index].unsqueeze(1)).view(x_NTW.shape);

    private torch.Tensor Linear(torch.Tensor x_NTI, int weight, int bias = -1)
    {
        var (sequences, length) = (x_NTI.shape[0], x_NTI.shape[1]);
        var x_SRI = x_NTI.reshape(_constituents, sequences / _constituents * length, x_NTI.shape[2]);
        var weight_SIO = _parts[weight].transpose(1, 2);
        var product_SRO = _precision == ComputePrecision.Full
            ? torch.bmm(x_SRI, weight_SIO)
            : torch.bmm(x_SRI.bfloat16(), weight_SIO.bfloat16()).to_type(torch.float32);
        return (bias < 0 ? product_SRO : product_SRO.Sum(_parts[bias].unsqueeze(1))).view(sequences, length, -1);
    }

    private torch.Tensor Part(ParameterSet layout, int index)
    {
        using var part = _flat.narrow(1, layout.Offset(index), layout.Specs[index].Count);
        return part.view([_flat.shape[0], .. layout.Specs[index].Shape]).DetachFromDisposeScope();
    }
}

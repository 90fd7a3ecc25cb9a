using Sisa.Models;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Adapters;
using Sisa.Torch.Models.Decoders;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>A frozen base with the adapters of several constituents, computed side by side: the base's products are made once for all of them.</summary>
/// <remarks>Shapes: S constituents, B sequences that all of them read, N = S · B, constituent by constituent, T positions, I inputs, O outputs, R rank. Owns a copy of the
/// adapters; not thread-safe.</remarks>
internal sealed class StackedAdapters : AdaptedWeights, IDisposable
{
    private readonly StackedParameters _parameters;

    /// <summary>Copies the adapters of all constituents.</summary>
    /// <param name="frozen">The weights of the base.</param>
    /// <param name="options">Sizes of the adapter.</param>
    /// <param name="layout">Where each update is among the parameters.</param>
    /// <param name="members">Parameters of the constituents, at least one.</param>
    public StackedAdapters(DecoderWeights frozen, AdapterOptions options, AdapterLayout layout, IReadOnlyList<ParameterSet> members)
        : base(frozen, options, layout) => _parameters = new StackedParameters(members);

    /// <inheritdoc/>
    /// <remarks>Takes [B, T], what all constituents read.</remarks>
    public override torch.Tensor Embed(torch.Tensor tokens_NT) => base.Embed(tokens_NT).repeat(_parameters.Constituents, 1, 1);

    /// <inheritdoc/>
    public void Dispose() => _parameters.Dispose();

    /// <inheritdoc/>
    protected override torch.Tensor Update(torch.Tensor x_NTI, LowRankUpdate update)
    {
        var inner_SXR = Products.Batched(_parameters.ByConstituent(x_NTI), _parameters[update.Down].transpose(1, 2));
        return Products.Batched(inner_SXR, _parameters[update.Up].transpose(1, 2)).view(x_NTI.shape[0], x_NTI.shape[1], -1);
    }
}

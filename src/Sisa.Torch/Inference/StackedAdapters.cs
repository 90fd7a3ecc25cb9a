using Sisa.Torch.Models;
using Sisa.Torch.Sequences;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>A frozen base with the adapters of several constituents, computed side by side: the base's products are made once for all of them.</summary>
/// <remarks>Shapes: S constituents, B sequences that all of them read, N = S · B, constituent by constituent, T positions, I inputs, O outputs, R rank. Owns a copy of the
/// adapters; not thread-safe.</remarks>
internal sealed class StackedAdapters : AdaptedWeights, IDisposable
{
    private readonly long _constituents;
    private readonly torch.Tensor _flat;
    private readonly torch.Tensor[] _parts;

    /// <summary>Copies the adapters of all constituents.</summary>
    /// <param name="frozen">The weights of the base.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="layout">Where each update is among the parameters.</param>
    /// <param name="members">Parameters of the constituents, at least one.</param>
    public StackedAdapters(DecoderWeights frozen, AdapterOptions options, AdapterLayout layout, IReadOnlyList<ParameterSet> members)
        : base(frozen, options, layout)
    {
        _constituents = members.Count;
        _flat = torch.stack([.. members.Select(member => member.Values)]).DetachFromDisposeScope();
        _parts = [.. layout.Specs.Select((spec, index) =>
        {
            using var part = _flat.narrow(1, members[0].Offset(index), spec.Count);
            return part.view([_flat.shape[0], .. spec.Shape]).DetachFromDisposeScope();
        })];
    }

    /// <inheritdoc/>
    /// <remarks>Takes [B, T], what all constituents read.</remarks>
    public override torch.Tensor Embed(torch.Tensor tokens_NT) => base.Embed(tokens_NT).repeat(_constituents, 1, 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }

        _flat.Dispose();
    }

    /// <inheritdoc/>
    protected override torch.Tensor Update(torch.Tensor x_NTI, LowRankUpdate update)
    {
        var (sequences, length) = (x_NTI.shape[0], x_NTI.shape[1]);
        var x_SXI = x_NTI.reshape(_constituents, sequences / _constituents * length, x_NTI.shape[2]);
        var inner_SXR = torch.bmm(x_SXI, _parts[update.Down].transpose(1, 2));
        return torch.bmm(inner_SXR, _parts[update.Up].transpose(1, 2)).view(sequences, length, -1);
    }
}

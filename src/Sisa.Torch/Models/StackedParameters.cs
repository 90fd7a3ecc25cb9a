using TorchSharp;

namespace Sisa.Torch.Models;

/// <summary>The parameters of several constituents side by side: every parameter has the constituents in front.</summary>
/// <remarks>Shapes: S constituents, P floats of a flat tensor, N = S · sequences, constituent by constituent, T positions, I inputs. Not thread-safe.</remarks>
internal sealed class StackedParameters : IDisposable
{
    private readonly torch.Tensor _flat_SP;
    private readonly torch.Tensor? _copy;
    private readonly torch.Tensor[] _parts;

    /// <summary>Copies the parameters of all constituents.</summary>
    /// <param name="members">Parameters of the constituents, at least one, all of one model.</param>
    public StackedParameters(IReadOnlyList<ParameterSet> members)
        : this(members[0].Layout, torch.stack([.. members.Select(member => member.Values)]).DetachFromDisposeScope()) =>
        _copy = _flat_SP;

    /// <summary>Views flat tensors that are side by side in memory: values, gradients or state.</summary>
    /// <param name="layout">The places of the parameters in each.</param>
    /// <param name="flat_SP">The tensors. The caller keeps them, and must not dispose of them before this object.</param>
    public StackedParameters(ParameterLayout layout, torch.Tensor flat_SP)
    {
        _flat_SP = flat_SP;
        Constituents = flat_SP.shape[0];
        _parts = [.. layout.Specs.Select((spec, index) =>
        {
            using var part = flat_SP.narrow(1, layout.Offset(index), spec.Count);
            return part.view([Constituents, .. spec.Shape]).DetachFromDisposeScope();
        })];
    }

    /// <summary>How many constituents there are.</summary>
    public long Constituents { get; }

    /// <summary>One parameter of all constituents, [S, …]. This object keeps it.</summary>
    /// <param name="index">Its index among the specs.</param>
    public torch.Tensor this[int index] => _parts[index];

    /// <summary>The input of each constituent, with its sequences one after the other.</summary>
    /// <param name="x_NTI">The input.</param>
    /// <returns>[S, sequences · T, I], in the current dispose scope.</returns>
    public torch.Tensor ByConstituent(torch.Tensor x_NTI) => x_NTI.reshape(Constituents, x_NTI.shape[0] / Constituents * x_NTI.shape[1], x_NTI.shape[2]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in _parts)
        {
            view.Dispose();
        }

        _copy?.Dispose();
    }
}

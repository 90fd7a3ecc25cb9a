using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>The parameters of several constituents side by side: a copy of them, in which every parameter has the constituents in front.</summary>
/// <remarks>Shapes: S constituents, N = S · sequences, constituent by constituent, T positions, I inputs. Not thread-safe.</remarks>
internal sealed class StackedParameters : IDisposable
{
    private readonly torch.Tensor _flat;
    private readonly torch.Tensor[] _parts;

    /// <summary>Copies the parameters of all constituents.</summary>
    /// <param name="members">Parameters of the constituents, at least one, all of one model.</param>
    public StackedParameters(IReadOnlyList<ParameterSet> members)
    {
        Constituents = members.Count;
        _flat = torch.stack([.. members.Select(member => member.Values)]).DetachFromDisposeScope();
        _parts = [.. members[0].Specs.Select((spec, index) =>
        {
            using var part = _flat.narrow(1, members[0].Offset(index), spec.Count);
            return part.view([Constituents, .. spec.Shape]).DetachFromDisposeScope();
        })];
    }

    /// <summary>How many constituents there are.</summary>
    public long Constituents { get; }

    /// <summary>One parameter of all constituents, [S, …]; stays this object's.</summary>
    /// <param name="index">Its index among the specs.</param>
    public torch.Tensor this[int index] => _parts[index];

    /// <summary>What each constituent reads, its sequences one behind the other.</summary>
    /// <param name="x_NTI">Input.</param>
    /// <returns>[S, sequences · T, I], in the current dispose scope.</returns>
    public torch.Tensor ByConstituent(torch.Tensor x_NTI) => x_NTI.reshape(Constituents, x_NTI.shape[0] / Constituents * x_NTI.shape[1], x_NTI.shape[2]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }

        _flat.Dispose();
    }
}

using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Models;

/// <summary>The parameters of several constituents side by side: every parameter has the constituents in front.</summary>
/// <remarks>Shapes: S constituents, P floats of a flat tensor, N = S · sequences, constituent by constituent, T positions, I inputs. Not thread-safe.</remarks>
internal sealed class StackedParameters : IDisposable
{
    private readonly torch.Tensor? _copy;
    private readonly torch.Tensor[] _parts;
    private readonly torch.Tensor[] _gradients;

    /// <summary>Copies the parameters of all constituents, to compute answers with.</summary>
    /// <param name="members">Parameters of the constituents, at least one, all of one model.</param>
    public StackedParameters(IReadOnlyList<ParameterSet> members)
    {
        _copy = torch.stack([.. members.Select(member => member.Values)]).DetachFromDisposeScope();
        Constituents = members.Count;
        _parts = Views(_copy, members[0]);
        _gradients = [];
    }

    /// <summary>Makes parameters that lie side by side already leaves of autograd, whose gradients <see cref="AddGradients"/> brings home.</summary>
    /// <param name="layout">Any one of the constituents.</param>
    /// <param name="values_SP">All values; stay the caller's, and must live as long as this.</param>
    /// <param name="gradients_SP">All gradients; the same.</param>
    public StackedParameters(ParameterSet layout, torch.Tensor values_SP, torch.Tensor gradients_SP)
    {
        Constituents = values_SP.shape[0];
        _gradients = Views(gradients_SP, layout);
        _parts = [.. Views(values_SP, layout).Select(part =>
        {
            using var view = part;
            return view.detach().requires_grad_().DetachFromDisposeScope();
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

    /// <summary>The backward pass; adds the gradients of all constituents to what is there.</summary>
    /// <param name="outputs">What was computed from the parameters.</param>
    /// <param name="weights">Gradients of the outputs, in their shape.</param>
    /// <remarks>The addition is the one that autograd itself would make. Left to it, it warns of gradients between which lies something else.</remarks>
    public void AddGradients(torch.Tensor outputs, torch.Tensor weights)
    {
        using var scope = torch.NewDisposeScope();
        var gradients = torch.autograd.grad([outputs], _parts, [weights]);
        for (var i = 0; i < _gradients.Length; i++)
        {
            _gradients[i].AddScaled(gradients[i], 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in _parts.Concat(_gradients))
        {
            view.Dispose();
        }

        _copy?.Dispose();
    }

    private static torch.Tensor[] Views(torch.Tensor flat_SP, ParameterSet layout) => [.. layout.Specs.Select((spec, index) =>
    {
        using var part = flat_SP.narrow(1, layout.Offset(index), spec.Count);
        return part.view([flat_SP.shape[0], .. spec.Shape]).DetachFromDisposeScope();
    })];
}

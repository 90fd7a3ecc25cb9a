using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Fusion;

/// <summary>The memory of several constituents of one recipe, side by side: each kind of flat tensor (values, gradients, state) is one tensor
/// with a row a constituent.</summary>
/// <remarks>Shapes: S constituents, P floats of a flat tensor, a multiple of <see cref="ParameterLayout.Alignment"/>. Owns the whole tensors; whoever took a row
/// owns that view, and disposes of it first. Not thread-safe.</remarks>
/// <param name="constituents">Number of rows.</param>
/// <param name="device">Where the models run.</param>
internal sealed class FlatStack(int constituents, torch.Device device) : IDisposable
{
    private readonly List<torch.Tensor> _flats_SP = [];
    private readonly torch.Tensor _lossSums_S = torch.zeros(constituents, torch.float64, device).DetachFromDisposeScope();

    /// <summary>Gives one constituent its rows, kind after kind: all of them must ask for the same kinds in the same order.</summary>
    /// <param name="row">Number of the constituent.</param>
    public FlatAllocator Row(int row)
    {
        var kind = 0;
        return floats =>
        {
            if (kind == _flats_SP.Count)
            {
                _flats_SP.Add(torch.zeros(constituents, floats, torch.float32, device).DetachFromDisposeScope());
            }

            return _flats_SP[kind++].select(0, row).DetachFromDisposeScope();
        };
    }

    /// <summary>Where one constituent's losses are added up, [1]; the caller's.</summary>
    /// <param name="row">Number of the constituent.</param>
    public torch.Tensor LossSum(int row) => _lossSums_S.narrow(0, row, 1).DetachFromDisposeScope();

    /// <summary>Where the losses of neighbours are added up, [S]; the caller's.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many they are.</param>
    public torch.Tensor LossSums(int first, int count) => _lossSums_S.narrow(0, first, count).DetachFromDisposeScope();

    /// <summary>All flat tensors of neighbours, [S, P] each, kind after kind; the caller's.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many they are.</param>
    public IReadOnlyList<torch.Tensor> Rows(int first, int count) => [.. _flats_SP.Select(flat => flat.narrow(0, first, count).DetachFromDisposeScope())];

    /// <inheritdoc/>
    public void Dispose()
    {
        _flats_SP.ForEach(flat => flat.Dispose());
        _lossSums_S.Dispose();
    }
}

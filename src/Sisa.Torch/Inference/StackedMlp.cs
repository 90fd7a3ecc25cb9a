using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>Multi-layer perceptrons of several shards, computed side by side: one product a layer for all of them.</summary>
/// <remarks>Faster than one after another by a quarter to a half for batches up to 16 items, equal for large ones. Shapes: S
/// shards, B items, I inputs, O outputs, C classes. Owns a copy of the weights; not thread-safe.</remarks>
internal sealed class StackedMlp : IDisposable
{
    private readonly MlpArchitecture _architecture;
    private readonly StackedParameters _parameters;
    private readonly (torch.Tensor Weight_SIO, torch.Tensor Bias_S1O)[] _layers;

    /// <summary>Copies the weights of all constituents.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="members">Parameters of the constituents, at least one.</param>
    public StackedMlp(MlpArchitecture architecture, IReadOnlyList<ParameterSet> members)
    {
        _architecture = architecture;
        _parameters = new StackedParameters(members);
        _layers = [.. architecture.Layers.Select(layer => (_parameters[layer.Weight].transpose(1, 2).DetachFromDisposeScope(), _parameters[layer.Bias].unsqueeze(1).DetachFromDisposeScope()))];
    }

    /// <summary>Logits of every item under every constituent.</summary>
    /// <param name="batch">The items.</param>
    /// <returns>logits_SBC, in the current dispose scope.</returns>
    public torch.Tensor Logits(DenseBatch batch)
    {
        var x_SBI = batch.Features_BF.unsqueeze(0).expand(_parameters.Constituents, -1, -1);
        for (var i = 0; i < _layers.Length; i++)
        {
            x_SBI = torch.bmm(x_SBI, _layers[i].Weight_SIO).Sum(_layers[i].Bias_S1O);
            x_SBI = i < _layers.Length - 1 ? _architecture.Activate(x_SBI) : x_SBI;
        }

        return x_SBI;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (weight, bias) in _layers)
        {
            weight.Dispose();
            bias.Dispose();
        }

        _parameters.Dispose();
    }
}

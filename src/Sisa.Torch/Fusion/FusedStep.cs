using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Fusion;

/// <summary>One optimizer step of each of several constituents as one program, with as many products, functions and updates as a single constituent needs.</summary>
/// <remarks>
/// Shapes: S constituents, B items of each, F features, C classes. The constituents are neighbours in a <see cref="FlatStack"/>, and each of them can be stepped
/// alone in between, in the same memory. Products are written out (<see cref="StackedLayer"/>); functions and the loss are small graphs of autograd of their own. The
/// loss of each item gets the weight 1/B that a mean would give it, so no sum crosses constituents. Not thread-safe.
/// </remarks>
internal sealed class FusedStep : IDisposable
{
    private readonly MlpArchitecture _architecture;
    private readonly IReadOnlyList<Optimizer> _optimizers;
    private readonly IReadOnlyList<AutogradStep> _steps;
    private readonly IReadOnlyList<torch.Tensor> _flats_SP;
    private readonly torch.Tensor _lossSums_S;
    private readonly torch.Tensor _shares_R;
    private readonly StackedParameters _weights;
    private readonly StackedParameters _gradients;
    private readonly StackedLayer[] _layers;
    private readonly int _batchSize;

    /// <summary>Creates the step.</summary>
    /// <param name="architecture">The model of all constituents.</param>
    /// <param name="stack">Their memory, from which every optimizer has taken its rows.</param>
    /// <param name="first">Row of the first of them.</param>
    /// <param name="optimizers">Their optimizers, in the order of the rows.</param>
    /// <param name="steps">Their own steps, which count losses.</param>
    /// <param name="batchSize">B.</param>
    public FusedStep(
        MlpArchitecture architecture, FlatStack stack, int first, IReadOnlyList<Optimizer> optimizers, IReadOnlyList<AutogradStep> steps, int batchSize)
    {
        (_architecture, _optimizers, _steps, _batchSize) = (architecture, optimizers, steps, batchSize);
        _flats_SP = stack.Rows(first, optimizers.Count);
        _lossSums_S = stack.LossSums(first, optimizers.Count);
        _weights = new StackedParameters(optimizers[0].Parameters.Layout, _flats_SP[0]);
        _gradients = new StackedParameters(optimizers[0].Parameters.Layout, _flats_SP[1]);
        _layers = [.. architecture.Layers.Select(layer => new StackedLayer(_weights, _gradients, layer))];
        using var share = (1f / batchSize).ToScalar();
        _shares_R = torch.full([(long)optimizers.Count * batchSize], share, torch.float32, _lossSums_S.device).DetachFromDisposeScope();
    }

    /// <summary>Forward, backward, update.</summary>
    /// <param name="batch">B items of the first constituent, B of the second, and so on.</param>
    /// <param name="learningRates">Learning rate of each one's step.</param>
    public void Run(DenseBatch batch, IReadOnlyList<double> learningRates)
    {
        using (torch.NewDisposeScope())
        {
            Accumulate(batch.Features_BF.view(_optimizers.Count, _batchSize, -1), batch.Labels_B);
        }

        foreach (var step in _steps)
        {
            step.CountTargets(_batchSize);
        }

        Optimizer.StepTogether(_optimizers, learningRates, _flats_SP);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _gradients.Dispose();
        _shares_R.Dispose();
        _lossSums_S.Dispose();
        foreach (var flat in _flats_SP)
        {
            flat.Dispose();
        }
    }

    private void Accumulate(torch.Tensor x_SBF, torch.Tensor labels_R)
    {
        var inputs = new torch.Tensor[_layers.Length];
        var functions = new (torch.Tensor Before, torch.Tensor After)[_layers.Length - 1];
        inputs[0] = x_SBF;
        for (var i = 0; i < functions.Length; i++)
        {
            var before = _layers[i].Apply(inputs[i]).requires_grad_();
            functions[i] = (before, _architecture.Activate(before));
            inputs[i + 1] = functions[i].After.detach();
        }

        var logits_SBC = _layers[^1].Apply(inputs[^1]).requires_grad_();
        var losses_R = functional.cross_entropy(logits_SBC.view(labels_R.shape[0], -1), labels_R, reduction: Reduction.None);
        _lossSums_S.AddScaled(losses_R.detach().view(_optimizers.Count, _batchSize).sum([1L], type: torch.float64), 1);
        var gradients = torch.autograd.grad([losses_R], [logits_SBC], [_shares_R])[0];
        for (var i = _layers.Length - 1; i >= 0; i--)
        {
            _layers[i].Accumulate(inputs[i], gradients);
            if (i > 0)
            {
                var (before, after) = functions[i - 1];
                gradients = torch.autograd.grad([after], [before], [_layers[i].InputGradients(gradients)])[0];
            }
        }
    }
}

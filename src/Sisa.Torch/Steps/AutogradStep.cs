using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Steps;

/// <summary>One optimizer step on one batch by autograd: any architecture, any device.</summary>
/// <remarks>Not thread-safe. The mean cross-entropy of the batch is what is minimised.</remarks>
internal sealed class AutogradStep : IDisposable
{
    private readonly Architecture _architecture;
    private readonly ParameterSet _parameters;
    private readonly Optimizer _optimizer;
    private readonly torch.Tensor _lossSum;
    private long _lossCount;

    /// <summary>Creates the step.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="parameters">Its parameters, which become leaves of autograd.</param>
    /// <param name="optimizer">The optimizer of the parameters.</param>
    /// <param name="lossSum">One 64-bit zero to add losses up in, which becomes this object's; <see langword="null"/> to make one.</param>
    public AutogradStep(Architecture architecture, ParameterSet parameters, Optimizer optimizer, torch.Tensor? lossSum = null)
    {
        (_architecture, _parameters, _optimizer) = (architecture, parameters, optimizer);
        parameters.RequireGradients();
        _lossSum = lossSum ?? torch.zeros(1, torch.float64, parameters.Values.device).DetachFromDisposeScope();
    }

    /// <summary>Forward, backward, update.</summary>
    /// <param name="batch">A filled batch, every item with its label.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    public void Run(Batch batch, double learningRate)
    {
        var targets = batch.TargetCount;
        for (var part = 0; part < batch.PartCount; part++)
        {
            batch.SelectPart(part);
            RunPart(batch, targets);
        }

        _lossCount += targets;
        _optimizer.Step(learningRate);
    }

    // The mean over a part counts for its share of the step, so that the gradients of all parts add up to that of the mean over the step.
    private void RunPart(Batch batch, int targets)
    {
        using var scope = torch.NewDisposeScope();
        var logits_BC = _architecture.Logits(_parameters, batch);
        var loss = functional.cross_entropy(logits_BC, batch.Labels_B);
        var share = batch.PartTargetCount == targets ? loss : loss.Times((double)batch.PartTargetCount / targets);
        share.backward();
        _parameters.AddLookupGradients();
        _lossSum.AddScaled(loss.detach(), batch.PartTargetCount);
    }

    /// <summary>Counts targets whose losses another caller added to the sum.</summary>
    /// <param name="count">How many.</param>
    public void CountTargets(int count) => _lossCount += count;

    /// <summary>The losses since the last call; waits for the device.</summary>
    public LossSum TakeLoss()
    {
        using var scope = torch.NewDisposeScope();
        var sum = new LossSum(_lossSum.cpu().item<double>(), _lossCount);
        _lossSum.zero_();
        _lossCount = 0;
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose() => _lossSum.Dispose();
}

using Sisa.Models;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Bench;

/// <summary>The loop that somebody writes by hand around <see cref="PlainDecoder"/>: autograd, clipped gradients, <c>torch.optim</c>.</summary>
internal sealed class PlainTraining : IDisposable
{
    private readonly PlainDecoder _module;
    private readonly torch.optim.Optimizer _optimizer;

    public PlainTraining()
    {
        torch.random.manual_seed(17);
        _module = new PlainDecoder(Options.Vocabulary, Options.Layers, Options.Width, Options.Heads, Options.Shape.Hidden, Options.Context);
        _optimizer = torch.optim.AdamW(_module.parameters(), 1e-3, weight_decay: 0.1);
    }

    private static DecoderOptions Options => TrainedDecoder.Options;

    /// <summary>One step.</summary>
    /// <param name="inputs_NT">Tokens that are read.</param>
    /// <param name="targets_NT">The tokens behind them.</param>
    public void Step(torch.Tensor inputs_NT, torch.Tensor targets_NT)
    {
        using var scope = torch.NewDisposeScope();
        _optimizer.zero_grad();
        var logits = _module.call(inputs_NT);
        var loss = functional.cross_entropy(logits.view(-1, Options.Vocabulary), targets_NT.reshape(-1));
        loss.backward();
        utils.clip_grad_norm_(_module.parameters(), 1);
        _optimizer.step();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _module.Dispose();
    }
}

using BenchmarkDotNet.Attributes;
using TorchSharp;

namespace Sisa.Bench;

/// <summary>How many tokens a second one core trains: Sisa's step of a decoder, packing and masks included, against modules, autograd, <c>torch.optim</c> and gradient
/// clipping as somebody writes them by hand (<see cref="PlainDecoder"/>).</summary>
/// <remarks>Both run in one process, pinned to one thread, on windows that are full; times are per token, the ratio is what counts. Four layers, 128 wide, four heads, windows of
/// 128 bytes, eight a step.</remarks>
[MinIterationCount(8)]
[MaxIterationCount(14)]
public class DecoderThroughput
{
    private const int Windows = TrainedDecoder.Windows;
    private const int Steps = 8;
    private const int Tokens = Steps * Windows * 128;

    private FullWindows _items = null!;
    private int[] _order = null!;
    private TrainedDecoder _sisa = null!;
    private PlainTraining _plain = null!;
    private torch.Tensor _inputs_NT = null!;
    private torch.Tensor _targets_NT = null!;

    [GlobalSetup]
    public void Prepare()
    {
        _sisa = new TrainedDecoder();
        _plain = new PlainTraining();
        _items = new FullWindows(Steps * Windows);
        _order = [.. Enumerable.Range(0, Steps * Windows)];
        var context = TrainedDecoder.Options.Context;
        using var all = torch.tensor(_items.Tokens.Select(token => (long)token).ToArray()).view(Steps * Windows, FullWindows.Length);
        _inputs_NT = all.narrow(1, 0, context).contiguous();
        _targets_NT = all.narrow(1, 1, context).contiguous();
    }

    [GlobalCleanup]
    public void Free()
    {
        _sisa.Dispose();
        _plain.Dispose();
        _inputs_NT.Dispose();
        _targets_NT.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Tokens)]
    public void Modules_autograd_and_torch_optim()
    {
        for (var step = 0; step < Steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            _plain.Step(_inputs_NT.narrow(0, step * Windows, Windows), _targets_NT.narrow(0, step * Windows, Windows));
        }
    }

    [Benchmark(OperationsPerInvoke = Tokens)]
    public void Sisa_step()
    {
        _sisa.Steps.Plan.Begin(_items, _order);
        for (var step = 0; step < _sisa.Steps.Plan.StepCount; step++)
        {
            _sisa.Steps.Plan.Load(step);
            _sisa.Step.Run(_sisa.Steps.Batch, 1e-3);
        }
    }
}

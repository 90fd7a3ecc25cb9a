using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Sisa.Sharding;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;
using Architecture = Sisa.Torch.Models.Architecture;

namespace Sisa.Bench;

/// <summary>How many tokens a second one core trains: Sisa's step of a decoder, packing and masks included, against modules, autograd, <c>torch.optim</c> and gradient
/// clipping as somebody writes them by hand (<see cref="PlainDecoder"/>).</summary>
/// <remarks>Both run in one process, pinned to one thread, on windows that are full; times are per token, the ratio is what counts. Four layers, 128 wide, four heads, windows of
/// 128 bytes, eight a step.</remarks>
[MinIterationCount(8)]
[MaxIterationCount(14)]
public class DecoderThroughput
{
    private const int Context = 128;
    private const int Windows = 8;
    private const int Steps = 8;
    private const int Tokens = Steps * Windows * Context;

    private static readonly DecoderOptions Options = new() { Layers = 4, Width = 128, Heads = 4, Context = Context };

    private FullWindows _items = null!;
    private int[] _order = null!;
    private Constituents _sisa = null!;
    private PlainDecoder _module = null!;
    private torch.optim.Optimizer _optimizer = null!;
    private torch.Tensor _inputs_NT = null!;
    private torch.Tensor _targets_NT = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var recipe = new Recipe
        {
            Task = TaskKind.LanguageModel,
            Model = Options,
            Training = new TrainingOptions { BatchSize = Windows, LearningRate = 1e-3, WeightDecay = 0.1, Clip = 1 },
        };
        var runtime = NativeRuntime.Start(recipe);
        _items = new FullWindows(Steps * Windows, Context + 1);
        _order = [.. Enumerable.Range(0, Steps * Windows)];
        _sisa = new Constituents(runtime, recipe);
        torch.random.manual_seed(17);
        _module = new PlainDecoder(Options.Vocabulary, Options.Layers, Options.Width, Options.Heads, Options.Shape.Hidden, Context);
        _optimizer = torch.optim.AdamW(_module.parameters(), 1e-3, weight_decay: 0.1);
        var tokens = _items.Tokens.Select(token => (long)token).ToArray();
        using var all = torch.tensor(tokens).view(Steps * Windows, Context + 1);
        _inputs_NT = all.narrow(1, 0, Context).contiguous();
        _targets_NT = all.narrow(1, 1, Context).contiguous();
    }

    [GlobalCleanup]
    public void Free()
    {
        _sisa.Dispose();
        _optimizer.Dispose();
        _module.Dispose();
        _inputs_NT.Dispose();
        _targets_NT.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Tokens)]
    public void Modules_autograd_and_torch_optim()
    {
        for (var step = 0; step < Steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            _optimizer.zero_grad();
            var logits = _module.call(_inputs_NT.narrow(0, step * Windows, Windows));
            var loss = functional.cross_entropy(logits.view(-1, Options.Vocabulary), _targets_NT.narrow(0, step * Windows, Windows).reshape(-1));
            loss.backward();
            utils.clip_grad_norm_(_module.parameters(), 1);
            _optimizer.step();
        }
    }

    [Benchmark(OperationsPerInvoke = Tokens)]
    public void Sisa_step()
    {
        _sisa.Plan.Begin(_items, _order);
        for (var step = 0; step < _sisa.Plan.StepCount; step++)
        {
            _sisa.Plan.Load(step);
            _sisa.Step.Run(_sisa.Plan.Batch, 1e-3);
        }
    }

    private sealed class Constituents : IDisposable
    {
        private readonly ParameterSet _parameters;
        private readonly Optimizer _optimizer;

        public Constituents(NativeRuntime runtime, Recipe recipe)
        {
            var architecture = Architecture.Create(recipe, torch.CPU);
            _parameters = new ParameterSet(architecture.Parameters, torch.CPU);
            _parameters.Initialise(17, 0);
            _optimizer = Optimizer.Create(recipe.Training, _parameters);
            Step = TrainingStep.Create(runtime, architecture, _parameters, _optimizer, recipe.Training);
            Plan = architecture.CreateSteps(recipe.Training.BatchSize, torch.CPU);
        }

        public ITrainingStep Step { get; }

        public StepPlan Plan { get; }

        public void Dispose()
        {
            Plan.Dispose();
            Step.Dispose();
            _optimizer.Dispose();
            _parameters.Dispose();
        }
    }

    /// <summary>Documents of random bytes, each of which fills a window.</summary>
    internal sealed class FullWindows(int count, int length) : ItemSource
    {
        public int[] Tokens { get; } = Make(count * length);

        public override ReadOnlySpan<byte> Features(int index) => MemoryMarshal.AsBytes(Tokens.AsSpan(index * length, length));

        public override int Label(int index) => -1;

        public override string Describe(int index) => $"{index}";

        private static int[] Make(int count)
        {
            var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
            return [.. Enumerable.Range(0, count).Select(_ => generator.NextInt32(256))];
        }
    }
}

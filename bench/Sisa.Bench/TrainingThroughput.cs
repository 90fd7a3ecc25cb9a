using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Native;
using Sisa.Torch.Perceptron;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Bench;

/// <summary>How many items a second one core trains: Sisa's step, data path included, against modules, autograd and
/// <c>torch.optim</c> as a TorchSharp tutorial writes them. The shape is the reference's: 600 bits, 128 tanh units, 100 classes,
/// batches of 16.</summary>
/// <remarks>Both run in one process, pinned to one thread, on the same data; times are per item, the ratio is what counts.</remarks>
[MinIterationCount(10)]
[MaxIterationCount(20)]
public class TrainingThroughput
{
    private const int Features = 600;
    private const int Hidden = 128;
    private const int Classes = 100;
    private const int BatchSize = 16;
    private const int Items = 8192;

    private RandomBits _items = null!;
    private int[] _order = null!;
    private PerceptronBatch _batch = null!;
    private PerceptronStep _step = null!;
    private PerceptronState _state = null!;
    private Module<torch.Tensor, torch.Tensor> _module = null!;
    private torch.optim.Optimizer _torchOptimizer = null!;
    private torch.Tensor _allFeatures = null!;
    private torch.Tensor _allLabels = null!;

    /// <summary>Optimizer: plain SGD, which the product itself applies, and AdamW.</summary>
    [Params(OptimizerKind.Sgd, OptimizerKind.AdamW)]
    public OptimizerKind Optimizer { get; set; }

    /// <summary>Numeric profile; the other one needs a process of its own (<c>SISA_BENCH_NUMERICS=portable</c>).</summary>
    private static NumericProfile Numerics =>
        Environment.GetEnvironmentVariable("SISA_BENCH_NUMERICS") == "portable" ? NumericProfile.Portable : NumericProfile.Native;

    [GlobalSetup]
    public void Prepare()
    {
        var recipe = new Recipe
        {
            Labels = [.. Enumerable.Range(0, Classes).Select(i => $"{i}")],
            Features = new FeatureOptions { Vector = new VectorFeature("bits", Features, 0, 1) },
            Model = new MlpOptions { Hidden = [Hidden], Activation = Activation.Tanh },
            Training = new TrainingOptions { BatchSize = BatchSize, Optimizer = Optimizer, LearningRate = 1e-3 },
            Numerics = Numerics,
        };
        NativeRuntime.Start(recipe);
        _items = new RandomBits(Items, Features, Classes);
        _order = [.. Enumerable.Range(0, Items).Select(i => (int)((long)i * 5003 % Items))];
        PrepareSisa(recipe);
        PrepareTorch();
    }

    [GlobalCleanup]
    public void Free()
    {
        _step.Dispose();
        _state.Dispose();
        _batch.Dispose();
        _torchOptimizer.Dispose();
        _module.Dispose();
        _allFeatures.Dispose();
        _allLabels.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Items)]
    public void Modules_autograd_and_torch_optim()
    {
        for (var start = 0; start < Items; start += BatchSize)
        {
            using var scope = torch.NewDisposeScope();
            _torchOptimizer.zero_grad();
            var x_BF = _allFeatures.narrow(0, start, BatchSize);
            var loss = functional.cross_entropy(_module.call(x_BF), _allLabels.narrow(0, start, BatchSize));
            loss.backward();
            _torchOptimizer.step();
        }
    }

    [Benchmark(OperationsPerInvoke = Items)]
    public void Sisa_step()
    {
        for (var start = 0; start < Items; start += BatchSize)
        {
            _batch.Load(_items, _order.AsSpan(start, BatchSize));
            _step.Run(_batch, 1e-3);
        }
    }

    private void PrepareSisa(Recipe recipe)
    {
        var layout = FeatureLayout.Of(recipe);
        var architecture = new MlpArchitecture((MlpOptions)recipe.Model, layout, Classes);
        _state = new PerceptronState(new ParameterLayout(architecture.Parameters), recipe.Training);
        _state.Layout.Initialise(_state.Values, seed: 17, shard: 0);
        _step = new PerceptronStep(architecture, _state, recipe.Training);
        _batch = new PerceptronBatch(layout, BatchSize);
    }

    private void PrepareTorch()
    {
        _module = Sequential(Linear(Features, Hidden), Tanh(), Linear(Hidden, Classes));
        _torchOptimizer = Optimizer == OptimizerKind.Sgd
            ? torch.optim.SGD(_module.parameters(), 1e-3)
            : torch.optim.AdamW(_module.parameters(), 1e-3);
        var features = new float[Items * Features];
        var labels = new long[Items];
        for (var i = 0; i < Items; i++)
        {
            MemoryMarshal.Cast<byte, float>(_items.Features(_order[i])).CopyTo(features.AsSpan(i * Features));
            labels[i] = _items.Label(_order[i]);
        }

        _allFeatures = torch.tensor(features).view(Items, Features);
        _allLabels = torch.tensor(labels);
    }
}

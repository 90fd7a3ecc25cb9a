using BenchmarkDotNet.Attributes;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.Fusion;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Native;
using Sisa.Torch.Perceptron;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Bench;

/// <summary>What it gains to train several shards as one program: the same number of items by one, two, four and eight perceptrons, each stepped by itself or all at
/// once. What <see cref="ShardFusion"/> says of the processor rests on it.</summary>
/// <remarks>One thread, data path included, times are per item; many short iterations, so that the shortest tells what a machine with other work takes otherwise. Plain SGD, whose update is the shortest there is. The perceptron's own step is what training on the processor takes.</remarks>
[MinColumn]
[WarmupCount(2)]
[IterationTime(100)]
[IterationCount(25)]
public class FusedShards
{
    private const int Items = 8192;
    private const double Rate = 1e-3;

    private readonly List<PerceptronState> _states = [];
    private readonly List<PerceptronStep> _own = [];
    private readonly List<AutogradStep> _autograd = [];
    private readonly List<Torch.Optimizers.Optimizer> _optimizers = [];
    private MlpArchitecture _architecture = null!;
    private FlatStack _stack = null!;
    private FusedStep _together = null!;
    private Batch _batch = null!;
    private PerceptronBatch _ownBatch = null!;
    private DenseBatch _wide = null!;
    private RandomBits _items = null!;
    private SideBySide _sideBySide = null!;
    private int[] _order = null!;
    private double[] _rates = null!;
    private int _batchSize;

    /// <summary>Features, hidden units, classes, and items a batch.</summary>
    [Params("64-32-10, 16", "600-128-100, 16", "784-1024-10, 64")]
    public string Model { get; set; } = "";

    /// <summary>How many shards share the items.</summary>
    [Params(1, 2, 4, 8)]
    public int Shards { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        int[] sizes = [.. Model.Split(['-', ',']).Select(size => int.Parse(size, System.Globalization.CultureInfo.InvariantCulture))];
        _batchSize = sizes[3];
        var recipe = new Recipe
        {
            Labels = [.. Enumerable.Range(0, sizes[2]).Select(i => $"{i}")],
            Features = new FeatureOptions { Vector = new VectorFeature("bits", sizes[0], 0, 1) },
            Model = new MlpOptions { Hidden = [sizes[1]], Activation = Activation.Tanh },
            Training = new TrainingOptions { BatchSize = _batchSize, Optimizer = OptimizerKind.Sgd, LearningRate = Rate },
        };
        NativeRuntime.Start(recipe);
        if (Shards > 1 && !new FusionProof(recipe).Holds(Shards))
        {
            throw new InvalidOperationException("Shards that are stepped together come out with other bits than alone.");
        }

        _architecture = (MlpArchitecture)Architecture.Create(recipe, torch.CPU);
        _stack = new FlatStack(Shards, torch.CPU);
        for (var row = 0; row < Shards; row++)
        {
            var state = new PerceptronState(new ParameterLayout(_architecture.Parameters), recipe.Training);
            state.Layout.Initialise(state.Values, recipe.Training.Seed, row);
            _states.Add(state);
            _own.Add(new PerceptronStep(_architecture, state, recipe.Training));
            var parameters = new ParameterSet(_architecture.Parameters, torch.CPU, _stack.Row(row));
            parameters.Initialise(recipe.Training.Seed, row);
            _optimizers.Add(Torch.Optimizers.Optimizer.Create(recipe.Training, parameters));
            _autograd.Add(new AutogradStep(_architecture, parameters, _optimizers[row], _stack.LossSum(row)));
        }

        _together = new FusedStep(_architecture, _stack, 0, _optimizers, _autograd, _batchSize);
        _batch = _architecture.CreateBatch(_batchSize, torch.CPU);
        _ownBatch = new PerceptronBatch(FeatureLayout.Of(recipe), _batchSize);
        _wide = (DenseBatch)_architecture.CreateBatch(Shards * _batchSize, torch.CPU);
        _items = new RandomBits(Items, sizes[0], sizes[2]);
        _sideBySide = new SideBySide(_batchSize);
        _order = [.. Enumerable.Range(0, Items).Select(i => (int)((long)i * 5003 % Items))];
        _rates = [.. Enumerable.Repeat(Rate, Shards)];
    }

    [GlobalCleanup]
    public void Free()
    {
        _together.Dispose();
        _own.ForEach(step => step.Dispose());
        _states.ForEach(state => state.Dispose());
        _autograd.ForEach(step => step.Dispose());
        foreach (var optimizer in _optimizers)
        {
            optimizer.Dispose();
            optimizer.Parameters.Dispose();
        }

        _stack.Dispose();
        _batch.Dispose();
        _ownBatch.Dispose();
        _wide.Dispose();
        _own.Clear();
        _states.Clear();
        _autograd.Clear();
        _optimizers.Clear();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Items)]
    public void One_by_one_autograd() => OneByOne((row, items) =>
    {
        _batch.Load(_items, items);
        _autograd[row].Run(_batch, Rate);
    });

    [Benchmark(OperationsPerInvoke = Items)]
    public void One_by_one_own_step() => OneByOne((row, items) =>
    {
        _ownBatch.Load(_items, items);
        _own[row].Run(_ownBatch, Rate);
    });

    [Benchmark(OperationsPerInvoke = Items)]
    public void Together()
    {
        int[] indices = [.. Enumerable.Range(0, Shards * _batchSize)];
        for (var start = 0; start < Items; start += Shards * _batchSize)
        {
            _sideBySide.Clear();
            for (var row = 0; row < Shards; row++)
            {
                _sideBySide.Add(_items, _order.AsMemory(start + (row * _batchSize), _batchSize));
            }

            _wide.Load(_sideBySide, indices);
            _together.Run(_wide, _rates);
        }
    }

    private void OneByOne(Action<int, ReadOnlySpan<int>> step)
    {
        var perShard = Items / Shards;
        for (var row = 0; row < Shards; row++)
        {
            for (var start = row * perShard; start < (row + 1) * perShard; start += _batchSize)
            {
                step(row, _order.AsSpan(start, _batchSize));
            }
        }
    }
}

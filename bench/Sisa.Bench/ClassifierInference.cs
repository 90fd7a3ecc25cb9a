using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Bench;

/// <summary>How many items a second an ensemble of twenty perceptrons answers, against its constituents one by one.</summary>
/// <remarks>One process, one thread; times are per item, all twenty together. 600 numbers, tanh, 100 classes. Items are read once for the ensemble, and once for each constituent alone.</remarks>
[MinIterationCount(4)]
[MaxIterationCount(8)]
public class ClassifierInference
{
    private const int Constituents = 20;
    private const int Features = 600;
    private const int Classes = 100;
    private const int Items = 1024;

    private string _folder = null!;
    private ReadOnlyMemory<byte>[] _items = null!;
    private float[] _answers = null!;
    private EnsembleModel _ensemble = null!;
    private EnsembleModel[] _alone = null!;

    /// <summary>Hidden units.</summary>
    [Params(32, 128, 512)]
    public int Hidden { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var recipe = new Recipe
        {
            Labels = [.. Enumerable.Range(0, Classes).Select(i => $"{i}")],
            Features = new FeatureOptions { Vector = new VectorFeature("bits", Features, 0, 1) },
            Ensemble = new EnsembleOptions { Shards = Constituents },
            Model = new MlpOptions { Hidden = [Hidden], Activation = Activation.Tanh },
        };
        NativeRuntime.Start(recipe);
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        _items = [.. Enumerable.Range(0, Items).Select(_ => (ReadOnlyMemory<byte>)Item(generator))];
        _answers = new float[Constituents * Items * Classes];
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        _ensemble = new EnsembleModel(recipe);
        _alone = [.. Enumerable.Range(0, Constituents).Select(_ => new EnsembleModel(recipe))];
        using var architecture = Torch.Models.Architecture.Create(recipe, torch.CPU);
        for (var shard = 0; shard < Constituents; shard++)
        {
            var file = UntrainedConstituent.Write(_folder, architecture.Parameters, shard);
            _ensemble.Set(new ShardId(shard), file);
            _alone[shard].Set(new ShardId(shard), file);
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _ensemble.Dispose();
        Array.ForEach(_alone, one => one.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Items)]
    public void One_by_one()
    {
        for (var shard = 0; shard < Constituents; shard++)
        {
            _alone[shard].Probabilities(_items, _answers.AsSpan(shard * Items * Classes, Items * Classes));
        }
    }

    [Benchmark(OperationsPerInvoke = Items)]
    public void Together() => _ensemble.Probabilities(_items, _answers);

    private static byte[] Item(SeededGenerator generator)
    {
        var values = new float[Features];
        generator.FillUniform(values, 1);
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}

using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Sisa.Aggregation;
using Sisa.Generation;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Native;
using Sisa.Training;

namespace Sisa.Bench;

/// <summary>How many tokens a second an ensemble of eight decoders scores and generates, against its constituents one by one.</summary>
/// <remarks>One process, one thread; times are per token of text, whatever the number of constituents, and the ratio is what counts: joining eight answers is in the ensemble's time alone. Four
/// layers, four heads, windows of 128 bytes; 24 documents of 300 bytes are scored, 100 tokens generated behind a prompt of 20.</remarks>
[MinIterationCount(5)]
[MaxIterationCount(12)]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class LanguageInference
{
    private const int Constituents = 8;
    private const int Documents = 24;
    private const int DocumentTokens = 300;
    private const int Generated = 100;

    private static readonly int[] Prompt = [.. Enumerable.Range(0, 20).Select(i => 'a' + i)];

    private string _folder = null!;
    private ReadOnlyMemory<byte>[] _documents = null!;
    private LanguageEnsemble _ensemble = null!;
    private LanguageEnsemble[] _alone = null!;

    /// <summary>Width of the models: narrow, where calls cost more than products, and wider.</summary>
    [Params(64, 128)]
    public int Width { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var recipe = new Recipe
        {
            Task = TaskKind.LanguageModel,
            Ensemble = new EnsembleOptions { Shards = Constituents },
            Model = new DecoderOptions { Layers = 4, Width = Width, Heads = 4, Context = 128 },
        };
        NativeRuntime.Start(recipe);
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        _documents = [.. Enumerable.Range(0, Documents).Select(_ => (ReadOnlyMemory<byte>)Document(generator))];
        _folder = Directory.CreateTempSubdirectory("sisa-bench-").FullName;
        _ensemble = new LanguageEnsemble(recipe);
        _alone = [.. Enumerable.Range(0, Constituents).Select(_ => new LanguageEnsemble(recipe))];
        var specs = new DecoderLayout(((DecoderOptions)recipe.Model).Shape).Specs;
        for (var shard = 0; shard < Constituents; shard++)
        {
            var file = UntrainedConstituent.Write(_folder, specs, shard);
            _ensemble.Set(new ShardId(shard), file);
            _alone[shard].Set(new ShardId(shard), file);
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _ensemble.Dispose();
        foreach (var one in _alone)
        {
            one.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [BenchmarkCategory("score")]
    [Benchmark(Baseline = true, OperationsPerInvoke = Documents * (DocumentTokens - 1))]
    public void Score_one_by_one()
    {
        foreach (var one in _alone)
        {
            one.Score(_documents);
        }
    }

    [BenchmarkCategory("score")]
    [Benchmark(OperationsPerInvoke = Documents * (DocumentTokens - 1))]
    public void Score_together() => _ensemble.Score(_documents, AggregationRule.MeanProbability);

    [BenchmarkCategory("generate")]
    [Benchmark(Baseline = true, OperationsPerInvoke = Generated)]
    public void Generate_one_by_one()
    {
        foreach (var one in _alone)
        {
            Generate(one);
        }
    }

    [BenchmarkCategory("generate")]
    [Benchmark(OperationsPerInvoke = Generated)]
    public void Generate_together() => Generate(_ensemble);

    // The likeliest token of weights that were never trained is never the mark behind a text in practice; if it were, the count would be wrong.
    private static void Generate(LanguageEnsemble ensemble)
    {
        var written = ensemble.Generate(Prompt, AggregationRule.MeanProbability, new TokenSampler(new SamplingOptions { Temperature = 0 })).Take(Generated).Count();
        if (written != Generated)
        {
            throw new InvalidOperationException($"{written} tokens were generated, not {Generated}.");
        }
    }

    private static byte[] Document(SeededGenerator generator)
    {
        int[] tokens = [256, .. Enumerable.Range(0, DocumentTokens - 2).Select(_ => generator.NextInt32(256)), 257];
        return MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray();
    }
}

using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Sharding;
using Sisa.Training;

namespace Sisa.TestKit;

/// <summary>Recipes that train in no time.</summary>
public static class SmallRecipes
{
    /// <summary>The labels of every recipe here.</summary>
    public static IReadOnlyList<string> Labels { get; } = ["red", "green", "blue"];

    /// <summary>Texts by author.</summary>
    public static Recipe Text(int shards = 3, int slices = 3) => Base(shards, slices) with
    {
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Subject = ["author"], Text = ["text"], Label = "label" } },
        Features = new FeatureOptions { Text = new TextFeature(Buckets: 4096, MaxTokens: 32) },
        Model = new TextClassifierOptions { Width = 8 },
    };

    /// <summary>Two numbers, an item its own subject.</summary>
    public static Recipe Mlp(int shards = 3, int slices = 3) => Base(shards, slices) with
    {
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Label = "label" } },
        Features = new FeatureOptions { Numbers = [new NumberFeature("x", 0, 1), new NumberFeature("y", 0, 1)] },
        Model = new MlpOptions { Hidden = [4] },
    };

    /// <summary>A classification head on a base, texts by author.</summary>
    /// <param name="folder">Folder of the base, as <see cref="SmallBase.Write"/> makes it.</param>
    public static Recipe Adapter(string folder) => OpenWeightsFolder.Resolve(
        Text(2, 2) with { Features = new FeatureOptions(), Model = new AdapterOptions { Base = "somewhere", TrainedOn = DataOrigin.Public, Context = 32, Rank = 2 } },
        folder);

    /// <summary>The slice of an item follows its batch: <c>b1</c>, <c>b2</c>, ….</summary>
    public static Recipe ByBatch(this Recipe recipe) => recipe with
    {
        Corpus = recipe.Corpus with { Fields = recipe.Corpus.Fields with { Batch = "batch" } },
        Ensemble = recipe.Ensemble with
        {
            Assign = AssignRule.ByBatch,
            Batches = [.. Enumerable.Range(1, recipe.Ensemble.Slices).Select(k => $"b{k}")],
        },
    };

    /// <summary>Class <c>high</c> uses shard 0, class <c>low</c> all others.</summary>
    public static Recipe ByRisk(this Recipe recipe) => recipe with
    {
        Corpus = recipe.Corpus with { Fields = recipe.Corpus.Fields with { Risk = "risk" } },
        Ensemble = recipe.Ensemble with
        {
            RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal)
            {
                ["high"] = new([0]),
                ["low"] = new([.. Enumerable.Range(1, recipe.Ensemble.Shards - 1)]),
            },
        },
    };

    /// <summary>Class <c>high</c> uses the last slices of shard 0, from half of them on; class <c>low</c> all slices of all others.</summary>
    public static Recipe ByLateRisk(this Recipe recipe)
    {
        var byRisk = recipe.ByRisk();
        var slices = byRisk.Ensemble.Slices;
        return byRisk with
        {
            Ensemble = byRisk.Ensemble with
            {
                RiskClasses = new Dictionary<string, RiskClass>(byRisk.Ensemble.RiskClasses, StringComparer.Ordinal)
                {
                    ["high"] = new([0]) { Slices = [.. Enumerable.Range((slices / 2) + 1, slices - (slices / 2))] },
                },
            },
        };
    }

    /// <summary>An assignment key that a number decides.</summary>
    public static AssignmentKey Key(int number = 1) => new(Seeds.Derive((ulong)number, "test key").ToBytes());

    private static Recipe Base(int shards, int slices) => new()
    {
        Name = "small",
        Labels = Labels,
        Ensemble = new EnsembleOptions { Shards = shards, Slices = slices },
        Training = new TrainingOptions { Epochs = 3, BatchSize = 4, Schedule = ScheduleKind.Cosine, Warmup = 0.1 },
    };
}

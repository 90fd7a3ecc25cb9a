using Sisa.Models;
using Sisa.Training;

namespace Sisa.Torch.Tests;

/// <summary>Small recipes, one for each model.</summary>
internal static class TestRecipes
{
    public const int Classes = 5;

    public static IReadOnlyList<string> ModelNames { get; } = ["mlp", "mlp-linear", "cnn", "bag", "encoder"];

    /// <summary>Classifiers and language models.</summary>
    public static IReadOnlyList<string> TrainedNames { get; } = [.. ModelNames, "decoder", "decoder-untied", "decoder-from-base", "adapter", "adapter-head"];

    public static IReadOnlyList<string> OptimizerNames { get; } = ["sgd", "sgd-decay", "momentum", "adam", "adamw"];

    public static Recipe Mlp(Activation activation = Activation.Tanh) => Base() with
    {
        Features = new FeatureOptions { Vector = new VectorFeature("v", 13, 0, 1) },
        Model = new MlpOptions { Hidden = [11, 7], Activation = activation },
    };

    public static Recipe Model(string name) => name switch
    {
        "mlp" => Mlp(),
        "mlp-linear" => Mlp() with { Model = new MlpOptions { Hidden = [] } },
        "cnn" => Base() with
        {
            Features = new FeatureOptions { Pixels = new PixelFeature(9, 8, 2) },
            Model = new CnnOptions { Channels = [3, 4], Hidden = 6 },
        },
        "bag" => Base() with
        {
            Features = new FeatureOptions { Text = new TextFeature(Buckets: 50, MaxTokens: 6) },
            Model = new TextClassifierOptions { Width = 8 },
        },
        "encoder" => Base() with
        {
            Features = new FeatureOptions { Text = new TextFeature(Buckets: 50, MaxTokens: 6) },
            Model = new TextClassifierOptions { Architecture = TextArchitecture.Encoder, Width = 8, Layers = 2, Heads = 2 },
        },
        "decoder" => Decoder(new DecoderOptions { Layers = 2, Width = 8, Heads = 4, KeyValueHeads = 2, Context = 16 }),
        "decoder-from-base" => OnBase(new DecoderOptions { Base = "base", Context = 16 }, shared: true),
        "adapter" => OnBase(new AdapterOptions { Base = "base", Context = 16, Rank = 2, Targets = [AdapterTarget.Query, AdapterTarget.Value, AdapterTarget.Output, AdapterTarget.Up, AdapterTarget.Down] }),
        "adapter-head" => Base() with
        {
            Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } },
            Model = new AdapterOptions { Base = "base", Context = 10, Rank = 1, Targets = [AdapterTarget.Key, AdapterTarget.Gate], Files = Sequences.TestBase.Files, TrainedOn = DataOrigin.Public },
            BaseFolder = Sequences.TestBase.Folder,
        },
        "decoder-untied" => Decoder(new DecoderOptions { Layers = 1, Width = 12, Heads = 2, Hidden = 10, Context = 16, TieEmbeddings = false }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown model."),
    };

    public static Recipe With(this Recipe recipe, string optimizer) => recipe with { Training = Optimizer(recipe.Training, optimizer) };

    public static Recipe On(this Recipe recipe, string device) => recipe with { Training = recipe.Training with { Device = device } };

    public static TrainingOptions Optimizer(TrainingOptions training, string name) => name switch
    {
        "sgd" => training with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.05 },
        "sgd-decay" => training with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.05, WeightDecay = 0.01 },
        "momentum" => training with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.05, Momentum = 0.9, WeightDecay = 0.01 },
        "adam" => training with { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, WeightDecay = 0.01 },
        "adamw" => training with { Optimizer = OptimizerKind.AdamW, LearningRate = 0.01, WeightDecay = 0.01 },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown optimizer."),
    };

    // Steps of three windows in parts of two and one, gradients that are clipped.
    public static Recipe Decoder(SequenceModelOptions model) => Base() with
    {
        Task = TaskKind.LanguageModel,
        Labels = [],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } },
        Model = model,
        Training = Base().Training with { BatchSize = 3, MicroBatch = 2, Clip = 0.5, WeightDecay = 0.1 },
    };

    private static Recipe OnBase(SequenceModelOptions model, bool shared = false)
    {
        var recipe = Decoder(model with { Files = Sequences.TestBase.Files, TrainedOn = DataOrigin.Public });
        return recipe with { BaseFolder = Sequences.TestBase.Folder, Training = recipe.Training with { Init = shared ? InitKind.Shared : InitKind.PerShard } };
    }

    private static Recipe Base() => new()
    {
        Labels = [.. Enumerable.Range(0, Classes).Select(i => $"label {i}")],
        Ensemble = new EnsembleOptions { Shards = 3, Slices = 3 },
        Numerics = TestEnvironment.Numerics,
        Training = new TrainingOptions { Epochs = 3, BatchSize = 8, Schedule = ScheduleKind.Cosine, Warmup = 0.1 },
    };
}

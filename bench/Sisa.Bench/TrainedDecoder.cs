using System.Runtime.InteropServices;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;
using Architecture = Sisa.Torch.Models.Architecture;

namespace Sisa.Bench;

/// <summary>A decoder that Sisa trains, of the sizes of <see cref="PlainDecoder"/> as the benchmarks use it.</summary>
internal sealed class TrainedDecoder : IDisposable
{
    /// <summary>Windows a step.</summary>
    public const int Windows = 8;

    public TrainedDecoder()
    {
        NativeRuntime.Start(Recipe);
        Architecture = Architecture.Create(Recipe, torch.CPU);
        Parameters = new ParameterSet(Architecture.Parameters, torch.CPU);
        Parameters.Initialise(17, 0);
        Optimizer = Optimizer.Create(Recipe.Training, Parameters);
        Step = new AutogradStep(Architecture, Parameters, Optimizer);
        Steps = Architecture.CreateSteps(Windows, torch.CPU);
    }

    /// <summary>Sizes of the model: four layers, 128 wide, four heads, windows of 128 bytes.</summary>
    public static DecoderOptions Options { get; } = new() { Layers = 4, Width = 128, Heads = 4, Context = 128 };

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new()
    {
        Task = TaskKind.LanguageModel,
        Model = Options,
        Training = new TrainingOptions { BatchSize = Windows, LearningRate = 1e-3, WeightDecay = 0.1, Clip = 1 },
    };

    public Architecture Architecture { get; }

    public ParameterSet Parameters { get; }

    public Optimizer Optimizer { get; }

    public AutogradStep Step { get; }

    public TensorSteps Steps { get; }

    public void Dispose()
    {
        Steps.Dispose();
        Step.Dispose();
        Optimizer.Dispose();
        Parameters.Dispose();
        Architecture.Dispose();
    }
}

/// <summary>Documents of random bytes, each of which fills a window of <see cref="TrainedDecoder.Options"/>.</summary>
/// <param name="count">How many.</param>
internal sealed class FullWindows(int count) : ItemSource
{
    /// <summary>Tokens of a document: those of a window, and the one that its last position predicts.</summary>
    public static int Length => TrainedDecoder.Options.Context + 1;

    /// <summary>All tokens, document by document.</summary>
    public int[] Tokens { get; } = Make(count * Length);

    public override ReadOnlySpan<byte> Features(int index) => MemoryMarshal.AsBytes(Tokens.AsSpan(index * Length, Length));

    public override int Label(int index) => -1;

    public override string Describe(int index) => $"{index}";

    private static int[] Make(int tokens)
    {
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        return [.. Enumerable.Range(0, tokens).Select(_ => generator.NextInt32(256))];
    }
}

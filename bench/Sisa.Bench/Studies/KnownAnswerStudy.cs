using System.Diagnostics;
using System.Globalization;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Native;
using Sisa.Torch.Perceptron;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Bench.Studies;

/// <summary>What it takes a process to compute the known answers of a model, once, before it trains or answers.</summary>
/// <remarks>
/// Usage: <c>./build.sh bench known-answers</c>. Each measurement is a process of its own, since code is compiled, kernels are loaded and memory is touched by the first of them. It runs the code that is published,
/// compiled ahead as users have it. libtorch is loaded and has computed something before.
/// </remarks>
internal static class KnownAnswerStudy
{
    private const int Repeats = 9;

    private static readonly string[] Labels = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];

    private static readonly (string Name, Recipe Recipe)[] Models =
    [
        ("mlp 600-128-10, own products", Vector(new MlpOptions { Hidden = [128] })),
        ("mlp 600-128-10, libtorch", Vector(new MlpOptions { Hidden = [128] })),
        ("cnn, 28 × 28 pixels, channels 32 and 64", new Recipe { Labels = Labels, Features = new FeatureOptions { Pixels = new PixelFeature(28, 28, 1) }, Model = new CnnOptions { Channels = [32, 64] } }),
        ("text-classifier, bag, 64 wide", Text(new TextClassifierOptions { Width = 64 })),
        ("text-classifier, encoder, 64 wide, 2 layers", Text(new TextClassifierOptions { Architecture = TextArchitecture.Encoder, Width = 64, Layers = 2, Heads = 4 })),
        ("decoder, 128 wide, 4 layers, context 128", TrainedDecoder.Recipe),
        ("the same in bfloat16", TrainedDecoder.Recipe with { Training = TrainedDecoder.Recipe.Training with { Precision = ComputePrecision.BFloat16 } }),
    ];

    /// <summary>Measures all models, each in processes of its own.</summary>
    public static void Run()
    {
        var result = new StudyResult("Known answers", "./build.sh bench known-answers");
        result.Say($"Milliseconds that known answers take, forward and backward, in a process of the published program that has loaded libtorch. Medians of {Repeats} processes, with their range. Once a process; nothing is computed twice.");
        result.Say("Time of the processor is what matters where other programs run beside it.");
        result.Say("The last column is what they add to a process that trains: there, the operations ran once before, as in a first step. What is compiled, loaded and prepared for them then is so already; whoever comes first pays for it.");
        using var program = new PublishedProgram();
        result.Table(
            ["model", "first of all, ms", "range", "of the processor, ms", "after the operations ran once, ms"],
            Models.Select((model, i) =>
            {
                (double Wall, double Processor)[] times = [.. Enumerable.Range(0, Repeats).Select(_ => InProcess(program, i, "first"))];
                double[] first = [.. times.Select(time => time.Wall).Order()];
                double[] processor = [.. times.Select(time => time.Processor).Order()];
                double[] after = [.. Enumerable.Range(0, Repeats).Select(_ => InProcess(program, i, "after").Wall).Order()];
                return (IReadOnlyList<string>)[model.Name, Shown(first[Repeats / 2]), $"{Shown(first[0])}–{Shown(first[^1])}", Shown(processor[Repeats / 2]), Shown(after[Repeats / 2])];
            }));
        result.Write("known-answers");
    }

    /// <summary>Measures one model in this process and writes the time.</summary>
    /// <param name="number">Which of the models.</param>
    /// <param name="after">Whether its operations run once before.</param>
    public static void RunHere(int number, bool after)
    {
        var recipe = Models[number].Recipe;
        NativeRuntime.Start(recipe);
        using (torch.NewDisposeScope())
        {
            torch.ones(4, 4).matmul(torch.ones(4, 4)).sum().ToSingle();
        }

        var (step, answers) = number == 0 ? Perceptron(recipe) : Tensors(recipe);
        if (after)
        {
            step();
        }

        var (clock, processor) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        answers();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMilliseconds:R} {(Environment.CpuUsage.TotalTime - processor).TotalMilliseconds:R}"));
    }

    private static Recipe Vector(ModelOptions model) => new() { Labels = Labels, Features = new FeatureOptions { Vector = new VectorFeature("v", 600, 0, 1) }, Model = model };

    private static Recipe Text(ModelOptions model) => new() { Labels = Labels, Features = new FeatureOptions { Text = new TextFeature(Buckets: 4096, MaxTokens: 64) }, Model = model };

    private static (Action Step, Action Answers) Perceptron(Recipe recipe)
    {
        var layers = PerceptronAnswers.Layers(new MlpArchitecture((MlpOptions)recipe.Model, FeatureLayout.Of(recipe), recipe.Labels.Count));
        return (() => Array.ForEach(layers, Compute), () => PerceptronAnswers.Require(layers));
    }

    private static (Action Step, Action Answers) Tensors(Recipe recipe)
    {
        var operations = Architecture.Build(recipe, torch.CPU).Operations(recipe.Training.BatchSize).ToArray();
        return (() => Array.ForEach(operations, Compute), () => KnownAnswerCheck.Require(operations, torch.CPU));
    }

    private static void Compute(LinearOperation layer)
    {
        var (items, inputs, outputs) = ((int)layer.Rows, (int)layer.Inputs, (int)layer.Outputs);
        var (weights, gradients, x) = (new float[inputs * outputs], new float[outputs * items], new float[inputs * items]);
        LaneProducts.Forward(weights, new float[outputs], x, gradients);
        LaneProducts.Backward(weights, gradients, x);
        LaneProducts.Accumulate(weights, gradients, new float[items * LaneRows.Stride(inputs)], LaneRows.Stride(inputs), items, 0, 1);
    }

    private static void Compute(KnownOperation operation)
    {
        using var scope = torch.NewDisposeScope();
        operation.Compute([.. operation.InputShapes.Select(shape => torch.ones(shape).requires_grad_())]).sum().backward();
    }

    private static (double Wall, double Processor) InProcess(PublishedProgram program, int number, string when)
    {
        double[] times = [.. program.Run("known-answers", $"{number}", when).Trim().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return (times[0], times[1]);
    }

    private static string Shown(double milliseconds) => milliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}

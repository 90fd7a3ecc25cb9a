using System.Runtime.InteropServices;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Sequences;

public sealed class DecoderTests
{
    public static TheoryData<int, bool, bool> Shapes() => new() { { 4, true, false }, { 2, false, true }, { 1, true, true } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Logits_are_those_of_the_architecture_written_out_in_loops(int keyValueHeads, bool tied, bool biased)
    {
        var shape = new DecoderShape { Vocabulary = 31, Layers = 2, Width = 24, Heads = 4, KeyValueHeads = keyValueHeads, HeadWidth = 6, Hidden = 20, TieEmbeddings = tied, AttentionBias = biased };
        var layout = new DecoderLayout(shape);
        using var parameters = Random(layout);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var decoder = new Decoder(shape, 16, torch.CPU);
        int[] tokens = [3, 30, 0, 7, 7, 19, 2, 11, 5];
        var tokens_NT = torch.tensor(tokens.Select(t => (long)t).ToArray()).view(1, -1);
        var weights = new PlainWeights(layout, parameters);
        var logits = weights.Head(decoder.Hidden(weights, tokens_NT, new WindowAttention(torch.ones_like(tokens_NT)))).view(-1).data<float>().ToArray();

        var expected = new NaiveDecoder(shape, Named(layout, parameters)).Logits(tokens).SelectMany(row => row).ToArray();
        Assert.Equal(expected.Length, logits.Length);
        Assert.All(expected.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 2e-4));
    }

    [Fact]
    public void A_document_is_read_alike_alone_and_behind_others_in_its_window()
    {
        var recipe = TestRecipes.Model("decoder");
        using var architecture = new DecoderArchitecture(recipe, torch.CPU);
        using var parameters = new ParameterSet(architecture.Parameters, torch.CPU);
        parameters.Initialise(5, 0);
        var source = Documents([1, 2, 3, 4, 5, 6], [9, 8, 7], [4, 4, 4, 4]);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var steps = architecture.CreateSteps(3, torch.CPU);
        float[] Logits(params int[] order)
        {
            steps.Plan.Begin(source, order);
            steps.Plan.Load(0);
            return architecture.Logits(parameters, steps.Batch).data<float>().ToArray();
        }

        var together = Logits(0, 1, 2);
        float[] alone = [.. Logits(0), .. Logits(1), .. Logits(2)];
        Assert.Equal(1, steps.Batch.Count);
        Assert.Equal(alone.Length, together.Length);
        Assert.All(alone.Zip(together), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void The_gradient_of_a_step_is_the_same_however_many_windows_are_computed_at_a_time()
    {
        var recipe = TestRecipes.Model("decoder");
        var source = new ListSource(TestItems.Make(recipe, "document", 12));
        float[] Gradients(int microBatch)
        {
            var training = recipe.Training with { BatchSize = 4, MicroBatch = microBatch, Clip = 0, Optimizer = OptimizerKind.Sgd, WeightDecay = 0 };
            using var architecture = new DecoderArchitecture(recipe with { Training = training }, torch.CPU);
            using var parameters = new ParameterSet(architecture.Parameters, torch.CPU);
            parameters.Initialise(5, 0);
            using var optimizer = Optimizer.Create(training, parameters);
            var before = ParameterSet.Memory(parameters.Values).ToArray();
            using var step = new AutogradStep(architecture, parameters, optimizer);
            using var steps = architecture.CreateSteps(4, torch.CPU);
            steps.Plan.Begin(source, [.. Enumerable.Range(0, 12)]);
            steps.Plan.Load(0);

            // At a rate of one plain descent moves each weight by its gradient.
            step.Run(steps.Batch, 1);
            return [.. before.Zip(ParameterSet.Memory(parameters.Values).ToArray(), (old, moved) => old - moved)];
        }

        var whole = Gradients(4);
        Assert.Contains(whole, g => Math.Abs(g) > 1e-3);
        Assert.All(whole.Zip(Gradients(1)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.All(whole.Zip(Gradients(3)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Training_learns_a_text_by_heart()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Decoder(new DecoderOptions { Layers = 1, Width = 32, Heads = 2, Context = 16 });
        recipe = recipe with { Ensemble = recipe.Ensemble with { Slices = 1 }, Training = recipe.Training with { Epochs = 60, LearningRate = 1e-2, WeightDecay = 0 } };
        var results = bench.Train(recipe, [bench.Slice([.. Enumerable.Range(0, 6).Select(i => new TestItem($"{i}", -1, Tokens([256, 104 + i, 97, 108, 108, 111, 257])))])]);

        // The first letter can only be guessed: ln 6 / 6 nats a token.
        Assert.InRange(results[0].Loss!.Value, 0, 0.45);
    }

    [Fact]
    public void Norms_and_biases_do_not_decay()
    {
        var layout = new DecoderLayout(new DecoderShape { Vocabulary = 5, Layers = 1, Width = 4, Heads = 1, KeyValueHeads = 1, HeadWidth = 4, Hidden = 4, AttentionBias = true });

        Assert.All(layout.Specs, spec => Assert.Equal(spec.Shape.Length == 2, spec.Decays));
    }

    [Fact]
    public void No_tensor_is_left_alive_by_a_step()
    {
        var recipe = TestRecipes.Model("decoder");
        using var architecture = new DecoderArchitecture(recipe, torch.CPU);
        using var parameters = new ParameterSet(architecture.Parameters, torch.CPU);
        parameters.Initialise(5, 0);
        using var optimizer = Optimizer.Create(recipe.Training, parameters);
        using var step = new AutogradStep(architecture, parameters, optimizer);
        using var steps = architecture.CreateSteps(3, torch.CPU);
        steps.Plan.Begin(new ListSource(TestItems.Make(recipe, "document", 9)), [.. Enumerable.Range(0, 9)]);
        void Run()
        {
            for (var i = 0; i < steps.Plan.StepCount; i++)
            {
                steps.Plan.Load(i);
                step.Run(steps.Batch, 1e-3);
            }
        }

        Run();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    internal static ParameterSet Random(DecoderLayout layout)
    {
        var parameters = new ParameterSet(layout.Specs, torch.CPU);
        var generator = new SeededGenerator(Seeds.Derive(3, "weights"));
        for (var i = 0; i < layout.Specs.Count; i++)
        {
            var part = ParameterSet.Memory(parameters.Values).Slice((int)parameters.Offset(i), (int)layout.Specs[i].Count);
            generator.FillUniform(part, 0.4f);
            if (layout.Specs[i].Start == ParameterStart.Ones)
            {
                for (var j = 0; j < part.Length; j++)
                {
                    part[j] += 1;
                }
            }
        }

        return parameters;
    }

    internal static Dictionary<string, float[]> Named(DecoderLayout layout, ParameterSet parameters) => PublishedTensor.Of(layout.Specs).ToDictionary(
        tensor => tensor.Name,
        tensor =>
        {
            var parameter = layout.Specs.Select((spec, i) => (spec, i)).Single(p => p.spec.Name == tensor.Parameter).i;
            return ParameterSet.Memory(parameters.Values).Slice((int)(parameters.Offset(parameter) + tensor.FirstElement), (int)tensor.Count).ToArray();
        });

    private static byte[] Tokens(int[] tokens) => MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray();

    private static ListSource Documents(params int[][] documents) => new([.. documents.Select((tokens, i) => new TestItem($"{i}", -1, Tokens(tokens)))]);
}

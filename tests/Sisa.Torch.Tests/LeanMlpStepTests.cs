using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests;

public sealed class LeanMlpStepTests
{
    [Theory]
    [InlineData(Activation.Tanh, "sgd", 8)]
    [InlineData(Activation.Tanh, "sgd-decay", 5)]
    [InlineData(Activation.Relu, "sgd", 1)]
    [InlineData(Activation.Relu, "momentum", 8)]
    [InlineData(Activation.Tanh, "adamw", 3)]
    public void Weights_move_as_autograd_moves_them(Activation activation, string optimizer, int count)
    {
        var recipe = TestRecipes.Mlp(activation).With(optimizer);
        using var lean = new Rig(recipe, byHand: true);
        using var autograd = new Rig(recipe, byHand: false);
        for (var step = 0; step < 3; step++)
        {
            lean.Run(step, count);
            autograd.Run(step, count);
        }

        // Adam divides by the gradient's own size, so a rounding of a gradient near zero shows in the weight.
        AssertClose(autograd.Weights, lean.Weights, optimizer == "adamw" ? 2e-5f : 2e-6f);
        Assert.Equal(autograd.Step.TakeLoss().Nats, lean.Step.TakeLoss().Nats, 1e-5);
        Assert.Equal(0, lean.Step.TakeLoss().Nats);
    }

    [Fact]
    public void A_short_batch_between_full_ones_leaves_them_as_they_are()
    {
        var recipe = TestRecipes.Mlp().With("sgd");
        using var one = new Rig(recipe, byHand: true);
        using var other = new Rig(recipe, byHand: false);
        foreach (var count in new[] { 8, 3, 8, 1, 8 })
        {
            one.Run(count, count);
            other.Run(count, count);
        }

        AssertClose(other.Weights, one.Weights, 3e-6f);
    }

    [Fact]
    public void The_padding_between_parameters_stays_zero()
    {
        using var rig = new Rig(TestRecipes.Mlp().With("adamw"), byHand: true);
        rig.Run(0, 8);
        var parameters = rig.Parameters;
        for (var i = 0; i < parameters.Specs.Count; i++)
        {
            var end = (int)(parameters.Offset(i) + parameters.Specs[i].Count);
            var next = i + 1 < parameters.Specs.Count ? (int)parameters.Offset(i + 1) : rig.Weights.Length;
            Assert.All(rig.Weights[end..next], value => Assert.Equal(0, value));
        }
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }

    /// <summary>A model with its optimizer, stepped one way or the other over the same items.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly Recipe _recipe;
        private readonly Optimizer _optimizer;
        private readonly Batch _batch;

        public Rig(Recipe recipe, bool byHand)
        {
            _recipe = recipe;
            var architecture = (MlpArchitecture)Architecture.Create(recipe, torch.CPU);
            Parameters = new ParameterSet(architecture.Parameters, torch.CPU);
            Parameters.Initialise(3, 0);
            _optimizer = Optimizer.Create(recipe.Training, Parameters);
            Step = byHand
                ? new LeanMlpStep(NativeRuntime.Start(recipe).Kernels, architecture, Parameters, _optimizer, recipe.Training)
                : new AutogradStep(architecture, Parameters, _optimizer);
            _batch = architecture.CreateBatch(recipe.Training.BatchSize, torch.CPU);
        }

        public ITrainingStep Step { get; }

        public ParameterSet Parameters { get; }

        public float[] Weights => ParameterSet.Memory(Parameters.Values).ToArray();

        public void Run(int name, int count)
        {
            _batch.Load(new ListSource(TestItems.Make(_recipe, $"batch{name}", count)), Enumerable.Range(0, count).ToArray());
            Step.Run(_batch, 0.05);
        }

        public void Dispose()
        {
            Step.Dispose();
            _optimizer.Dispose();
            Parameters.Dispose();
            _batch.Dispose();
        }
    }
}

/// <summary>Made-up items as a source of batches.</summary>
internal sealed class ListSource(IReadOnlyList<TestItem> items) : ItemSource
{
    public override ReadOnlySpan<byte> Features(int index) => items[index].Features;

    public override int Label(int index) => items[index].Label;

    public override string Describe(int index) => items[index].Id;
}

using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Torch.Native;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Perceptron;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Perceptron;

public sealed class PerceptronStepTests
{
    [Theory]
    [InlineData(Activation.Tanh, "sgd", 8)]
    [InlineData(Activation.Tanh, "sgd-decay", 5)]
    [InlineData(Activation.Relu, "sgd", 1)]
    [InlineData(Activation.Relu, "momentum", 8)]
    [InlineData(Activation.Tanh, "adamw", 3)]
    [InlineData(Activation.Tanh, "sgd-decay", 16)]
    [InlineData(Activation.Relu, "sgd-decay", 37)]
    [InlineData(Activation.Tanh, "adamw", 33)]
    public void Weights_move_as_autograd_moves_them(Activation activation, string optimizer, int count)
    {
        var recipe = TestRecipes.Mlp(activation).With(optimizer);
        recipe = recipe with { Training = recipe.Training with { BatchSize = 40 } };
        using var own = new OwnRig(recipe);
        using var autograd = new AutogradRig(recipe);
        for (var step = 0; step < 3; step++)
        {
            own.Run(step, count);
            autograd.Run(step, count);
        }

        // Adam divides by the gradient's own size, so a rounding of a gradient near zero shows in the weight.
        AssertClose(autograd.Weights, own.Weights, optimizer == "adamw" ? 2e-5f : 2e-6f);
        Assert.Equal(autograd.TakeLoss().Nats, own.TakeLoss().Nats, 1e-5 * Math.Max(1, count / 8.0));
        Assert.Equal(0, own.TakeLoss().Nats);
    }

    [Fact]
    public void A_short_batch_between_full_ones_leaves_them_as_they_are()
    {
        var recipe = TestRecipes.Mlp().With("sgd");
        using var own = new OwnRig(recipe);
        using var autograd = new AutogradRig(recipe);
        foreach (var count in new[] { 8, 3, 8, 1, 8 })
        {
            own.Run(count, count);
            autograd.Run(count, count);
        }

        AssertClose(autograd.Weights, own.Weights, 3e-6f);
    }

    [Fact]
    public void What_an_earlier_batch_left_in_the_buffers_changes_no_bit()
    {
        var recipe = TestRecipes.Mlp().With("sgd");
        using var used = new OwnRig(recipe);
        var start = used.Weights;
        used.Run(1, 8);
        start.CopyTo(used.State.Values);
        using var fresh = new OwnRig(recipe);
        used.Run(2, 5);
        fresh.Run(2, 5);

        Assert.Equal(fresh.Weights, used.Weights);
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd-decay")]
    public void The_padding_between_parameters_stays_zero(string optimizer)
    {
        using var rig = new OwnRig(TestRecipes.Mlp().With(optimizer));
        rig.Run(0, 8);
        var layout = rig.State.Layout;
        for (var i = 0; i < layout.Specs.Count; i++)
        {
            var end = (int)(layout.Offset(i) + layout.Specs[i].Count);
            var next = i + 1 < layout.Specs.Count ? (int)layout.Offset(i + 1) : rig.Weights.Length;
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

    /// <summary>A model stepped by hand.</summary>
    private sealed class OwnRig : IDisposable
    {
        private readonly Recipe _recipe;
        private readonly PerceptronBatch _batch;
        private readonly PerceptronStep _step;

        public OwnRig(Recipe recipe)
        {
            _recipe = recipe;
            var layout = FeatureLayout.Of(recipe);
            var architecture = new MlpArchitecture((MlpOptions)recipe.Model, layout, recipe.Labels.Count);
            State = new PerceptronState(new ParameterLayout(architecture.Parameters), recipe.Training);
            State.Layout.Initialise(State.Values, 3, 0);
            _batch = new PerceptronBatch(layout, recipe.Training.BatchSize);
            _step = new PerceptronStep(architecture, State, recipe.Training);
        }

        public PerceptronState State { get; }

        public float[] Weights => State.Values.ToArray();

        public LossSum TakeLoss() => _step.TakeLoss();

        public void Run(int name, int count)
        {
            _batch.Load(new ListSource(TestItems.Make(_recipe, $"batch{name}", count)), Enumerable.Range(0, count).ToArray());
            _step.Run(_batch, 0.05);
        }

        public void Dispose()
        {
            _step.Dispose();
            _batch.Dispose();
            State.Dispose();
        }
    }

    /// <summary>The same model stepped by libtorch.</summary>
    private sealed class AutogradRig : IDisposable
    {
        private readonly Recipe _recipe;
        private readonly ParameterSet _parameters;
        private readonly Optimizer _optimizer;
        private readonly AutogradStep _step;
        private readonly Data.Batch _batch;

        public AutogradRig(Recipe recipe)
        {
            _recipe = recipe;
            NativeRuntime.Start(recipe);
            var architecture = Architecture.Create(recipe, torch.CPU);
            _parameters = new ParameterSet(architecture.Parameters, torch.CPU);
            _parameters.Initialise(3, 0);
            _optimizer = Optimizer.Create(recipe.Training, _parameters);
            _step = new AutogradStep(architecture, _parameters, _optimizer);
            _batch = architecture.CreateBatch(recipe.Training.BatchSize, torch.CPU);
        }

        public float[] Weights => ParameterSet.Memory(_parameters.Values).ToArray();

        public LossSum TakeLoss() => _step.TakeLoss();

        public void Run(int name, int count)
        {
            _batch.Load(new ListSource(TestItems.Make(_recipe, $"batch{name}", count)), Enumerable.Range(0, count).ToArray());
            _step.Run(_batch, 0.05);
        }

        public void Dispose()
        {
            _step.Dispose();
            _optimizer.Dispose();
            _parameters.Dispose();
            _batch.Dispose();
        }
    }
}

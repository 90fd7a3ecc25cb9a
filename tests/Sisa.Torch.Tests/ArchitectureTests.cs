using Sisa.Corpora;
using Sisa.Models;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Optimizers;
using Sisa.Torch.Steps;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Tests;

public sealed class ArchitectureTests
{
    public static TheoryData<string> Models() => [.. TestRecipes.ModelNames];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_size_that_a_recipe_declares_is_that_of_its_parameters(string model)
    {
        var recipe = TestRecipes.Model(model);
        Recipe[] variants = model == "cnn" ? [recipe, recipe with { Model = new CnnOptions { Channels = [3], Kernel = 5, Hidden = 0 } }] : [recipe];

        Assert.All(variants, variant => Assert.Equal(Architecture.Create(variant, torch.CPU).Parameters.Sum(parameter => parameter.Count), variant.Model.ParameterCount(variant)));
        Assert.All(variants, variant => Assert.Equal(Architecture.Create(variant, torch.CPU).Parameters.Count, variant.Model.TensorCount(variant)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_agree_with_finite_differences(string model)
    {
        var recipe = TestRecipes.Model(model);
        var architecture = Architecture.Create(recipe, torch.CPU);
        using var weights = new ParameterSet(architecture.Parameters, torch.CPU);
        weights.Initialise(11, 0);
        weights.RequireGradients();
        using var batch = architecture.CreateBatch(6, torch.CPU);
        batch.Load(new ListSource(TestItems.Make(recipe, "item", 6)), [0, 1, 2, 3, 4, 5]);
        double Loss(bool backward)
        {
            using var scope = torch.NewDisposeScope();
            using var grad = torch.set_grad_enabled(backward);
            var loss = functional.cross_entropy(architecture.Logits(weights, batch), batch.Labels_B);
            if (backward)
            {
                loss.backward();
                weights.AddLookupGradients();
            }

            return loss.item<float>();
        }

        Loss(backward: true);
        var gradients = ParameterSet.Memory(weights.Gradients!).ToArray();
        var values = ParameterSet.Memory(weights.Values);
        for (var i = 0; i < architecture.Parameters.Count; i++)
        {
            // The largest gradient of each parameter, where rounding weighs least.
            var part = Enumerable.Range((int)weights.Offset(i), (int)architecture.Parameters[i].Count);
            var place = part.MaxBy(p => Math.Abs(gradients[p]));
            const float Step = 4e-3f;
            var old = values[place];
            values[place] = old + Step;
            var above = Loss(backward: false);
            values[place] = old - Step;
            var below = Loss(backward: false);
            values[place] = old;
            var expected = (above - below) / (2 * Step);
            Assert.True(
                Math.Abs(expected - gradients[place]) < 2e-3 + (0.05 * Math.Abs(expected)),
                $"{architecture.Parameters[i].Name}: {gradients[place]} by autograd, {expected} by differences");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void An_item_is_answered_alike_in_any_company(string model)
    {
        var recipe = TestRecipes.Model(model);
        var architecture = Architecture.Create(recipe, torch.CPU);
        using var weights = new ParameterSet(architecture.Parameters, torch.CPU);
        weights.Initialise(11, 0);
        using var batch = architecture.CreateBatch(8, torch.CPU);
        var source = new ListSource(TestItems.Make(recipe, "item", 8));
        using var scope = torch.NewDisposeScope();
        batch.Load(source, [0, 1, 2, 3, 4, 5, 6, 7]);
        var together = architecture.Logits(weights, batch).clone();
        for (var i = 0; i < 8; i++)
        {
            batch.Load(source, [i]);
            var alone = architecture.Logits(weights, batch);
            Assert.True((alone[0] - together[i]).abs().max().item<float>() < 1e-5f);
        }
    }

    [Fact]
    public void Parameters_have_dotted_names_and_start_within_their_bounds()
    {
        foreach (var model in TestRecipes.ModelNames)
        {
            var architecture = Architecture.Create(TestRecipes.Model(model), torch.CPU);
            using var weights = new ParameterSet(architecture.Parameters, torch.CPU);
            weights.Initialise(11, 0);
            for (var i = 0; i < architecture.Parameters.Count; i++)
            {
                var spec = architecture.Parameters[i];
                var values = ParameterSet.Memory(weights.Values).Slice((int)weights.Offset(i), (int)spec.Count).ToArray();
                var bound = spec.Start == ParameterStart.Zeros ? 0 : spec.Start == ParameterStart.Ones ? 1 : spec.Bound;
                Assert.All(values, v => Assert.InRange(Math.Abs(v), 0, bound * 1.000001));
                Assert.Matches(@"\.(weight|bias)$", spec.Name);
                Assert.Equal(0, weights.Offset(i) % ParameterLayout.Alignment);
            }

            Assert.Equal(architecture.Parameters.Count, architecture.Parameters.Select(p => p.Name).Distinct().Count());
        }
    }

    [Fact]
    public void Bytes_become_the_declared_scale()
    {
        var recipe = TestRecipes.Model("cnn");
        recipe = recipe with { Features = new FeatureOptions { Pixels = new PixelFeature(9, 8, 2, Mean: 0.25, Deviation: 0.5) } };
        using var batch = new DenseBatch(FeatureLayout.Of(recipe), 2, torch.CPU);
        var item = TestItems.One(recipe, "pixels");
        batch.Load(new ListSource([item]), [0]);
        var features = batch.Features_BF.bytes;

        Assert.Equal(
            item.Features.Select(b => (float)(((b / 255.0) - 0.25) / 0.5)),
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(features).ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void A_model_that_does_not_fit_its_features_is_a_fault_of_the_recipe()
    {
        var text = TestRecipes.Model("bag");
        var numbers = TestRecipes.Mlp();

        Assert.Throws<RecipeException>(() => Architecture.Create(text with { Model = new MlpOptions() }, torch.CPU));
        Assert.Throws<RecipeException>(() => Architecture.Create(numbers with { Model = new CnnOptions() }, torch.CPU));
        Assert.Throws<RecipeException>(() => Architecture.Create(numbers with { Model = new TextClassifierOptions() }, torch.CPU));
        Assert.Throws<RecipeException>(() => Architecture.Create(TestRecipes.Model("cnn") with { Model = new CnnOptions { Channels = [2, 2, 2, 2] } }, torch.CPU));
    }

    [Fact]
    public void A_step_by_autograd_takes_the_same_loss_as_it_reports()
    {
        var recipe = TestRecipes.Model("bag");
        var architecture = Architecture.Create(recipe, torch.CPU);
        using var weights = new ParameterSet(architecture.Parameters, torch.CPU);
        weights.Initialise(11, 0);
        using var optimizer = Optimizer.Create(recipe.Training, weights);
        using var step = new AutogradStep(architecture, weights, optimizer);
        using var batch = architecture.CreateBatch(6, torch.CPU);
        batch.Load(new ListSource(TestItems.Make(recipe, "item", 6)), [0, 1, 2, 3, 4, 5]);
        using var scope = torch.NewDisposeScope();
        float expected;
        using (torch.no_grad())
        {
            expected = functional.cross_entropy(architecture.Logits(weights, batch), batch.Labels_B, reduction: Reduction.Sum).item<float>();
        }

        step.Run(batch, 0.01);

        Assert.Equal(expected, step.TakeLoss().Nats, 1e-5);
        Assert.Equal(0, step.TakeLoss().Nats);
        Assert.Equal(1, optimizer.StepCount);
    }
}

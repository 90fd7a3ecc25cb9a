using Sisa.Aggregation;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Adapters;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Sequences;

public sealed class AdapterTests
{
    [Fact]
    public void An_adapted_base_gives_the_logits_of_the_base_with_the_updates_added_to_its_weights()
    {
        var recipe = TestRecipes.Model("adapter");
        var options = (AdapterOptions)recipe.Model;
        var layout = new AdapterLayout(options, classes: 0);
        using var parameters = new ParameterSet(layout.Specs, torch.CPU);
        new SeededGenerator(Seeds.Derive(4, "adapter")).FillUniform(ParameterSet.Memory(parameters.Values), 0.5f);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var decoder = new Decoder(TestBase.Shape, 16, torch.CPU);
        var adapted = new AdapterWeights(FrozenBase.Of(recipe, torch.CPU).Weights(ComputePrecision.Full), options, layout, parameters);
        int[] tokens = [3, 30, 0, 7, 38, 19, 2];
        var tokens_NT = torch.tensor(tokens.Select(t => (long)t).ToArray()).view(1, -1);
        var logits = adapted.Head(decoder.Hidden(adapted, tokens_NT, new WindowAttention(torch.ones_like(tokens_NT)))).view(-1).data<float>().ToArray();

        var merged = TestBase.Tensors.ToDictionary(t => t.Key, t => t.Value.ToArray());
        string[] modules = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];
        for (var layer = 0; layer < TestBase.Shape.Layers; layer++)
        {
            foreach (var target in options.Targets)
            {
                var update = layout.Update(layer, target)!;
                var delta = parameters[update.Up].matmul(parameters[update.Down]) * (options.Alpha / options.Rank);
                var values = delta.contiguous().data<float>().ToArray();
                var weight = merged[$"model.layers.{layer}.{modules[(int)target]}.weight"];
                Assert.Equal(weight.Length, values.Length);
                for (var i = 0; i < weight.Length; i++)
                {
                    weight[i] += values[i];
                }
            }
        }

        var expected = new NaiveDecoder(TestBase.Shape, merged).Logits(tokens).SelectMany(row => row).ToArray();
        Assert.All(expected.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 5e-4));
        Assert.NotEqual(new NaiveDecoder(TestBase.Shape, TestBase.Tensors).Logits(tokens)[6][5], expected[(6 * 40) + 5], 1e-2);
    }

    [Fact]
    public void Training_starts_at_the_base_itself_and_changes_the_adapter_alone()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model("adapter");
        var before = FrozenBase.Of(recipe, torch.CPU).Weights(ComputePrecision.Full);
        using var scope = torch.NewDisposeScope();
        var probe = torch.tensor(new long[] { 1, 2, 3 }).view(1, 3);
        var old = before.Multiply(before.Embed(probe), 0, DecoderProduct.QueryKeyValue).data<float>().ToArray();
        var results = bench.Train(recipe, bench.Slices(recipe));

        Assert.Equal(old, before.Multiply(before.Embed(probe), 0, DecoderProduct.QueryKeyValue).data<float>().ToArray());
        Assert.Equal(3, results.Select(r => r.Tensors).Distinct().Count());
        var parameters = new AdapterLayout((AdapterOptions)recipe.Model, 0).Specs.Sum(spec => spec.Count);
        Assert.All(results, r => Assert.InRange(r.SizeBytes, parameters * 12, (parameters * 12) + 12_000));
    }

    [Fact]
    public void The_base_is_held_once_for_all_constituents_of_a_process()
    {
        var recipe = TestRecipes.Model("adapter");

        Assert.Same(FrozenBase.Of(recipe, torch.CPU), FrozenBase.Of(recipe, torch.CPU));
    }

    [Fact]
    public void Weights_of_other_shapes_than_config_json_says_are_refused_by_name()
    {
        var recipe = TestRecipes.Model("adapter");
        var files = TestBase.Files with { Digest = Digest.Of("another"u8), Shape = TestBase.Shape with { Hidden = 16 } };
        var other = recipe with { Model = (AdapterOptions)recipe.Model with { Files = files } };

        var fault = Assert.Throws<StoreException>(() => FrozenBase.Of(other, torch.CPU));
        Assert.Contains("'model.layers.0.mlp.gate_proj.weight' with shape [12, 8]; config.json requires [16, 8]", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adapter", float.NaN, "NaN")]
    [InlineData("decoder-from-base", float.PositiveInfinity, "an infinite number")]
    public void A_base_that_holds_no_numbers_trains_nothing_and_is_refused_by_tensor(string model, float value, string found)
    {
        const string Tensor = "model.layers.1.self_attn.v_proj.weight";
        using var bench = new Workbench();
        var folder = bench.NewFolder();
        var numbers = TestBase.Tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.ToArray());
        numbers[Tensor][5] = value;
        TestBase.Write(folder, numbers);
        var recipe = TestRecipes.Model(model);
        var files = TestBase.Files with { Digest = Digest.Of("a base that holds no numbers"u8) };
        recipe = recipe with { BaseFolder = folder, Model = (SequenceModelOptions)recipe.Model with { Files = files } };

        var fault = Assert.Throws<StoreException>(() => bench.Train(recipe, bench.Slices(recipe)));
        Assert.Contains($"has {found} in '{Tensor}' (element 5), expected finite numbers", fault.Message, StringComparison.Ordinal);
        Assert.Equal(FaultKind.Data, fault.Kind);
        var refused = Assert.Throws<StoreException>(() => PublishedWeights.CheckBase(recipe, Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))));
        Assert.Equal(fault.Message, refused.Message);
    }

    [Fact]
    public void An_adapter_as_recipes_declare_it_has_the_size_that_is_told_beforehand()
    {
        foreach (var name in new[] { "adapter", "adapter-head", "decoder-from-base", "decoder", "decoder-untied" })
        {
            var recipe = TestRecipes.Model(name);
            Assert.Equal(Architecture.Create(recipe, torch.CPU).Parameters.Sum(parameter => parameter.Count), recipe.Model.ParameterCount(recipe));
            Assert.Equal(Architecture.Create(recipe, torch.CPU).Parameters.Count, recipe.Model.TensorCount(recipe));
        }
    }

    [Fact]
    public void Adapters_side_by_side_compute_what_each_computes_alone()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model("adapter");
        recipe = recipe with { Training = recipe.Training with { Init = InitKind.Shared, LearningRate = 0.05 }, Ensemble = recipe.Ensemble with { Slices = 1 } };
        (ShardId Shard, CheckpointReference File)[] files = [.. Enumerable.Range(0, 3).Select(shard =>
        {
            var job = Workbench.Job(recipe, [bench.Slice(TestItems.Make(recipe, $"{shard}", 12))], bench.NewFolder(), shard);
            return (job.Shard, Workbench.Reference(job, Workbench.Train(job)[^1]));
        })];
        ReadOnlyMemory<byte>[] documents = [.. TestItems.Make(recipe, "question", 8).Where(item => item.Features.Length > 4).Select(item => (ReadOnlyMemory<byte>)item.Features)];
        using var ensemble = Inference.LanguageBench.Load(recipe, files);
        var together = ensemble.Score(documents, AggregationRule.WeightAverage, AggregationRule.PosteriorWeighted);
        for (var s = 0; s < files.Length; s++)
        {
            using var one = Inference.LanguageBench.Load(recipe, files[s]);
            var alone = one.Score(documents);
            for (var i = 0; i < documents.Length; i++)
            {
                Assert.All(alone[i].Constituents[0].Zip(together[i].Constituents[s]), pair => Assert.Equal(pair.First, pair.Second, 2e-5f));
            }
        }

        Assert.NotEqual(together[0].Constituents[0], together[0].Constituents[1]);
        Assert.All(together.SelectMany(score => score.Joined[AggregationRule.WeightAverage]), nats => Assert.InRange(nats, -20, 0));
    }

    [Fact]
    public void A_head_reads_the_state_of_an_items_last_token_whatever_stands_beside_it()
    {
        var recipe = TestRecipes.Model("adapter-head");
        using var architecture = Architecture.Create(recipe, torch.CPU);
        using var parameters = new ParameterSet(architecture.Parameters, torch.CPU);
        new SeededGenerator(Seeds.Derive(4, "head")).FillUniform(ParameterSet.Memory(parameters.Values), 0.5f);
        using var batch = architecture.CreateBatch(4, torch.CPU);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        float[][] Logits(params int[][] items)
        {
            batch.Load(new ListSource([.. items.Select((tokens, i) => new TestItem($"{i}", 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray()))]), [.. Enumerable.Range(0, items.Length)]);
            return [.. architecture.Logits(parameters, batch).data<float>().ToArray().Chunk(TestRecipes.Classes)];
        }

        int[][] all = [[1, 2, 3], [4, 5, 6, 7, 8], [9], [1, 2, 7]];
        var together = Logits(all);
        for (var i = 0; i < all.Length; i++)
        {
            Assert.All(Logits(all[i])[0].Zip(together[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }

        // The first and the last item differ in their last token alone.
        Assert.NotEqual(together[0][0], together[3][0], 1e-3f);
    }
}

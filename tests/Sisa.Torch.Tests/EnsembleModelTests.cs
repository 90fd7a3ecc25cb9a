using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Inference;
using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests;

public sealed class EnsembleModelTests
{
    public static TheoryData<string> Models() => [.. TestRecipes.ModelNames];

    [Theory]
    [MemberData(nameof(Models))]
    public void Together_constituents_answer_as_each_alone(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        var files = Constituents(bench, recipe, 3);
        var items = Encoded(recipe, 300);
        using var ensemble = new EnsembleModel(recipe);
        foreach (var (shard, file) in files)
        {
            ensemble.Set(shard, file);
        }

        var together = new float[3 * 300 * TestRecipes.Classes];
        ensemble.Probabilities(items, together);
        for (var s = 0; s < 3; s++)
        {
            using var one = new EnsembleModel(recipe);
            one.Set(files[s].Shard, files[s].File);
            var alone = new float[300 * TestRecipes.Classes];
            one.Probabilities(items, alone);
            for (var i = 0; i < alone.Length; i++)
            {
                Assert.Equal(alone[i], together[(s * alone.Length) + i], 1e-5f);
            }

            foreach (var row in alone.Chunk(TestRecipes.Classes))
            {
                Assert.Equal(1, row.Sum(), 1e-5f);
            }
        }

        Assert.NotEqual(together[..TestRecipes.Classes], together[(300 * TestRecipes.Classes)..(301 * TestRecipes.Classes)]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_constituent_that_another_thread_prepares_answers_once_it_is_adopted(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        var files = Constituents(bench, recipe, 2);
        var items = Encoded(recipe, 20);
        using var ensemble = new EnsembleModel(recipe);
        ensemble.Set(files[0].Shard, files[0].File);
        var before = Answers(ensemble, items);

        // It takes the place of the first shard's constituent.
        using var prepared = await Task.Run(() => ensemble.Prepare(files[0].Shard, files[1].File), TestContext.Current.CancellationToken);
        Assert.Equal(before, Answers(ensemble, items));
        Assert.True(ensemble.Holds(files[0].Shard, files[0].File.Digest));
        ensemble.Adopt(prepared);

        using var other = new EnsembleModel(recipe);
        other.Set(files[0].Shard, files[1].File);
        Assert.Equal(Answers(other, items), Answers(ensemble, items));
        Assert.NotEqual(before, Answers(ensemble, items));
        Assert.Throws<InvalidOperationException>(() => ensemble.Adopt(prepared));
    }

    [Fact]
    public void Long_texts_answer_a_few_at_a_time_as_each_alone()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model("encoder") with { Features = new FeatureOptions { Text = new TextFeature(Buckets: 50, MaxTokens: 2000) } };
        var (shard, file) = Constituents(bench, recipe, 1, 2)[0];
        var items = Encoded(recipe, 5);
        using var ensemble = new EnsembleModel(recipe);
        ensemble.Set(shard, file);
        var together = new float[5 * TestRecipes.Classes];
        ensemble.Probabilities(items, together);

        // Attention holds heads × tokens × tokens: two such items at a time stay within the bound, five would not.
        Assert.Equal(2 * 2000 * 2000, Architecture.Create(recipe, torch.CPU).LargestActivation);
        Assert.Equal(2, ensemble.ItemsPerBatch);
        for (var i = 0; i < items.Count; i++)
        {
            var alone = new float[TestRecipes.Classes];
            ensemble.Probabilities([items[i]], alone);
            Assert.All(alone.Zip(together.Skip(i * TestRecipes.Classes)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_constituent_that_diverged_is_named_instead_of_answering(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        var files = Constituents(bench, recipe, 3);
        using var ensemble = new EnsembleModel(recipe);
        ensemble.Set(files[0].Shard, files[0].File);
        ensemble.Set(files[1].Shard, bench.Diverged(files[1].File));
        ensemble.Set(files[2].Shard, files[2].File);
        var error = Assert.Throws<StoreException>(() => ensemble.Probabilities(Encoded(recipe, 4), new float[3 * 4 * TestRecipes.Classes]));

        Assert.Contains("shard-001 has diverged", error.Message, StringComparison.Ordinal);
        Assert.Contains("learningRate", error.Remedy?.ToString(), StringComparison.Ordinal);
        ensemble.Remove(files[1].Shard);
        ensemble.Probabilities(Encoded(recipe, 4), new float[2 * 4 * TestRecipes.Classes]);
    }

    [Fact]
    public void Constituents_come_and_go()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var files = Constituents(bench, recipe, 3);
        var items = Encoded(recipe, 4);
        using var ensemble = new EnsembleModel(recipe);
        float[] Ask()
        {
            var answers = new float[ensemble.Shards.Count * items.Count * TestRecipes.Classes];
            ensemble.Probabilities(items, answers);
            return answers;
        }

        Assert.Empty(Ask());
        ensemble.Set(files[2].Shard, files[2].File);
        ensemble.Set(files[0].Shard, files[0].File);
        var before = Ask();
        ensemble.Set(files[0].Shard, files[1].File);
        var exchanged = Ask();
        ensemble.Set(files[0].Shard, files[0].File);

        Assert.Equal([0, 2], ensemble.Shards.Select(s => s.Value));
        Assert.NotEqual(before, exchanged);
        Assert.Equal(before, Ask());
        ensemble.Remove(files[0].Shard);
        ensemble.Remove(files[1].Shard);
        Assert.Equal(items.Count * TestRecipes.Classes, Ask().Length);
    }

    [Fact]
    public void Exported_weights_answer_as_the_checkpoint_they_came_from()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var (shard, file) = Constituents(bench, recipe, 1)[0];
        using var content = CheckpointFile.Read(file.Path, file.Digest);
        var weights = content.Tensors.Where(t => !t.Name.StartsWith("optimizer.", StringComparison.Ordinal));
        var folder = Directory.CreateDirectory(bench.NewFolder()).FullName;
        var exported = CheckpointFile.Write(folder, "constituent-", [], [.. weights.Select(t => new TensorEntry(t.Name, t.Type, t.Shape, content.Data(t.Name)))]);
        using var ensemble = new EnsembleModel(recipe);
        var items = Encoded(recipe, 5);
        var (before, after) = (new float[5 * TestRecipes.Classes], new float[5 * TestRecipes.Classes]);
        ensemble.Set(shard, file);
        ensemble.Probabilities(items, before);
        ensemble.Set(shard, new CheckpointReference(Path.Combine(folder, exported.FileName), exported.Digest));
        ensemble.Probabilities(items, after);

        Assert.Equal(before, after);
    }

    [Fact]
    public void A_file_of_another_model_is_refused_and_what_was_loaded_stays()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var (shard, file) = Constituents(bench, recipe, 1)[0];
        var other = Constituents(bench, TestRecipes.Model("bag"), 1)[0].File;
        using var ensemble = new EnsembleModel(recipe);
        ensemble.Set(shard, file);

        Assert.Throws<StoreException>(() => ensemble.Set(shard, other));
        ensemble.Probabilities(Encoded(recipe, 1), new float[TestRecipes.Classes]);
        Assert.Throws<ArgumentException>(() => ensemble.Probabilities(Encoded(recipe, 1), new float[3]));
    }

    [Fact]
    public void Answering_leaves_no_tensor_alive()
    {
        using var bench = new Workbench();
        foreach (var model in TestRecipes.ModelNames)
        {
            var recipe = TestRecipes.Model(model);
            var files = Constituents(bench, recipe, 2);
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (var ensemble = new EnsembleModel(recipe))
            {
                foreach (var (shard, file) in files)
                {
                    ensemble.Set(shard, file);
                    ensemble.Probabilities(Encoded(recipe, 7), new float[ensemble.Shards.Count * 7 * TestRecipes.Classes]);
                }
            }

            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private static float[] Answers(EnsembleModel ensemble, IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        var answers = new float[ensemble.Shards.Count * items.Count * TestRecipes.Classes];
        ensemble.Probabilities(items, answers);
        return answers;
    }

    private static List<(ShardId Shard, CheckpointReference File)> Constituents(Workbench bench, Recipe recipe, int count, params int[] items)
    {
        var files = new List<(ShardId, CheckpointReference)>();
        for (var shard = 0; shard < count; shard++)
        {
            var job = Workbench.Job(recipe, bench.Slices(recipe, $"shard{shard}", items), bench.NewFolder(), shard);
            files.Add((job.Shard, Workbench.Reference(job, Workbench.Train(job)[^1])));
        }

        return files;
    }

    private static List<ReadOnlyMemory<byte>> Encoded(Recipe recipe, int count) =>
        [.. TestItems.Make(recipe, "question", count).Select(i => (ReadOnlyMemory<byte>)i.Features)];
}

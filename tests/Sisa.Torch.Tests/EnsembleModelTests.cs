using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Inference;
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

    private static List<(ShardId Shard, CheckpointReference File)> Constituents(Workbench bench, Recipe recipe, int count)
    {
        var files = new List<(ShardId, CheckpointReference)>();
        for (var shard = 0; shard < count; shard++)
        {
            var job = Workbench.Job(recipe, bench.Slices(recipe, $"shard{shard}"), bench.NewFolder(), shard);
            files.Add((job.Shard, Workbench.Reference(job, Workbench.Train(job)[^1])));
        }

        return files;
    }

    private static List<ReadOnlyMemory<byte>> Encoded(Recipe recipe, int count) =>
        [.. TestItems.Make(recipe, "question", count).Select(i => (ReadOnlyMemory<byte>)i.Features)];
}

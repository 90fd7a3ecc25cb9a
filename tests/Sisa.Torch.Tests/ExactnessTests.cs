using Sisa.Sharding;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests;

/// <summary>The exactness of the training of a shard, on one device.</summary>
public abstract class ExactnessTests(string device)
{
    public static TheoryData<string, string> ModelsAndOptimizers()
    {
        var data = new TheoryData<string, string>();
        foreach (var model in TestRecipes.TrainedNames)
        {
            foreach (var optimizer in TestRecipes.OptimizerNames)
            {
                data.Add(model, optimizer);
            }
        }

        return data;
    }

    public static TheoryData<string> Models() => [.. TestRecipes.TrainedNames];

    [Fact]
    public void The_fingerprint_names_the_device() =>
        Assert.Equal(device, new TorchShardTrainer().Environment(TestRecipes.Mlp().On(device)).Device);

    [Theory]
    [MemberData(nameof(ModelsAndOptimizers))]
    public void Resuming_from_any_checkpoint_gives_the_files_of_an_uninterrupted_run(string model, string optimizer)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model).With(optimizer).On(device);
        var slices = bench.Slices(recipe);
        var whole = Workbench.Job(recipe, slices, bench.NewFolder());
        var expected = Workbench.Train(whole);

        Assert.Equal(3, expected.Count);
        Assert.Equal(3, expected.Select(r => r.Tensors).Distinct().Count());
        for (var k = 1; k < slices.Count; k++)
        {
            var resumed = Workbench.Job(recipe, slices, bench.NewFolder()) with
            {
                Start = Workbench.Reference(whole, expected[k - 1]),
                FirstStage = new SliceIndex(k + 1),
            };
            Assert.Equal(expected.Skip(k).Select(r => r.Digest), Workbench.Train(resumed).Select(r => r.Digest));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_second_run_gives_equal_files(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model).On(device);
        var slices = bench.Slices(recipe);

        Assert.Equal(Digests(bench.Train(recipe, slices)), Digests(bench.Train(recipe, slices)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_was_trained_before_in_the_process_leaves_no_trace(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model).On(device);
        var jobs = Enumerable.Range(0, 3).Select(shard => Workbench.Job(recipe, bench.Slices(recipe, $"shard{shard}"), bench.NewFolder(), shard)).ToList();
        var forward = new RecordingObserver();
        var backward = new RecordingObserver();
        new TorchShardTrainer().Train(jobs, forward, CancellationToken.None);
        new TorchShardTrainer().Train([.. jobs.AsEnumerable().Reverse()], backward, CancellationToken.None);

        Assert.Equal(
            forward.Results.Select(r => (r.Shard, r.Stage, r.Digest)),
            backward.Results.OrderBy(r => r.Shard).ThenBy(r => r.Stage).Select(r => (r.Shard, r.Stage, r.Digest)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_checkpoint_knows_nothing_of_later_slices(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model).On(device);
        var slices = bench.Slices(recipe);
        var expected = Digests(bench.Train(recipe, slices));
        for (var k = 1; k < slices.Count; k++)
        {
            SliceReference[] changed = [.. slices.Take(k), .. bench.Slices(recipe, "other", 5 + k, 30)];
            Assert.Equal(expected.Take(k), Digests(bench.Train(recipe, changed)).Take(k));
            Assert.NotEqual(expected[k], Digests(bench.Train(recipe, changed))[k]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Forgetting_the_last_item_in_training_order_gives_what_training_without_it_gives(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model).On(device);
        var items = TestItems.Make(recipe, "item", 17);
        var (first, second) = (bench.Slices(recipe, "first", 9)[0], bench.Slice(items));
        var job = Workbench.Job(recipe, [first, second], bench.NewFolder());
        var before = Workbench.Train(job);
        foreach (var gone in new[] { 0, 8, 16 })
        {
            SliceReference[] retained = [first, bench.Slice([.. items.Where((_, i) => i != gone)])];
            var again = Workbench.Job(recipe, retained, bench.NewFolder()) with
            {
                Start = Workbench.Reference(job, before[0]),
                FirstStage = new SliceIndex(2),
            };
            Assert.Equal(Digests(bench.Train(recipe, retained))[1], Digests(Workbench.Train(again))[0]);
        }
    }

    [Fact]
    public void Shards_with_init_shared_start_alike_and_otherwise_not()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp().On(device);
        var shared = recipe with { Training = recipe.Training with { Init = InitKind.Shared } };
        SliceReference[] empty = [bench.Slice([])];

        Assert.Equal(bench.Train(shared, empty, 0)[0].Tensors, bench.Train(shared, empty, 1)[0].Tensors);
        Assert.NotEqual(bench.Train(recipe, empty, 0)[0].Tensors, bench.Train(recipe, empty, 1)[0].Tensors);
    }

    private static List<Digest> Digests(IEnumerable<StageResult> results) => [.. results.Select(r => r.Digest)];
}

public sealed class CpuExactnessTests() : ExactnessTests("cpu");

public sealed class CudaExactnessTests : ExactnessTests
{
    public CudaExactnessTests()
        : base("cuda") => Assert.SkipUnless(torch.cuda.is_available(), "No CUDA device, or a libtorch without CUDA.");
}

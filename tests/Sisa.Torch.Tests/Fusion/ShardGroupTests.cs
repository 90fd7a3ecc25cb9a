using CsCheck;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Fusion;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Fusion;

/// <summary>Several shards at once against one by one, on one device: equal files.</summary>
/// <remarks>One by one by autograd: on the CPU a perceptron trained alone has a step of its own, with other bits.</remarks>
public abstract class ShardGroupTests(string device)
{
    // Items in each slice of each shard: long and short ones, an empty shard, one of a single item, one that grows late.
    private static readonly int[][] Five = [[40, 33, 50], [37, 0, 21], [0, 0, 0], [1, 0, 0], [5, 0, 90]];

    public static TheoryData<string, double> OptimizersAndClips()
    {
        var data = new TheoryData<string, double>();
        foreach (var name in TestRecipes.OptimizerNames)
        {
            data.Add(name, 0);
            data.Add(name, 0.3);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(OptimizersAndClips))]
    public void Shards_at_once_give_the_files_of_shards_one_by_one(string optimizer, double clip)
    {
        using var bench = new Workbench();
        var recipe = Recipe(optimizer, clip);
        foreach (var count in new[] { 2, 3, 5 })
        {
            var jobs = Jobs(bench, recipe, Five[..count]);
            var group = Together(jobs, out var shared);

            Assert.True(shared > 5, $"{shared} steps were taken together.");
            Assert.Equal(jobs.SelectMany(Alone), group);
        }
    }

    [Theory]
    [InlineData(1, 0.9)]
    [InlineData(1, 3)]
    [InlineData(5, 2)]
    public void Any_number_of_slices_and_fractions_of_epochs_give_equal_files(int slices, double epochs)
    {
        using var bench = new Workbench();
        var recipe = Recipe("momentum");
        recipe = recipe with { Ensemble = recipe.Ensemble with { Slices = slices }, Training = recipe.Training with { Epochs = epochs } };
        var jobs = Jobs(bench, recipe, [.. Enumerable.Range(0, 3).Select(shard => Enumerable.Range(0, slices).Select(k => 40 + (11 * shard) + k).ToArray())]);
        var group = Together(jobs, out var shared);

        Assert.True(shared > 0);
        Assert.Equal(jobs.SelectMany(Alone), group);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adamw")]
    public void Shards_that_go_on_from_checkpoints_in_the_middle_give_equal_files(string optimizer)
    {
        using var bench = new Workbench();
        var recipe = Recipe(optimizer);
        var whole = Jobs(bench, recipe, Five);
        var expected = whole.Select(job => Run([job], out _)).ToArray();

        // Each from another stage: the first from the start, the second from its first checkpoint, and so on.
        ShardJob[] resumed = [.. whole.Select((job, i) => i % 3 == 0
            ? job with { CheckpointFolder = bench.NewFolder() }
            : job with { CheckpointFolder = bench.NewFolder(), Start = Workbench.Reference(job, expected[i][(i % 3) - 1]), FirstStage = new SliceIndex((i % 3) + 1) })];

        Assert.Equal(expected.SelectMany((results, i) => results.Skip(i % 3)).Select(Key), Together(resumed, out var shared));
        Assert.True(shared > 0);
    }

    [Fact]
    public void A_refused_stage_ends_its_shard_alone()
    {
        using var bench = new Workbench();
        var jobs = Jobs(bench, Recipe("adam"), [[64, 40, 30], [64, 40, 30], [64, 40, 30]]);
        var observer = new RecordingObserver(result => result.Shard.Value != 1);
        Train(jobs, observer, CancellationToken.None);

        Assert.Equal([3, 1, 3], jobs.Select(job => observer.Results.Count(r => r.Shard == job.Shard)));
        Assert.Single(Directory.GetFiles(jobs[1].CheckpointFolder));
        Assert.Equal(
            jobs.SelectMany(Alone).Where(result => result.Shard != jobs[1].Shard),
            observer.Results.Where(r => r.Shard != jobs[1].Shard).Select(Key).Order());
    }

    [Fact]
    public void Cancellation_offers_the_checkpoints_of_all_shards_first()
    {
        using var bench = new Workbench();
        var recipe = Recipe("sgd");
        recipe = recipe with { Training = recipe.Training with { Epochs = 4000 } };
        var jobs = Jobs(bench, recipe, [[1, 300, 0], [2, 300, 0]]);
        using var source = new CancellationTokenSource();
        var observer = new RecordingObserver
        {
            OnProgress = progress =>
            {
                if (progress.Stage.Value > 1)
                {
                    source.Cancel();
                }
            },
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Train(jobs, observer, source.Token));
        Assert.Equal(jobs.Select(job => job.Shard), observer.Results.Select(r => r.Shard).Order());
        Assert.All(jobs, job => Assert.Single(Directory.GetFiles(job.CheckpointFolder)));
        Assert.All(observer.Reports, r => Assert.True(r.Loss is { } loss && double.IsFinite(loss) && r.Visits > 0));
    }

    [Fact]
    public void A_shard_that_diverges_ends_its_group_and_is_named()
    {
        using var bench = new Workbench();
        var recipe = Recipe("sgd");
        recipe = recipe with { Training = recipe.Training with { Epochs = 40, LearningRate = 1e38, WeightDecay = 1 } };
        var jobs = Jobs(bench, recipe, [[40, 33, 50], [37, 20, 21]]);
        var observer = new RecordingObserver();
        var error = Assert.Throws<DivergenceException>(() => Train(jobs, observer, CancellationToken.None));

        Assert.Contains(error.Divergence.Shard, jobs.Select(job => job.Shard));
        Assert.Equal(1, error.Divergence.Stage.Value);
        Assert.InRange(error.Divergence.LearningRate, 1e36, 1e38);
        Assert.Empty(observer.Results);
        Assert.All(jobs, job => Assert.False(Directory.Exists(job.CheckpointFolder) && Directory.EnumerateFiles(job.CheckpointFolder).Any()));
    }

    [Fact]
    public void Losses_and_visits_are_those_of_shards_one_by_one()
    {
        using var bench = new Workbench();
        var jobs = Jobs(bench, Recipe("adamw"), Five);
        foreach (var (alone, together) in jobs.Select(job => Run([job], out _)).SelectMany(results => results).Zip(Run(jobs, out _).OrderBy(r => r.Shard).ThenBy(r => r.Stage)))
        {
            Assert.Equal((alone.Shard, alone.Stage, alone.Visits, alone.Loss is null), (together.Shard, together.Stage, together.Visits, together.Loss is null));
            Assert.Equal(alone.Loss ?? 0, together.Loss ?? 0, 1e-6);
        }
    }

    [Fact]
    public void A_group_leaves_no_tensor_alive()
    {
        using var bench = new Workbench();
        var jobs = Jobs(bench, Recipe("adamw"), Five);
        Together(jobs, out _);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Together(jobs, out _);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_checkpoint_that_does_not_fit_refuses_the_group_and_leaves_no_tensor_alive()
    {
        using var bench = new Workbench();
        var jobs = Jobs(bench, Recipe("sgd"), Five[..2]);
        var start = Workbench.Reference(jobs[0], Run([jobs[0]], out _)[0]);
        ShardJob[] wrong = [jobs[0], jobs[1] with { Start = start, FirstStage = new SliceIndex(2) }];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Assert.Throws<StoreException>(() => Together(wrong, out _));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Jobs_of_several_recipes_are_refused()
    {
        using var bench = new Workbench();
        ShardJob[] jobs = [Jobs(bench, Recipe("sgd"), Five[..1])[0], Jobs(bench, Recipe("adam"), Five[..2])[1]];

        Assert.Throws<ArgumentException>(() => Together(jobs, out _));
    }

    [Fact]
    public void Any_company_gives_a_shard_the_same_files()
    {
        var shards = Gen.Int[0, 45].Array[1, 3].Array[1, 5];
        var gen = Gen.Select(shards, Gen.Int[0, TestRecipes.OptimizerNames.Count - 1], Gen.Double[0.4, 3], Gen.Int[12, 17], Gen.Bool);
        gen.Sample(
            (counts, optimizer, epochs, batchSize, clips) =>
            {
                using var bench = new Workbench();
                var recipe = Recipe(TestRecipes.OptimizerNames[optimizer], clips ? 0.3 : 0);
                recipe = recipe with { Training = recipe.Training with { Epochs = epochs, BatchSize = batchSize } };
                var jobs = Jobs(bench, recipe, counts);
                Assert.Equal(jobs.SelectMany(Alone), Together(jobs, out _));
            },
            iter: 40);
    }

    [Fact]
    public void A_trainer_that_takes_jobs_together_gives_equal_files()
    {
        using var bench = new Workbench();
        var jobs = Jobs(bench, Recipe("adamw"), Five);
        var observer = new RecordingObserver();
        new TorchShardTrainer { Fusion = (_, count) => Math.Min(count, 3) }.Train(jobs, observer, CancellationToken.None);

        Assert.Equal(jobs.SelectMany(Alone), observer.Results.Select(Key).Order());
    }

    // Wide enough that libtorch takes a library's product for each layer, as it does for models of any use.
    private Recipe Recipe(string optimizer, double clip = 0)
    {
        var recipe = TestRecipes.Mlp().With(optimizer).On(device);
        return recipe with
        {
            Features = new FeatureOptions { Vector = new VectorFeature("v", 40, 0, 1) },
            Model = new MlpOptions { Hidden = [32, 24], Activation = Activation.Tanh },
            Training = recipe.Training with { Clip = clip, BatchSize = 16 },
        };
    }

    private static ShardJob[] Jobs(Workbench bench, Recipe recipe, int[][] counts) =>
        [.. counts.Select((slices, shard) => Workbench.Job(recipe, bench.Slices(recipe, $"shard{shard}", slices), bench.NewFolder(), shard))];

    private static IEnumerable<(ShardId Shard, SliceIndex Stage, Digest File)> Alone(ShardJob job) => Together([job], out _);

    private static List<(ShardId Shard, SliceIndex Stage, Digest File)> Together(IReadOnlyList<ShardJob> jobs, out long shared) =>
        [.. Run(jobs, out shared).Select(Key).Order()];

    private static List<StageResult> Run(IReadOnlyList<ShardJob> jobs, out long shared)
    {
        var observer = new RecordingObserver();
        shared = Train(jobs, observer, CancellationToken.None);
        return observer.Results;
    }

    private static long Train(IReadOnlyList<ShardJob> jobs, RecordingObserver observer, CancellationToken cancellation)
    {
        var recipe = jobs[0].Recipe;
        using var group = new ShardGroup(jobs, observer, TimeProvider.System, new FusionProof(recipe));
        group.Run(cancellation);
        return group.SharedSteps;
    }

    private static (ShardId Shard, SliceIndex Stage, Digest File) Key(StageResult result) => (result.Shard, result.Stage, result.Digest);
}

public sealed class CpuShardGroupTests() : ShardGroupTests("cpu");

public sealed class CudaShardGroupTests : ShardGroupTests
{
    public CudaShardGroupTests()
        : base("cuda") => Assert.SkipUnless(torch.cuda.is_available(), "No CUDA device, or a libtorch without CUDA.");
}

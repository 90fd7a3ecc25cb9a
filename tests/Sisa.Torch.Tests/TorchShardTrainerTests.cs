using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests;

public sealed class TorchShardTrainerTests
{
    public static TheoryData<string> Models() => [.. TestRecipes.TrainedNames];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_job_leaves_no_tensor_alive(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        var slices = bench.Slices(recipe);
        bench.Train(recipe, slices);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        bench.Train(recipe, slices);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_result_says_what_the_file_holds()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp().With("momentum");
        var job = Workbench.Job(recipe, bench.Slices(recipe), bench.NewFolder());
        var result = Workbench.Train(job)[1];
        using var content = CheckpointFile.Read(Path.Combine(job.CheckpointFolder, result.FileName), result.Digest);

        Assert.Equal(job.RecipeDigest, content.Header.Recipe);
        Assert.Equal(new SliceIndex(2), content.Header.Stage);
        Assert.Equal(result.Lineage, content.Header.Lineage.Digest);
        Assert.Equal(result.Environment, content.Header.Environment.ToDigest());
        Assert.Equal(new FileInfo(Path.Combine(job.CheckpointFolder, result.FileName)).Length, result.SizeBytes);
        Assert.Equal(
            [
                "hidden.0.weight", "hidden.0.bias", "hidden.1.weight", "hidden.1.bias", "output.weight", "output.bias",
                "optimizer.momentum.hidden.0.weight", "optimizer.momentum.hidden.0.bias", "optimizer.momentum.hidden.1.weight",
                "optimizer.momentum.hidden.1.bias", "optimizer.momentum.output.weight", "optimizer.momentum.output.bias", "optimizer.step",
            ],
            content.Tensors.Select(t => t.Name));
    }

    [Fact]
    public void A_refused_stage_ends_the_shard_and_nothing_is_written_after_it()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var job = Workbench.Job(recipe, bench.Slices(recipe), bench.NewFolder());
        var results = Workbench.Train(job, result => result.Stage.Value < 2);

        Assert.Equal([1, 2], results.Select(r => r.Stage.Value));
        Assert.Equal(2, Directory.GetFiles(job.CheckpointFolder).Length);
    }

    [Fact]
    public void Cancellation_ends_the_work_and_keeps_what_was_durable()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp() with { Training = new TrainingOptions { Epochs = 4000, BatchSize = 2 } };
        var slices = bench.Slices(recipe, "item", 1, 200, 200);
        var job = Workbench.Job(recipe, slices, bench.NewFolder());
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

        Assert.ThrowsAny<OperationCanceledException>(() => new TorchShardTrainer().Train([job], observer, source.Token));
        Assert.Single(observer.Results);
        Assert.Single(Directory.GetFiles(job.CheckpointFolder));
        Assert.All(observer.Reports, r => Assert.True(r.Loss is { } loss && double.IsFinite(loss) && r.Visits > 0));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Training_that_diverges_ends_with_shard_stage_step_and_learning_rate_and_records_no_checkpoint_of_the_stage(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        recipe = recipe with { Training = new TrainingOptions { Epochs = 8, BatchSize = 8, Optimizer = OptimizerKind.Sgd, LearningRate = 1e38, WeightDecay = 1 } };
        var job = Workbench.Job(recipe, bench.Slices(recipe), bench.NewFolder());
        var observer = new RecordingObserver();
        var error = Assert.Throws<DivergenceException>(() => new TorchShardTrainer().Train([job], observer, CancellationToken.None));

        Assert.Equal((FaultKind.Data, job.Shard, 1e38), (error.Kind, error.Divergence.Shard, error.Divergence.LearningRate));
        Assert.InRange(error.Divergence.Step, 1, error.Divergence.Steps);
        Assert.Equal(Enumerable.Range(1, error.Divergence.Stage.Value - 1), observer.Results.Select(r => r.Stage.Value));
        Assert.Equal(observer.Results.Count, Directory.Exists(job.CheckpointFolder) ? Directory.GetFiles(job.CheckpointFolder).Length : 0);
        Assert.Contains($"shard-001 diverged in stage {error.Divergence.Stage.Value}", error.Message, StringComparison.Ordinal);
        Assert.Contains("learning rate 1E+38", error.Message, StringComparison.Ordinal);
        Assert.Contains("training.learningRate", error.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Weights_that_overflow_in_the_last_step_are_no_checkpoint_though_the_loss_was_finite(string model)
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Model(model);
        recipe = recipe with { Training = new TrainingOptions { Epochs = 2, BatchSize = 4096, Optimizer = OptimizerKind.Sgd, LearningRate = 1e300 } };
        var job = Workbench.Job(recipe, bench.Slices(recipe), bench.NewFolder());
        var error = Assert.Throws<DivergenceException>(() => Workbench.Train(job));

        Assert.Equal((1, 1, 1), (error.Divergence.Stage.Value, error.Divergence.Step, error.Divergence.Steps));
        Assert.StartsWith("'", error.Divergence.Found, StringComparison.Ordinal);
        Assert.False(Directory.Exists(job.CheckpointFolder) && Directory.EnumerateFiles(job.CheckpointFolder).Any());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_surfaces_as_an_error()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var slices = bench.Slices(recipe);
        var folder = bench.NewFolder();
        File.WriteAllText(folder, "a file where the folder should be");

        Assert.ThrowsAny<SisaException>(() => Workbench.Train(Workbench.Job(recipe, slices, folder)));
    }

    [Fact]
    public void Each_stage_has_an_event_file_of_its_own_that_changes_nothing()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var slices = bench.Slices(recipe);
        var job = Workbench.Job(recipe, slices, bench.NewFolder()) with { EventFolder = bench.NewFolder() };
        var results = Workbench.Train(job);

        Assert.Equal(bench.Train(recipe, slices).Select(r => r.Digest), results.Select(r => r.Digest));
        Assert.Equal(
            ["events.out.tfevents.00001", "events.out.tfevents.00002", "events.out.tfevents.00003"],
            Directory.GetFiles(job.EventFolder!).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        var events = Events(File.ReadAllBytes(Path.Combine(job.EventFolder!, "events.out.tfevents.00002")));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        var scalars = events.Skip(1).ToDictionary(e => Assert.Single(e.Summary.Value).Tag);
        Assert.Equal((float)results[1].Loss!.Value, scalars["loss"].Summary.Value[0].SimpleValue);
        Assert.Equal(["items per second", "learning rate", "loss"], scalars.Keys.Order(StringComparer.Ordinal));
        Assert.All(scalars.Values, e => Assert.Equal(2, e.Step));
        Assert.All(events, e => Assert.InRange(e.WallTime, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1));
    }

    // Records as TorchSharp writes them, taken apart by its own message types.
    private static List<Tensorboard.Event> Events(byte[] file)
    {
        var events = new List<Tensorboard.Event>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BitConverter.ToInt64(file, at);
            Assert.Equal(Masked(file.AsSpan(at, 8)), BitConverter.ToUInt32(file, at + 8));
            Assert.Equal(Masked(file.AsSpan(at + 12, length)), BitConverter.ToUInt32(file, at + 12 + length));
            events.Add(Tensorboard.Event.Parser.ParseFrom(file, at + 12, length));
            at += 16 + length;
        }

        return events;

        // CRC-32C bit by bit.
        static uint Masked(ReadOnlySpan<byte> bytes)
        {
            var crc = uint.MaxValue;
            foreach (var value in bytes)
            {
                crc ^= value;
                for (var bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
                }
            }

            return (((~crc) >> 15) | ((~crc) << 17)) + 0xa282ead8;
        }
    }

    [Fact]
    public void Jobs_that_start_in_the_middle_without_a_checkpoint_are_refused()
    {
        using var bench = new Workbench();
        var recipe = TestRecipes.Mlp();
        var job = Workbench.Job(recipe, bench.Slices(recipe), bench.NewFolder()) with { FirstStage = new SliceIndex(2) };

        Assert.Throws<ArgumentException>(() => Workbench.Train(job));
    }
}

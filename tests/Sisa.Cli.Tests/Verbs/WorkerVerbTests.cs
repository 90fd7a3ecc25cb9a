using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Engine.Training;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Cli.Tests.Verbs;

public sealed class WorkerVerbTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Theory]
    [InlineData("{", ExitCode.Data)]
    [InlineData("null", ExitCode.Data)]
    [InlineData(null, ExitCode.InputOutput)]
    public void A_job_file_that_cannot_be_used_is_told_as_the_end_of_the_job(string? content, ExitCode expected)
    {
        if (content is not null)
        {
            _sisa.Write("job.json", content);
        }

        var result = _sisa.Run("worker", "job.json").Expect(expected);

        Assert.Contains("job.json", result.Json["end"]!["error"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_cannot_be_trained_is_told_as_the_end_of_the_job()
    {
        // The second stage without the checkpoint of the first.
        var job = new ShardJob
        {
            Recipe = SmallRecipes.Text(),
            RecipeDigest = Digest.Of("any"u8),
            Shard = new ShardId(1),
            FirstStage = new SliceIndex(2),
            Slices = [],
            CheckpointFolder = _sisa["checkpoints"],
        };
        _sisa.Write("job.json", JsonSerializer.Serialize(job, RecipeJson.Options));

        var result = _sisa.Run("worker", "job.json").Expect(ExitCode.Unavailable);

        Assert.Contains("shard-001", result.Json["end"]!["error"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Jobs_that_are_handed_out_together_are_all_trained_and_end_together()
    {
        for (var shard = 0; shard < 2; shard++)
        {
            var job = new ShardJob
            {
                Recipe = SmallRecipes.Mlp(2, 2),
                RecipeDigest = Digest.Of("any"u8),
                Shard = new ShardId(shard),
                FirstStage = SliceIndex.First,
                Slices = [new SliceReference(null, SliceRoot.Empty), new SliceReference(null, SliceRoot.Empty)],
                CheckpointFolder = _sisa[$"checkpoints {shard}"],
            };
            _sisa.Write($"a job, {shard}.json", JsonSerializer.Serialize(job, RecipeJson.Options));
        }

        using var worker = _sisa.Start("worker", "-");
        worker.StandardInput.WriteLine(WorkerMessage.Assignment([_sisa["a job, 0.json"], _sisa["a job, 1.json"]]));
        worker.StandardInput.Flush();
        var messages = new List<WorkerMessage>();
        while (messages.LastOrDefault()?.End is null && worker.StandardOutput.ReadLine() is { } line)
        {
            messages.Add(WorkerMessage.FromLine(line));
        }

        worker.StandardInput.Close();
        worker.WaitForExit();

        Assert.Equal(new JobEnd(), messages[^1].End);
        Assert.Equal([(0, 1), (0, 2), (1, 1), (1, 2)], messages.Where(m => m.Stage is not null).Select(m => (m.Stage!.Shard.Value, m.Stage.Stage.Value)).Order());
    }

    public void Dispose() => _sisa.Dispose();
}

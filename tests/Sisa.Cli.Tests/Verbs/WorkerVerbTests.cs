using System.Text.Json;
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

    public void Dispose() => _sisa.Dispose();
}

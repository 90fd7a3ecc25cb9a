using System.Text.Json;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;
using Sisa.Benchmarks.Results;
using Sisa.Engine.Training.Launching;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Benchmarks.Tests;

public sealed class CostStudyTests : IDisposable
{
    private static readonly CostDesign Design = Samples.Design with { Requests = [1, 2, 4] };
    private readonly TempFolder _folder = new();
    private readonly TestStore _store = new();

    public CostStudyTests() => _store.Ingest(TestRow.Many(200, 40));

    [Fact]
    public void An_interrupted_study_ends_as_one_that_was_not()
    {
        var whole = Json(Run("whole", new Listener(), default));
        using var interruption = new CancellationTokenSource();
        var first = new Listener { After = 3, Interruption = interruption };
        Assert.Throws<OperationCanceledException>(() => Run("interrupted", first, interruption.Token));
        Assert.Equal(3, first.Finished);

        var second = new Listener();
        Assert.Equal(whole, Json(Run("interrupted", second, default)));
        Assert.Equal((3, first.Steps - 3), (second.Before, second.Finished));
        Assert.Equal(0, second.SecondsLeft);
    }

    [Fact]
    public void A_store_of_the_users_is_counted_as_it_is_and_left_as_it_is()
    {
        var before = Files();
        var result = Run("own", new Listener(), default);

        var own = result.Datasets[0].Cells[0];
        Assert.Equal((ShardingRule.OwnStore, _store.Store.Recipe.Ensemble.Shards, _store.Store.Recipe.Ensemble.Slices), (own.Rule, own.Shards, own.Slices));
        Assert.Equal((200, 40), (result.Datasets[0].Items, result.Datasets[0].Subjects));
        Assert.All(own.Points, p => Assert.Null(p.Seconds));
        Assert.Equal(before, Files());
    }

    [Fact]
    public void Too_small_a_store_is_refused()
    {
        using var empty = new TestStore();
        Assert.Throws<StoreException>(() => StoreDataset.Read(empty.Path, Design));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private CostResult Run(string name, IStudyProgress progress, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(_folder[name]).FullName;
        return new CostStudy(Design, [StoreDataset.Read(_store.Path, Design)], folder, Path.Combine(folder, "scratch"), new WorkerCommand("none", []), new TestClock()).Run(progress, cancellation);
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_store.Path, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => $"{f} {Digest.Of(Read(f))}")];

    private static byte[] Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string Json(CostResult result) => JsonSerializer.Serialize(result, RecipeJson.Options);

    private sealed class Listener : IStudyProgress
    {
        public int After { get; init; } = int.MaxValue;

        public CancellationTokenSource? Interruption { get; init; }

        public int Steps { get; private set; }

        public int Before { get; private set; }

        public int Finished { get; private set; }

        public double SecondsLeft { get; private set; }

        public void Begin(int steps, int finished) => (Steps, Before) = (steps, finished);

        public void Begin(string step)
        {
        }

        void IStudyProgress.Finished(StudyProgress progress)
        {
            Finished++;
            SecondsLeft = progress.SecondsLeft;
            if (Finished == After)
            {
                Interruption?.Cancel();
            }
        }
    }
}

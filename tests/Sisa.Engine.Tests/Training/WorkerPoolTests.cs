using System.Diagnostics;
using Sisa.Checkpoints;
using Sisa.Engine.Training;
using Sisa.Engine.Training.Launching;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Training;

/// <summary>The pool against workers that are shell scripts: they speak the protocol, and hand out checkpoints that were trained before.</summary>
public sealed class WorkerPoolTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(20);

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly TestStore _source = new(SmallRecipes.Text(2, 2));

    public WorkerPoolTests()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "The workers here are shell scripts, and there is no /bin/sh.");
        _store.Ingest(Rows);
        _source.Ingest(Rows);
        _source.Train();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Workers_train_every_shard(int count)
    {
        using var pool = Pool("", count);

        var report = new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero);

        Assert.Equal(4, report.Stages.Count);
        Assert.Empty(StoreAssert.Differences(_source.Checkpoints(), _store.Checkpoints()));
        Assert.Empty(Directory.EnumerateFiles(_store.Store.Layout.Scratch));
        _store.CheckInvariants();
    }

    [Fact]
    public void A_worker_that_dies_is_an_error_with_its_last_words_and_finished_stages_stay()
    {
        using var pool = Pool("case $stage in *2) echo 'out of memory' >&2; sleep 0.2; exit 9;; esac", 1);

        var fault = Assert.Throws<EnvironmentException>(() => new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero));

        Assert.Contains("out of memory", fault.Message, StringComparison.Ordinal);
        Assert.Single(_store.Store.Manifest.Checkpoints.All());
        _store.Train();
        Assert.Empty(StoreAssert.Differences(_source.Checkpoints(), _store.Checkpoints()));
        _store.CheckInvariants();
    }

    [Fact]
    public void The_error_of_a_worker_that_dies_is_repeated_and_not_the_end_of_its_stack_trace()
    {
        // Its output ends well before it says why.
        using var pool = Pool("exec 1>&-; sleep 0.3; echo 'sisa: error: no space' >&2; for i in 1 2 3 4 5 6; do echo \"   at Frame$i()\" >&2; echo line$i >&2; done; exit 70", 1);

        var fault = Assert.Throws<EnvironmentException>(() => new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero));

        Assert.Equal("A worker process ended with exit code 70: sisa: error: no space.", fault.Message);
    }

    [Fact]
    public void Workers_that_do_not_end_are_ended_together()
    {
        var pool = new WorkerPool(new WorkerCommand("/bin/sh", ["-c", "sleep 60"]), _store.Store.Layout, _store.Store.Recipe, 4);
        var clock = Stopwatch.StartNew();

        pool.Dispose();

        // Four times two seconds, one after the other, would be eight.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_job_file_that_cannot_be_written_is_an_error_of_the_disk()
    {
        using var pool = Pool("", 1);
        var jobs = Jobs();
        Directory.CreateDirectory(Path.Combine(_store.Store.Layout.Scratch, $"{jobs[0].Shard}-{System.Environment.ProcessId}.job.json"));

        Assert.Throws<StorageIoException>(() => pool.Train(jobs[..1], new Acceptor(), CancellationToken.None));
    }

    [Fact]
    public void A_worker_that_has_died_idle_is_given_nothing_more()
    {
        // The first worker ends after its job, while the second is still at work: its end is heard of, and nothing failed.
        var gone = _store.Beside("gone");
        using var pool = Pool(
            $"[ $shard = shard-000 ] || while [ ! -f '{gone}' ]; do sleep 0.05; done; sleep 0.5",
            2,
            afterJob: $"[ $shard = shard-001 ] || {{ touch '{gone}'; exit 0; }}");
        var jobs = Jobs();
        pool.Train(jobs, new Acceptor(), CancellationToken.None);

        var acceptor = new Acceptor();
        pool.Train(jobs[1..], acceptor, CancellationToken.None);

        Assert.Equal(2, acceptor.Results.Count);
    }

    [Theory]
    [InlineData(ExitCode.InputOutput, typeof(StorageIoException))]
    [InlineData(ExitCode.Unavailable, typeof(EnvironmentException))]
    [InlineData(ExitCode.Data, typeof(StoreException))]
    public void A_worker_that_reports_an_error_is_believed(ExitCode code, Type type)
    {
        using var pool = Pool($"echo '{new WorkerMessage { End = new JobEnd("It broke.", "Mend it.", code) }.ToLine()}'; break", 2, end: ":");

        var fault = Assert.IsAssignableFrom<SisaException>(Record.Exception(() => new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero)));

        Assert.Equal((type, "It broke.", "Mend it."), (fault.GetType(), fault.Message, fault.Hint));
    }

    [Fact]
    public void Divergence_comes_from_the_worker_with_all_that_it_says()
    {
        var told = new Divergence(new ShardId(2), new SliceIndex(3), 41, 50, 0.125, "the loss");
        using var pool = Pool($"echo '{new WorkerMessage { End = new JobEnd("it diverged", null, ExitCode.Data, told) }.ToLine()}'; break", 1, end: ":");

        var error = Assert.Throws<DivergenceException>(() => new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero));

        Assert.Equal((told, ExitCode.Data), (error.Divergence, error.ExitCode));
        Assert.Contains("shard-002 diverged in stage 3: after step 41 of 50, the loss is not a finite number (learning rate 0.125)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_says_something_else_is_an_error()
    {
        using var pool = Pool("echo hello", 1);

        Assert.Contains("not a message", Assert.Throws<EnvironmentException>(() => new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_not_there_or_never_ready_is_an_error()
    {
        var recipe = _store.Store.Recipe;
        Assert.Throws<EnvironmentException>(() => new WorkerPool(new WorkerCommand(_store.Beside("none"), []), _store.Store.Layout, recipe, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(new WorkerCommand("/bin/sh", []), _store.Store.Layout, recipe, 0));

        using var dies = new WorkerPool(new WorkerCommand("/bin/sh", ["-c", "echo 'no libtorch' >&2"]), _store.Store.Layout, recipe, 1);
        Assert.Throws<EnvironmentException>(() => dies.Environment(recipe));
        var refusal = new WorkerMessage { End = new JobEnd("There is no device.", null, ExitCode.Unavailable) }.ToLine();
        using var refuses = new WorkerPool(new WorkerCommand("/bin/sh", ["-c", $"echo '{refusal}'; read line"]), _store.Store.Layout, recipe, 1);
        Assert.Contains("There is no device.", Assert.Throws<EnvironmentException>(() => refuses.Environment(recipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_the_wait_for_a_worker_that_does_not_get_ready()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        using var slow = new WorkerPool(new WorkerCommand("/bin/sh", ["-c", "sleep 600"]), _store.Store.Layout, _store.Store.Recipe, 1);

        Assert.Throws<InterruptedException>(() => new Reconciler(_store.Store, slow).BringUpToDate(TimeSpan.Zero, null, cancellation.Token));
    }

    [Fact]
    public void Cancelling_ends_the_wait_and_the_workers()
    {
        using var cancellation = new CancellationTokenSource();
        using (var pool = Pool("sleep 60", 2))
        {
            var progress = new CancelAtBegin(cancellation);
            Assert.Throws<InterruptedException>(() => new Reconciler(_store.Store, pool).BringUpToDate(TimeSpan.Zero, progress, cancellation.Token));
        }

        _store.Train();
        Assert.Empty(StoreAssert.Differences(_source.Checkpoints(), _store.Checkpoints()));
    }

    [Fact]
    public void A_refused_stage_is_followed_by_stop()
    {
        using (var pool = Pool("", 1))
        {
            var acceptor = new Acceptor { Accepts = false };
            pool.Train(Jobs()[..1], acceptor, CancellationToken.None);
            Assert.NotEmpty(acceptor.Results);
        }

        Assert.Contains("stop shard-000", File.ReadAllLines(_store.Beside("heard")));
    }

    [Fact]
    public void Shards_that_are_trained_at_once_reach_a_worker_as_one_assignment_and_stop_one_by_one()
    {
        var acceptor = new Acceptor { Refuses = new ShardId(1) };
        using (var pool = Pool("", 1))
        {
            pool.Train(JobsForGpu(), acceptor, CancellationToken.None);
        }

        var heard = File.ReadAllLines(_store.Beside("heard"));
        Assert.Equal(4, acceptor.Results.Count);
        Assert.Single(heard, line => line.StartsWith("group [", StringComparison.Ordinal));
        Assert.Contains("stop shard-001", heard);
        Assert.DoesNotContain("stop shard-000", heard);
        Assert.Empty(Directory.EnumerateFiles(_store.Store.Layout.Scratch));
    }

    [Fact]
    public void Workers_share_before_shards_are_trained_at_once()
    {
        using (var pool = Pool("", 2))
        {
            pool.Train(JobsForGpu(), new Acceptor(), CancellationToken.None);
        }

        Assert.DoesNotContain(File.ReadAllLines(_store.Beside("heard")), line => line.StartsWith("group", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _store.Dispose();
        _source.Dispose();
    }

    // A worker: says where it trains; for each job copies the checkpoints of its shard from the source and tells of them.
    private WorkerPool Pool(string beforeStage, int count, string? end = null, string afterJob = ":")
    {
        foreach (var checkpoint in _source.Store.Manifest.Checkpoints.All())
        {
            var folder = _store.Beside($"stages/{checkpoint.Place.Shard}");
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, $"{checkpoint.Place.Slice.Value}"), new WorkerMessage { Stage = Result(checkpoint) }.ToLine() + "\n");
        }

        var ready = new WorkerMessage { Ready = _source.Trainer.Environment(_source.Store.Recipe) }.ToLine();
        var progress = new WorkerMessage { Progress = new StageProgress(new ShardId(0), SliceIndex.First, 1, 0.5) }.ToLine();
        var script = $"""
            while read -r line; do
              echo "$line" | cut -c1-200 >> '{_store.Beside("heard")}'
              case $line in
                recipe*) echo '{ready}'; continue;;
                stop*) continue;;
              esac
              for path in $(echo "$line" | sed 's/^group //' | tr -d '[]"' | tr ',' ' '); do
                shard=$(basename "$path" | cut -d- -f1-2)
                mkdir -p '{_store.Store.Layout.Checkpoints}'/$shard
                cp '{_source.Store.Layout.Checkpoints}'/$shard/* '{_store.Store.Layout.Checkpoints}'/$shard
                for stage in '{_store.Beside("stages")}'/$shard/*; do
                  {(beforeStage.Length == 0 ? ":" : beforeStage)}
                  echo '{progress}'
                  cat $stage
                done
              done
              {end ?? $"echo '{new WorkerMessage { End = new JobEnd() }.ToLine()}'"}
              {afterJob}
            done
            """;
        File.WriteAllText(_store.Beside("worker.sh"), script);
        return new WorkerPool(new WorkerCommand("/bin/sh", [_store.Beside("worker.sh")]), _store.Store.Layout, _store.Store.Recipe, count);
    }

    private static StageResult Result(CheckpointRecord checkpoint) => new()
    {
        Shard = checkpoint.Place.Shard,
        Stage = checkpoint.Place.Slice,
        FileName = Path.GetFileName(checkpoint.File),
        Digest = checkpoint.Digest,
        Tensors = checkpoint.Tensors,
        SizeBytes = checkpoint.SizeBytes,
        Lineage = checkpoint.Lineage,
        Environment = checkpoint.Environment,
        Visits = checkpoint.Visits,
        Seconds = 1,
    };

    private ShardJob[] Jobs()
    {
        var recorder = new FakeTrainer();
        using var plan = new TestStore(_store.Store.Recipe) { Trainer = recorder };
        plan.Ingest(Rows);
        plan.Train();
        return [.. recorder.Jobs.OrderBy(j => j.Shard)];
    }

    // Of a recipe whose shards are trained at once. The pool reads no more of it than that.
    private ShardJob[] JobsForGpu()
    {
        var recipe = SmallRecipes.Text(2, 2) with { Model = new MlpOptions(), Features = new FeatureOptions { Vector = new VectorFeature("v", 8, 0, 1) } };
        return [.. Jobs().Select(job => job with { Recipe = recipe with { Training = recipe.Training with { Device = "cuda" } } })];
    }

    private sealed class Acceptor : ITrainingObserver
    {
        public bool Accepts { get; init; } = true;

        public ShardId? Refuses { get; init; }

        public List<StageResult> Results { get; } = [];

        public bool Accept(StageResult result)
        {
            Results.Add(result);
            return Accepts && result.Shard != Refuses;
        }

        public void Progress(StageProgress progress) => Debug.Assert(progress.Loss > 0, "The script reports a loss.");
    }

    private sealed class CancelAtBegin(CancellationTokenSource cancellation) : ITrainingProgress
    {
        public void Waiting() => throw new InvalidOperationException("Nobody holds the store.");

        public void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged) => cancellation.CancelAfter(TimeSpan.FromMilliseconds(200));

        public void Progress(StageProgress progress) => throw new InvalidOperationException("The workers sleep.");

        public void Finished(StageResult result) => throw new InvalidOperationException("The workers sleep.");

        public void Published() => throw new InvalidOperationException("The workers sleep.");
    }
}

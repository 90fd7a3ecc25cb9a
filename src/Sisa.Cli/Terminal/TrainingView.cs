using System.Diagnostics;
using System.Globalization;
using Sisa.Engine.Training;
using Sisa.Records;
using Sisa.Sharding;
using Sisa.Training;
using Spectre.Console;

namespace Sisa.Cli.Terminal;

/// <summary>Shows training on standard error: a bar per shard on a terminal, JSON lines otherwise with <c>--json</c>, else one line a shard.</summary>
/// <remarks>Called by the coordinator's thread. Disposing ends the display.</remarks>
internal sealed class TrainingView(Output output) : ITrainingProgress, IDisposable
{
    private readonly Dictionary<ShardId, ShardBar> _bars = [];
    private readonly Stopwatch _clock = new();
    private readonly TaskCompletionSource _end = new();
    private Task _display = Task.CompletedTask;

    public void Waiting() => output.Say("Another process holds the store; waiting for it.");

    public void Begin(IReadOnlyList<ShardJob> jobs, bool environmentChanged)
    {
        if (environmentChanged)
        {
            output.Warn("This machine or its libraries differ from those of earlier checkpoints. Affected shards start over from their first slice.");
        }

        if (jobs.Count == 0)
        {
            return;
        }

        _clock.Restart();
        foreach (var job in jobs)
        {
            _bars[job.Shard] = new ShardBar(job);
        }

        if (output.IsTerminal && !output.Json)
        {
            ShowBars();
        }
    }

    public void Progress(StageProgress progress)
    {
        if (_bars.TryGetValue(progress.Shard, out var bar))
        {
            bar.InStage = progress.Visits;
            bar.Loss = progress.Loss;
            bar.Show();
            Tell("progress", progress.Shard, progress.Stage, progress.Loss, bar);
        }
    }

    public void Finished(StageResult result)
    {
        if (!_bars.TryGetValue(result.Shard, out var bar))
        {
            return;
        }

        bar.Done += result.Visits;
        bar.InStage = 0;
        bar.Loss = result.Visits > 0 ? result.Loss : bar.Loss;
        bar.Show(isLast: result.Stage == bar.Last);
        Tell("stage", result.Shard, result.Stage, result.Loss, bar);
        if (result.Stage == bar.Last && !output.Json && !output.IsTerminal)
        {
            output.Say($"{result.Shard}  slices {bar.First.Value}–{bar.Last.Value}  {Figures.Count(bar.Done)} item visits  loss {bar.LossText}");
        }
    }

    public void Published()
    {
        EndDisplay();
        if (output.Json)
        {
            output.Errors.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { Event = "published", Seconds = _clock.Elapsed.TotalSeconds }, DocumentJson.LineOptions));
        }
    }

    public void Dispose() => EndDisplay();

    private void Tell(string kind, ShardId shard, SliceIndex stage, double? loss, ShardBar bar)
    {
        if (output.Json)
        {
            output.Errors.WriteLine(System.Text.Json.JsonSerializer.Serialize(
                new { Event = kind, Shard = shard.Value, Slice = stage.Value, Visits = bar.Done + bar.InStage, Expected = bar.Expected, Loss = loss, Seconds = _clock.Elapsed.TotalSeconds },
                DocumentJson.LineOptions));
        }
    }

    private void ShowBars() => _display = output.Screen.Progress()
        .AutoClear(false)
        .HideCompleted(false)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(async context =>
        {
            foreach (var bar in _bars.Values.OrderBy(b => b.Shard))
            {
                bar.Attach(context.AddTask(bar.Describe(), autoStart: true, maxValue: Math.Max(1, bar.Expected)));
            }

            await _end.Task;
        });

    private void EndDisplay()
    {
        foreach (var bar in _end.Task.IsCompleted ? [] : _bars.Values.ToArray())
        {
            bar.Complete();
        }

        if (_end.TrySetResult())
        {
            _display.GetAwaiter().GetResult();
        }
    }

    private sealed class ShardBar(ShardJob job)
    {
        private readonly Stopwatch _clock = new();
        private ProgressTask? _task;
        private bool _hasEnded;

        public ShardId Shard => job.Shard;

        public SliceIndex First => job.FirstStage;

        public SliceIndex Last => job.LastStage;

        public double Expected { get; } = job.ExpectedVisits;

        public long Done { get; set; }

        public long InStage { get; set; }

        public double? Loss { get; set; }

        public string LossText => Loss is { } loss ? loss.ToString("0.000", CultureInfo.InvariantCulture) : "–";

        public void Attach(ProgressTask task) => _task = task;

        public void Show(bool isLast = false)
        {
            // From the first news of the shard, until then it waited for a worker, to its last.
            if (isLast)
            {
                _clock.Stop();
            }
            else if (!_hasEnded)
            {
                _clock.Start();
            }

            _hasEnded |= isLast;
            if (_task is { } task)
            {
                task.Value = Math.Min(task.MaxValue, Done + InStage);
                task.Description = Describe();
            }
        }

        public void Complete()
        {
            Show();
            if (_task is { } task && Done > 0)
            {
                task.Value = task.MaxValue;
            }
        }

        public string Describe()
        {
            var rate = _clock.Elapsed.TotalSeconds > 0.2 ? (Done + InStage) / _clock.Elapsed.TotalSeconds : 0;
            return $"{Shard}  loss {LossText,6}  {Figures.Count(rate),8} items/s";
        }
    }
}

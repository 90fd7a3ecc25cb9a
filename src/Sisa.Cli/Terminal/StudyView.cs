using System.Text.Json;
using Sisa.Benchmarks;
using Sisa.Records;
using Spectre.Console;

namespace Sisa.Cli.Terminal;

/// <summary>Shows a study on standard error: a bar on a terminal, JSON lines with <c>--json</c>, else one line a step.</summary>
/// <remarks>Called by one thread. Disposing ends the display.</remarks>
internal sealed class StudyView(Output output) : IStudyProgress, IDisposable
{
    private readonly TaskCompletionSource _end = new();
    private Task _display = Task.CompletedTask;
    private ProgressTask? _task;

    public void Begin(int steps, int finished)
    {
        if (finished > 0)
        {
            output.Say($"Resuming: {Figures.Count(finished)} of {Figures.Count(steps, "step")} were finished before.");
        }

        if (!output.IsTerminal || output.Json)
        {
            return;
        }

        _display = output.Screen.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                _task = context.AddTask("…", autoStart: true, maxValue: steps);
                _task.Value = finished;
                await _end.Task;
            });
    }

    public void Begin(string step)
    {
        if (_task is { } task && task.Description == "…")
        {
            task.Description = Markup.Escape(step);
        }
    }

    public void Finished(StudyProgress progress)
    {
        if (output.Json)
        {
            output.Errors.WriteLine(JsonSerializer.Serialize(new { Event = "progress", progress.Step, progress.Finished, progress.Steps, progress.Seconds, progress.SecondsLeft }, DocumentJson.LineOptions));
        }
        else if (_task is { } task)
        {
            task.Value = progress.Finished;
            task.Description = Markup.Escape($"{progress.Step}; {Left(progress)}");
        }
        else
        {
            output.Say($"[{progress.Finished}/{progress.Steps}] {progress.Step}; {Left(progress)}");
        }
    }

    public void Dispose()
    {
        if (_end.TrySetResult())
        {
            _display.GetAwaiter().GetResult();
        }
    }

    private static string Left(StudyProgress progress) => progress.Finished == progress.Steps ? "done" : $"about {Figures.Seconds(progress.SecondsLeft)} left";
}

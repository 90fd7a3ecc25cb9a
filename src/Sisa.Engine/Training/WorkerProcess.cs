using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Engine.Training.Launching;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>One worker of a <see cref="WorkerPool"/>: its process, what it was given, and what it complained of.</summary>
/// <remarks>Owned by the pool's thread. What it says arrives in the pool's queue; an entry without a message is its end.</remarks>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan TimeForLastWords = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly TaskCompletionSource _lastWord = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkerProcess(WorkerCommand command, BlockingCollection<(WorkerProcess Worker, WorkerMessage? Message)> messages)
    {
        var start = new ProcessStartInfo(command.Program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = WorkerMessage.Encoding,
            StandardOutputEncoding = WorkerMessage.Encoding,
            StandardErrorEncoding = WorkerMessage.Encoding,
        };
        foreach (var argument in command.Arguments.Concat(["worker", "-"]))
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            _process = Process.Start(start) ?? throw new InvalidOperationException("no process");
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw new EnvironmentException($"Worker {command.Program} could not be started: {SystemFault.Reason(e)}.", "Reinstall Sisa.", e);
        }

        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginErrorReadLine();
        new Thread(() => Listen(messages)) { IsBackground = true, Name = "worker output" }.Start();
    }

    public EnvironmentFingerprint? Environment { get; set; }

    /// <summary>Whether its end was heard of; nothing more is given to it.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Paths of the job files in hand; more than one where they are trained at once.</summary>
    public IReadOnlyList<string> Jobs { get; set; } = [];

    /// <summary>Sends the recipe.</summary>
    public void Begin(Recipe recipe) => Send(WorkerMessage.RecipePrefix + RecipeJson.Write(recipe));

    public void Send(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The worker has died. The end of its output reports that.
        }
    }

    /// <summary>Why nothing more comes from it, as far as it can be known.</summary>
    public EnvironmentException Died()
    {
        // Its output can end before its last words were read, and before it has ended itself.
        var hasEnded = _lastWord.Task.Wait(TimeForLastWords) && _process.WaitForExit(TimeForLastWords);
        var how = hasEnded ? $"with exit code {_process.ExitCode}" : "unexpectedly";
        var why = string.Join(' ', Reason());
        return new EnvironmentException(
            $"A worker process ended {how}{(why.Length == 0 ? "." : $": {why.TrimEnd().TrimEnd('.')}.")}",
            "Finished stages are kept. Run the same command again. If the fault repeats, check the free memory and the message above.");
    }

    /// <summary>Asks it to end.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, with a line unread.
        }
    }

    /// <summary>Waits for its end, and brings it about when it does not come.</summary>
    public void End(TimeSpan patience)
    {
        try
        {
            if (!_process.WaitForExit(patience > TimeSpan.Zero ? patience : TimeSpan.Zero))
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public void Dispose() => _process.Dispose();

    private void Hear(string? line)
    {
        if (line is null)
        {
            _lastWord.TrySetResult();
        }
        else if (!string.IsNullOrWhiteSpace(line))
        {
            _complaints.Enqueue(line);
        }
    }

    // Take the program's own error message, or else its last words, without the frames of a stack trace.
    private IEnumerable<string> Reason()
    {
        const int LastWords = 5;
        var said = _complaints.Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).ToArray();
        var errors = said.Where(line => line.StartsWith("sisa: error", StringComparison.Ordinal)).ToArray();
        return errors.Length > 0 ? errors : said.TakeLast(LastWords);
    }

    private void Listen(BlockingCollection<(WorkerProcess Worker, WorkerMessage? Message)> messages)
    {
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                messages.Add((this, WorkerMessage.FromLine(line)));
            }

            messages.Add((this, null));
        }
        catch (JsonException e)
        {
            _complaints.Enqueue($"Its output is not a message: {PlainReason.Of(e)}.");
            messages.Add((this, null));
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            // The pool is gone, and no listener remains.
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Engine.Training;

/// <summary>How to start a worker: a program and its first arguments.</summary>
/// <param name="Program">Path of the program.</param>
/// <param name="Arguments">Arguments before the worker's own.</param>
public sealed record WorkerCommand(string Program, IReadOnlyList<string> Arguments);

/// <summary>Trains shards in worker processes, one shard at a time in each.</summary>
/// <remarks>Not thread-safe. Workers start when the pool is made, so that they load libtorch while the coordinator plans. A worker ends
/// with its coordinator, however that ends: its standard input closes.</remarks>
public sealed class WorkerPool : IShardTrainer, IDisposable
{
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    private readonly StoreLayout _layout;
    private readonly List<Worker> _workers = [];
    private readonly BlockingCollection<(Worker Worker, WorkerMessage? Message)> _messages = [];

    /// <summary>Starts workers.</summary>
    /// <param name="command">How to start one.</param>
    /// <param name="layout">The store; job files go to its scratch folder.</param>
    /// <param name="recipe">The recipe, which decides on device, threads and numeric profile.</param>
    /// <param name="count">Number of workers, at least 1.</param>
    /// <exception cref="EnvironmentException">The program could not be started.</exception>
    public WorkerPool(WorkerCommand command, StoreLayout layout, Recipe recipe, int count)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _layout = layout;
        try
        {
            for (var i = 0; i < count; i++)
            {
                _workers.Add(new Worker(command, recipe, _messages));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public EnvironmentFingerprint Environment(Recipe recipe)
    {
        while (_workers.TrueForAll(w => w.Environment is null))
        {
            var (worker, message) = _messages.Take();
            worker.Environment = (message ?? throw worker.Died()).Ready;
            if (message.End is { Error: not null } end)
            {
                throw Failure(end);
            }
        }

        return _workers.First(w => w.Environment is not null).Environment!;
    }

    /// <inheritdoc/>
    public void Train(IReadOnlyList<ShardJob> jobs, ITrainingObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(observer);
        var waiting = new Queue<ShardJob>(jobs);
        SisaException? failure = null;
        _workers.ForEach(w => Assign(w, waiting));
        while (_workers.Exists(w => w.Job is not null))
        {
            var (worker, message) = TakeOrDrain(observer, cancellation);
            switch (message)
            {
                case null:
                    failure ??= worker.Job is null ? null : worker.Died();
                    worker.Job = null;
                    worker.HasEnded = true;
                    waiting.Clear();
                    break;
                case { Ready: { } environment }:
                    worker.Environment = environment;
                    break;
                case { Progress: { } progress }:
                    observer.Progress(progress);
                    break;
                case { Stage: { } stage }:
                    if (!observer.Accept(stage))
                    {
                        worker.Send(WorkerMessage.Stop);
                    }

                    break;
                case { End: { } end }:
                    if (end.Error is not null)
                    {
                        failure ??= Failure(end);
                        waiting.Clear();
                    }

                    // Without a job, it is the start for the recipe that failed.
                    if (worker.Job is { } job)
                    {
                        File.Delete(job);
                    }

                    worker.Job = null;
                    Assign(worker, waiting);
                    break;
            }
        }

        // Nobody is left to take them.
        failure ??= waiting.Count > 0 ? _workers[0].Died() : null;
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // All are asked before any is waited for, so that together they take as long as the slowest alone.
        _workers.ForEach(w => w.CloseInput());
        var clock = Stopwatch.StartNew();
        foreach (var worker in _workers)
        {
            worker.End(TimeToEnd - clock.Elapsed);
            worker.Dispose();
        }

        _messages.Dispose();
    }

    // On cancellation, stages whose checkpoints are durable and already told of are recorded before the work ends.
    private (Worker Worker, WorkerMessage? Message) TakeOrDrain(ITrainingObserver observer, CancellationToken cancellation)
    {
        try
        {
            return _messages.Take(cancellation);
        }
        catch (OperationCanceledException)
        {
            while (_messages.TryTake(out var told))
            {
                if (told.Message?.Stage is { } stage)
                {
                    observer.Accept(stage);
                }
            }

            throw;
        }
    }

    private static SisaException Failure(JobEnd end) => end.ExitCode switch
    {
        ExitCode.InputOutput => new StorageIoException(end.Error!, end.Hint),
        ExitCode.Unavailable => new EnvironmentException(end.Error!, end.Hint),
        _ => new StoreException(end.Error!, end.Hint),
    };

    // Not flushed: a job file that a crash takes is never missed.
    private static void WriteScratch<T>(string path, T content)
    {
        try
        {
            using var stream = File.Create(path);
            JsonSerializer.Serialize(stream, content, RecipeJson.Options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("write", path, e);
        }
    }

    private void Assign(Worker worker, Queue<ShardJob> waiting)
    {
        if (!worker.HasEnded && waiting.TryDequeue(out var job))
        {
            var path = Path.Combine(_layout.Scratch, $"{job.Shard}-{System.Environment.ProcessId}.job.json");
            WriteScratch(path, job);
            worker.Job = path;
            worker.Send(path);
        }
    }

    private sealed class Worker : IDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _complaints = new();
        private readonly TaskCompletionSource _lastWord = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Worker(WorkerCommand command, Recipe recipe, BlockingCollection<(Worker Worker, WorkerMessage? Message)> messages)
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
                throw new EnvironmentException($"Worker {command.Program} could not be started: {e.Message}", "Reinstall Sisa.", e);
            }

            _process.ErrorDataReceived += (_, line) => Hear(line.Data);
            _process.BeginErrorReadLine();
            Send(WorkerMessage.RecipePrefix + RecipeJson.Write(recipe));
            new Thread(() => Listen(messages)) { IsBackground = true, Name = "worker output" }.Start();
        }

        public EnvironmentFingerprint? Environment { get; set; }

        /// <summary>Whether its end was heard of; nothing more is given to it.</summary>
        public bool HasEnded { get; set; }

        /// <summary>Path of the job file in hand.</summary>
        public string? Job { get; set; }

        public void Send(string line)
        {
            try
            {
                _process.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // It has died; its end of output says so to whoever waits.
            }
        }

        /// <summary>Why nothing more comes from it, as far as it can be known.</summary>
        public EnvironmentException Died()
        {
            // Its output can end before its last words were read, and before it has ended itself.
            var hasEnded = _lastWord.Task.Wait(TimeToEnd) && _process.WaitForExit(TimeToEnd);
            var how = hasEnded ? $"with exit code {_process.ExitCode}" : "unexpectedly";
            var why = string.Join(' ', Reason());
            return new EnvironmentException(
                $"A worker process ended {how}{(why.Length == 0 ? "." : $": {why}")}",
                "Finished stages are kept; run the same command again. If it repeats, look at free memory and at the message above.");
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

        // What the program reports as its error, or else its last words; frames of a stack trace say nothing to whoever reads this.
        private IEnumerable<string> Reason()
        {
            const int LastWords = 5;
            var said = _complaints.Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).ToArray();
            var errors = said.Where(line => line.StartsWith("sisa: error", StringComparison.Ordinal)).ToArray();
            return errors.Length > 0 ? errors : said.TakeLast(LastWords);
        }

        private void Listen(BlockingCollection<(Worker Worker, WorkerMessage? Message)> messages)
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
                _complaints.Enqueue($"It said something that is not a message: {e.Message}");
                messages.Add((this, null));
            }
            catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
            {
                // The pool is gone, and nobody listens any more.
            }
        }
    }
}

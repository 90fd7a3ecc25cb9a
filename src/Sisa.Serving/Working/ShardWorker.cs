using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sisa.Engine.Training;
using Sisa.Records;
using Sisa.Torch;
using Sisa.Training;

namespace Sisa.Serving.Working;

/// <summary>A worker process: job files in, checkpoint files and messages out. The same under every launcher.</summary>
/// <remarks>See <see cref="WorkerMessage"/> for what it reads and writes. Whatever goes wrong becomes a message that its coordinator can repeat. Not thread-safe.</remarks>
/// <param name="messages">Takes the messages, one JSON object a line; nothing else may be written there.</param>
public sealed class ShardWorker(TextWriter messages) : ITrainingObserver
{
    private readonly TorchShardTrainer _trainer = new();
    private readonly Lock _line = new();
    private readonly ConcurrentDictionary<string, bool> _stopped = [];

    /// <summary>Trains jobs by name, one after the other.</summary>
    /// <param name="jobs">Paths of job files.</param>
    /// <param name="cancellation">Ends the training at the next stage.</param>
    /// <returns>The kind of the last failed job's fault; <see langword="null"/> if no job failed.</returns>
    public FaultKind? Train(IReadOnlyList<string> jobs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        FaultKind? last = null;
        foreach (var job in jobs)
        {
            last = TrainTogether([job], cancellation) ?? last;
        }

        return last;
    }

    /// <summary>Trains the jobs that a coordinator names on standard input, and ends the process at the end of the input.</summary>
    /// <param name="complain">Reports that standard input cannot be read, and returns the exit code.</param>
    public void Serve(Func<Exception, int> complain)
    {
        ArgumentNullException.ThrowIfNull(complain);

        // Ctrl-C reaches the whole foreground group; the coordinator decides what becomes of the shard in hand.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var lines = new BlockingCollection<string>();
        new Thread(() => Listen(lines, complain)) { IsBackground = true, Name = "coordinator" }.Start();
        foreach (var line in lines.GetConsumingEnumerable())
        {
            // What was to stop belongs to what was in hand.
            _stopped.Clear();
            if (line.StartsWith(WorkerMessage.RecipePrefix, StringComparison.Ordinal))
            {
                Start(line[WorkerMessage.RecipePrefix.Length..]);
            }
            else
            {
                TrainTogether(WorkerMessage.Paths(line), CancellationToken.None);
            }
        }
    }

    /// <inheritdoc/>
    public bool Accept(StageResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Send(new WorkerMessage { Stage = result });
        return !_stopped.ContainsKey(result.Shard.ToString());
    }

    /// <inheritdoc/>
    public void Progress(StageProgress progress) => Send(new WorkerMessage { Progress = progress });

    // Loads libtorch and says where it trains.
    private void Start(string json) => Guard(() =>
    {
        var recipe = RecipeJson.Read(json);
        Send(new WorkerMessage { Ready = _trainer.Environment(recipe) });
        TorchShardTrainer.Prepare(recipe);
    });

    // What is handed out together ends together: the trainer decides whether it is also computed together.
    private FaultKind? TrainTogether(IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var fault = Guard(() => _trainer.Train([.. paths.Select(ReadJob)], this, cancellation));
        if (fault is null)
        {
            Send(new WorkerMessage { End = new JobEnd() });
        }

        return fault;
    }

    private FaultKind? Guard(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (SisaException e)
        {
            return Fail(End(e.Message, e.Remedy, e.Kind, (e as DivergenceException)?.Divergence));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(End(e.Message, "Check the job file and the folders that it names.", FaultKind.InputOutput));
        }
        catch (ExternalException e)
        {
            // Whatever libtorch throws has this type; above all that memory, of the machine or of the device, is used up.
            return Fail(End($"libtorch failed: {FirstLine(e)}", "Finished stages are kept. Check the free memory; fewer workers or a smaller 'training.batchSize' need less.", FaultKind.Unavailable));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return Fail(End($"The shard cannot be trained: {FirstLine(e)}", "Finished stages are kept. If the fault repeats, report it.", FaultKind.Unavailable));
        }
    }

    private static JobEnd End(string error, Remedy? remedy, FaultKind kind, Divergence? divergence = null) => new(error, remedy?.Parts, kind, divergence);

    private FaultKind? Fail(JobEnd end)
    {
        Send(new WorkerMessage { End = end });
        return end.Kind;
    }

    // What follows the first line is libtorch's own stack.
    private static string FirstLine(Exception fault) => fault.Message.Split('\n')[0].TrimEnd();

    private static ShardJob ReadJob(string path)
    {
        try
        {
            return RecordJson.Read<ShardJob>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new StoreException($"Job file {path} is malformed: {PlainReason.Of(e)}.", $"{Step.Train} writes job files. Run it again.", e);
        }
    }

    private void Listen(BlockingCollection<string> jobs, Func<Exception, int> complain)
    {
        var exit = 0;
        try
        {
            using var input = new StreamReader(Console.OpenStandardInput(), WorkerMessage.Encoding);
            while (input.ReadLine() is { } line)
            {
                if (line.StartsWith(WorkerMessage.StopPrefix, StringComparison.Ordinal))
                {
                    _stopped[line[WorkerMessage.StopPrefix.Length..]] = true;
                }
                else
                {
                    jobs.Add(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No caller above this thread could turn the exception into a message.
            exit = complain(e);
        }

        // The coordinator is gone, so no process would record the work in progress.
        Environment.Exit(exit);
    }

    private void Send(WorkerMessage message)
    {
        lock (_line)
        {
            messages.WriteLine(message.ToLine());
            messages.Flush();
        }
    }
}

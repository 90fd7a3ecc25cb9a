using System.Collections.Concurrent;
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sisa.Cli.Terminal;
using Sisa.Engine.Training;
using Sisa.Records;
using Sisa.Torch;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa worker</c>: job files in, checkpoint files out. The same program under every launcher.</summary>
internal static class WorkerVerb
{
    private static readonly Argument<string[]> Jobs = new("jobs") { Description = "Job files; '-' reads their paths from standard input, one a line, until it ends.", Arity = ArgumentArity.OneOrMore };

    public static Command Create() => new Command("worker", "Train the shards that job files describe; results as JSON lines on standard output.") { Jobs }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var worker = new Worker(output);
        return parse.GetValue(Jobs) is ["-"] ? worker.Serve() : worker.Train(parse.GetValue(Jobs)!, cancellation);
    }

    private sealed class Worker(Output output) : ITrainingObserver
    {
        private readonly TorchShardTrainer _trainer = new();
        private readonly Lock _line = new();
        private readonly ConcurrentDictionary<string, bool> _stopped = [];

        /// <summary>Trains jobs by name, one after the other.</summary>
        public ExitCode Train(IReadOnlyList<string> jobs, CancellationToken cancellation)
        {
            var exit = ExitCode.Done;
            foreach (var job in jobs)
            {
                var code = TrainTogether([job], cancellation);
                exit = code is ExitCode.Done ? exit : code;
            }

            return exit;
        }

        /// <summary>Trains the jobs that a coordinator names, and ends when it does.</summary>
        public ExitCode Serve()
        {
            // Ctrl-C reaches the whole foreground group; the coordinator decides what becomes of the shard in hand.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
            using var lines = new BlockingCollection<string>();
            new Thread(() => Listen(lines)) { IsBackground = true, Name = "coordinator" }.Start();
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

            return ExitCode.Done;
        }

        public bool Accept(StageResult result)
        {
            Send(new WorkerMessage { Stage = result });
            return !_stopped.ContainsKey(result.Shard.ToString());
        }

        public void Progress(StageProgress progress) => Send(new WorkerMessage { Progress = progress });

        // Loads libtorch and says where it trains.
        private void Start(string json) => Guard(() =>
        {
            var recipe = RecipeJson.Read(json);
            Send(new WorkerMessage { Ready = _trainer.Environment(recipe) });
            TorchShardTrainer.Prepare(recipe);
        });

        // What is handed out together ends together: the trainer decides whether it is also computed together.
        private ExitCode TrainTogether(IReadOnlyList<string> paths, CancellationToken cancellation)
        {
            var exit = Guard(() => _trainer.Train([.. paths.Select(ReadJob)], this, cancellation));
            if (exit is ExitCode.Done)
            {
                Send(new WorkerMessage { End = new JobEnd() });
            }

            return exit;
        }

        // The one place where a worker turns whatever went wrong into a message that its coordinator can repeat.
        private ExitCode Guard(Action action)
        {
            try
            {
                action();
                return ExitCode.Done;
            }
            catch (SisaException e)
            {
                return Fail(End(e.Message, e.Remedy, e.Kind, (e as DivergenceException)?.Divergence));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return Fail(End(e.Message, "Look at the job file and the folders that it names.", FaultKind.InputOutput));
            }
            catch (ExternalException e)
            {
                // Whatever libtorch throws has this type; above all that memory, of the machine or of the device, is used up.
                return Fail(End($"libtorch gave up: {FirstLine(e)}", "Finished stages are kept. Look at free memory; fewer workers or a smaller 'training.batchSize' need less.", FaultKind.Unavailable));
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return Fail(End($"The shard cannot be trained: {FirstLine(e)}", "Finished stages are kept. If it repeats, report it.", FaultKind.Unavailable));
            }
        }

        private static JobEnd End(string error, Remedy? remedy, FaultKind kind, Divergence? divergence = null) => new(error, remedy?.Parts, kind, divergence);

        private ExitCode Fail(JobEnd end)
        {
            Send(new WorkerMessage { End = end });
            return Fault.CodeOf(end.Kind!.Value);
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
                throw new StoreException($"Job file {path} is malformed: {PlainReason.Of(e)}.", $"Job files are written by {Step.Train}; run it again.", e);
            }
        }

        private void Listen(BlockingCollection<string> jobs)
        {
            var exit = ExitCode.Done;
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
                // Nobody above this thread could turn it into a message.
                var fault = Fault.Of(e);
                output.Error(fault.Message, fault.Hint);
                exit = fault.ExitCode;
            }

            // The coordinator is gone. Whatever is in hand would be an orphan that nobody records.
            Environment.Exit((int)exit);
        }

        private void Send(WorkerMessage message)
        {
            lock (_line)
            {
                output.Data.WriteLine(message.ToLine());
                output.Data.Flush();
            }
        }
    }
}

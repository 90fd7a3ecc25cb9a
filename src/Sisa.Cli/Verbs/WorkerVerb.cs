using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sisa.Cli.Terminal;
using Sisa.Engine.Training;
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
        var worker = new Worker(output.Data);
        return parse.GetValue(Jobs) is ["-"] ? worker.Serve() : worker.Train(parse.GetValue(Jobs)!, cancellation);
    }

    private sealed class Worker(TextWriter output) : ITrainingObserver
    {
        private readonly TorchShardTrainer _trainer = new();
        private readonly Lock _line = new();
        private volatile bool _stop;

        /// <summary>Trains jobs by name, one after the other.</summary>
        public ExitCode Train(IReadOnlyList<string> jobs, CancellationToken cancellation)
        {
            var exit = ExitCode.Done;
            foreach (var job in jobs)
            {
                var code = Train(job, cancellation);
                exit = code is ExitCode.Done ? exit : code;
            }

            return exit;
        }

        /// <summary>Trains the jobs that a coordinator names, and ends when it does.</summary>
        public ExitCode Serve()
        {
            // Ctrl-C reaches the whole foreground group; the coordinator decides what becomes of the shard in hand.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
            using var lines = new System.Collections.Concurrent.BlockingCollection<string>();
            new Thread(() => Listen(lines)) { IsBackground = true, Name = "coordinator" }.Start();
            foreach (var line in lines.GetConsumingEnumerable())
            {
                _stop = false;
                if (line.StartsWith(WorkerMessage.RecipePrefix, StringComparison.Ordinal))
                {
                    Start(line[WorkerMessage.RecipePrefix.Length..]);
                }
                else
                {
                    Train(line, CancellationToken.None);
                }
            }

            return ExitCode.Done;
        }

        public bool Accept(StageResult result)
        {
            Send(new WorkerMessage { Stage = result });
            return !_stop;
        }

        public void Progress(StageProgress progress) => Send(new WorkerMessage { Progress = progress });

        // Loads libtorch and says where it trains.
        private void Start(string recipe) => Guard(() => Send(new WorkerMessage { Ready = _trainer.Environment(RecipeJson.Read(recipe)) }));

        private ExitCode Train(string path, CancellationToken cancellation)
        {
            var exit = Guard(() =>
            {
                var job = JsonSerializer.Deserialize<ShardJob>(File.ReadAllText(path), RecipeJson.Options) ?? throw new JsonException("The job is 'null'.");
                _trainer.Train([job], this, cancellation);
            });
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
                Send(new WorkerMessage { End = new JobEnd(e.Message, e.Hint, e.ExitCode) });
                return e.ExitCode;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                Send(new WorkerMessage { End = new JobEnd(e.Message, "Look at the job file and the folders that it names.", ExitCode.InputOutput) });
                return ExitCode.InputOutput;
            }
        }

        private void Listen(System.Collections.Concurrent.BlockingCollection<string> jobs)
        {
            while (Console.In.ReadLine() is { } line)
            {
                if (line == WorkerMessage.Stop)
                {
                    _stop = true;
                }
                else
                {
                    jobs.Add(line);
                }
            }

            // The coordinator is gone. Whatever is in hand would be an orphan that nobody records.
            Environment.Exit((int)ExitCode.Done);
        }

        private void Send(WorkerMessage message)
        {
            lock (_line)
            {
                output.WriteLine(message.ToLine());
                output.Flush();
            }
        }
    }
}

using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Serving.Working;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa worker</c>: job files in, checkpoint files out. The same program under every launcher.</summary>
internal static class WorkerVerb
{
    private static readonly Argument<string[]> Jobs = new("jobs") { Description = "Job files. '-' reads their paths from standard input, one a line.", Arity = ArgumentArity.OneOrMore };

    public static Command Create() => new Command("worker", "Train the shards that job files describe, and write results as JSON lines to standard output.") { Jobs }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var worker = new ShardWorker(output.Data);
        if (parse.GetValue(Jobs) is not ["-"])
        {
            return worker.Train(parse.GetValue(Jobs)!, cancellation) is { } kind ? Fault.CodeOf(kind) : ExitCode.Done;
        }

        worker.Serve(exception =>
        {
            var fault = Fault.Of(exception);
            output.Error(fault.Message, fault.Hint);
            return (int)fault.ExitCode;
        });
        return ExitCode.Done;
    }
}

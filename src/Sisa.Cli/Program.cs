using System.CommandLine;
using System.CommandLine.Parsing;
using Sisa.Cli.Quickstart;
using Sisa.Cli.Terminal;
using Sisa.Cli.Verbs;

namespace Sisa.Cli;

/// <summary>The command line: one verb each in its own file, joined here.</summary>
internal static class Program
{
    // Long enough for a stage's checkpoint to become durable; workers end by themselves when their input closes.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(8);

    public static int Main(string[] arguments)
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var root = CreateRoot();
        var parse = root.Parse(arguments);
        var output = new Output(Console.Out, Console.Error, parse.GetValue(CommonOptions.Json), Output.ErrorsMayMove);
        if (parse.Errors.Count > 0)
        {
            output.Error(string.Join(" ", parse.Errors.Select(e => e.Message)), $"See '{CommandPath(parse)} --help'.");
            return (int)ExitCode.Usage;
        }

        try
        {
            return parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop }).GetAwaiter().GetResult();
        }
        catch (SisaException e)
        {
            output.Error(e.Message, e.Hint);
            return (int)e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            output.Error("Interrupted.", "Nothing acknowledged is lost; run the same command again.");
            return (int)ExitCode.Resumable;
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            output.Error($"The manifest cannot be read: {e.Message}", "Run 'sisa recover'; if that does not help, restore it from a backup.");
            return (int)ExitCode.Data;
        }
        catch (IOException e)
        {
            output.Error(e.Message, "Nothing acknowledged is lost; mend the cause and run the same command again.");
            return (int)ExitCode.InputOutput;
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException))
        {
            return Internal(output, e);
        }
    }

    // The last resort: a fault of the program itself must not look like one of the user's data.
    private static int Internal(Output output, Exception fault)
    {
        output.Error($"Internal fault: {fault.GetType().Name}: {fault.Message}", "Nothing acknowledged is lost. Please report it with the lines below.");
        output.Say(fault.StackTrace ?? string.Empty);
        return (int)ExitCode.Internal;
    }

    internal static RootCommand CreateRoot()
    {
        var root = new RootCommand("Exact machine unlearning: train on shards and slices, forget on request, prove it.")
        {
            InitVerb.Create(),
            IngestVerb.Create(),
            TrainVerb.Create(),
            EvaluateVerb.Create(),
            PredictVerb.Create(),
            ExportVerb.Create(),
            ForgetVerb.Create(),
            StatusVerb.Create(),
            VerifyVerb.Create(),
            RecoverVerb.Create(),
            QuickstartVerb.Create(),
            WorkerVerb.Create(),
        };
        root.Options.Add(CommonOptions.Store);
        root.Options.Add(CommonOptions.Json);
        return root;
    }

    private static string CommandPath(ParseResult parse)
    {
        var names = new List<string>();
        for (SymbolResult? symbol = parse.CommandResult; symbol is CommandResult command; symbol = symbol.Parent)
        {
            names.Insert(0, command.Command is RootCommand ? "sisa" : command.Command.Name);
        }

        return string.Join(' ', names);
    }
}

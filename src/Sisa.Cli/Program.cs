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

    public static int Main(string[] arguments) => SisaCommandLine.Run(arguments);

    /// <summary>Parses the command line and runs its verb.</summary>
    public static int Run(string[] arguments)
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var root = CreateRoot(arguments.FirstOrDefault());

        // Ids and subjects may begin with '@', which would otherwise name a file to read arguments from.
        var parse = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var output = new Output(Console.Out, Console.Error, parse.GetValue(CommonOptions.Json), Output.ErrorsMayMove);
        if (parse.Errors.Count > 0)
        {
            output.Error(string.Join(" ", parse.Errors.Select(e => Sentence(e.Message))), $"See '{CommandPath(parse)} --help'.");
            return (int)ExitCode.Usage;
        }

        if (HasEmptyValue(parse))
        {
            output.Error("A value on the command line is empty.", "A variable of the shell may be unset. Check every '$NAME' in the command.");
            return (int)ExitCode.Usage;
        }

        try
        {
            return parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop }).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException))
        {
            var fault = Fault.Of(e);
            output.Error(fault.Message, fault.Hint);
            if (fault.ExitCode == ExitCode.Internal)
            {
                output.Say(e.StackTrace ?? string.Empty);
            }

            return (int)fault.ExitCode;
        }
    }

    /// <summary>The command line.</summary>
    /// <param name="only">Name of the one verb that is needed, if known, because building the options of all verbs takes longer than many commands. Any other text builds all.</param>
    internal static RootCommand CreateRoot(string? only = null)
    {
        var root = new RootCommand("Exact machine unlearning: train on shards and slices, forget on request, prove it.");
        var verbs = Verbs();
        foreach (var verb in Array.Find(verbs, verb => verb.Name == only) is { } found ? [found] : verbs)
        {
            root.Subcommands.Add(verb.Create());
        }

        root.Options.Add(CommonOptions.Store);
        root.Options.Add(CommonOptions.Json);
        return root;
    }

    // No path, id or number is empty. A text may begin with nothing.
    private static bool HasEmptyValue(ParseResult parse) => parse.CommandResult.Children
        .Concat(parse.RootCommandResult.Children.Where(child => child is not CommandResult))
        .Where(child => child is not ArgumentResult argument || argument.Argument != GenerateVerb.Prompt)
        .Any(child => child.Tokens.Any(token => token.Value.Length == 0));

    private static NamedVerb[] Verbs() =>
    [
        new("init", InitVerb.Create),
        new("plan", PlanVerb.Create),
        new("ingest", IngestVerb.Create),
        new("train", TrainVerb.Create),
        new("evaluate", EvaluateVerb.Create),
        new("predict", PredictVerb.Create),
        new("generate", GenerateVerb.Create),
        new("export", ExportVerb.Create),
        new("find", FindVerb.Create),
        new("forget", ForgetVerb.Create),
        new("requests", RequestsVerb.Create),
        new("status", StatusVerb.Create),
        new("verify", VerifyVerb.Create),
        new("certificate", CertificateVerb.Create),
        new("audit", AuditVerb.Create),
        new("keys", KeysVerb.Create),
        new("recover", RecoverVerb.Create),
        new("bench", BenchVerb.Create),
        new("quickstart", QuickstartVerb.Create),
        new("worker", WorkerVerb.Create),
    ];

    // The library lists what is allowed below its message, a line each.
    private static string Sentence(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 1 ? $"{lines[0]} {string.Join(", ", lines[1..])}." : message;
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

    /// <summary>A verb that can be made.</summary>
    private sealed record NamedVerb(string Name, Func<Command> Create);
}

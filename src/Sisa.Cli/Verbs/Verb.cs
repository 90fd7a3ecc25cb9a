using System.CommandLine;
using Sisa.Cli.Terminal;

namespace Sisa.Cli.Verbs;

/// <summary>Joins a command to what it does.</summary>
internal static class Verb
{
    /// <summary>Sets what a command does. Exceptions become exit codes in <see cref="Program"/>.</summary>
    public static Command Does(this Command command, Func<ParseResult, Output, CancellationToken, ExitCode> action)
    {
        command.SetAction((parse, cancellation) =>
            Task.Run(() => (int)action(parse, new Output(Console.Out, Console.Error, parse.GetValue(CommonOptions.Json), Output.ErrorsMayMove), cancellation), CancellationToken.None));
        return command;
    }
}

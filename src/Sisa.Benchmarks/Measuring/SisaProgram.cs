using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sisa.Engine.Training.Launching;

namespace Sisa.Benchmarks.Measuring;

/// <summary>The output and duration of a command of the program.</summary>
/// <param name="Json">The document on standard output, where there is one.</param>
/// <param name="Seconds">Wall seconds of the whole process.</param>
/// <param name="PublishedSeconds">Wall seconds from the start of the process to the published bundle; <see langword="null"/> if nothing was published.</param>
public sealed record CommandRun(JsonNode? Json, double Seconds, double? PublishedSeconds);

/// <summary>The program itself, run as its user runs it: start of the process, planning, training and publication are measured together.</summary>
/// <param name="command">How the program is started.</param>
/// <param name="folder">Working folder.</param>
public sealed class SisaProgram(WorkerCommand command, string folder)
{
    private const int ShownLines = 20;
    private const int MaxJsonDepth = 64;

    /// <summary>Runs a command with <c>--json</c>.</summary>
    /// <param name="arguments">Verb and options.</param>
    /// <param name="cancellation">Ends the command, and with it what it left undone.</param>
    /// <exception cref="EnvironmentException">The command ended with another exit code than 0.</exception>
    public CommandRun Run(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var errors = new StringBuilder();
        double? published = null;
        var clock = Stopwatch.StartNew();
        using var process = new Process { StartInfo = StartOf([.. arguments, "--json"]) };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("{\"event\":\"published\"", StringComparison.Ordinal) == true)
            {
                published ??= clock.Elapsed.TotalSeconds;
            }
            else if (line.Data is { Length: > 0 } text && text[0] != '{' && errors.Length < 100 * ShownLines)
            {
                errors.AppendLine(text);
            }
        };
        process.Start();
        process.BeginErrorReadLine();
        using var ending = cancellation.Register(() => End(process));
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var seconds = clock.Elapsed.TotalSeconds;
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
        {
            throw new EnvironmentException($"'sisa {string.Join(' ', arguments)}' ended with {process.ExitCode}:\n{errors}".TrimEnd(), $"Remove the cause. The same command then continues after the last finished cell. The store is in {folder}.");
        }

        return new CommandRun(output.Length == 0 ? null : JsonNode.Parse(output, documentOptions: new JsonDocumentOptions { MaxDepth = MaxJsonDepth }), seconds, published);
    }

    // Its workers end by themselves when the pipe to them closes; the store that it leaves is thrown away.
    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended in the meantime.
        }
    }

    private ProcessStartInfo StartOf(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(command.Program)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Arguments.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}

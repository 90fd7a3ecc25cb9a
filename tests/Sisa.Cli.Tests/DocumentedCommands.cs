using System.Diagnostics;

namespace Sisa.Cli.Tests;

/// <summary>Commands as the documentation prints them, run by a shell that finds the built program as <c>sisa</c>.</summary>
internal static class DocumentedCommands
{
    /// <summary>A block of code of a page, as printed.</summary>
    /// <param name="page">Path from the top of the repository.</param>
    /// <param name="behind">Text behind which the block comes.</param>
    /// <param name="language">What the block says of its language.</param>
    public static string Block(string page, string behind, string language)
    {
        var text = File.ReadAllText(Path.Combine(Root(), page));
        var fence = $"```{language}\n";
        var begin = text.IndexOf(fence, text.IndexOf(behind, StringComparison.Ordinal), StringComparison.Ordinal) + fence.Length;
        return text[begin..text.IndexOf("```\n", begin, StringComparison.Ordinal)];
    }

    /// <summary>Skips a test where a program is not there.</summary>
    public static void Need(params string[] programs)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        Assert.SkipUnless(programs.All(p => folders.Any(f => File.Exists(Path.Combine(f, p)))), $"Needs {string.Join(", ", programs)}.");
    }

    /// <summary>Runs a script.</summary>
    public static CommandResult Bash(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = Path.GetDirectoryName(SisaCommand.Program) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output, errors.Result);
    }

    /// <summary>The top of the repository.</summary>
    public static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sisa.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Sisa.sln above the tests.");
        }

        return folder;
    }
}

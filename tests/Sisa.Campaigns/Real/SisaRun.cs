using System.Diagnostics;
using Sisa.TestKit.Messages;

namespace Sisa.Campaigns.Real;

/// <summary>What a run of the program left behind.</summary>
/// <param name="Command">What was run.</param>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record SisaAnswer(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Fails the case where the exit code is none of these.</summary>
    public SisaAnswer Expect(params ReadOnlySpan<ExitCode> codes)
    {
        CampaignCase.Demand(codes.Contains((ExitCode)ExitCode), $"'{Command}' ended with {ExitCode}, expected {string.Join(" or ", codes.ToArray().Select(c => (int)c))}.\n{Output}\n{Errors}");
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"'{Command}' ended with {ExitCode}: {Errors.Trim()}";
}

/// <summary>The program as shipped, while it runs.</summary>
internal sealed class SisaRun : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private readonly string _command;

    /// <summary>Path of the program: the one that <c>SISA_PROGRAM</c> names, compiled ahead as users have it, or the one beside the campaigns.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("SISA_PROGRAM") is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, "sisa");

    /// <summary>Starts it.</summary>
    /// <param name="folder">Its working folder; temporary files go to <c>tmp</c> in it.</param>
    /// <param name="arguments">Its arguments.</param>
    public SisaRun(string folder, params IReadOnlyCollection<string> arguments)
    {
        _command = "sisa " + string.Join(' ', arguments);
        var start = new ProcessStartInfo(Program)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(folder, "tmp")).FullName;
        _process = Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Asks it to end, as a system does before it is shut down.</summary>
    public void Terminate()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", ["-TERM", $"{_process.Id}"]) { UseShellExecute = false, RedirectStandardError = true })!;
            kill.WaitForExit();
        }
    }

    /// <summary>Waits for its end; kills it when it takes too long.</summary>
    /// <param name="seconds">How long it may take.</param>
    /// <exception cref="CampaignFaultException">It took longer.</exception>
    public SisaAnswer Wait(double seconds = 300)
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            throw new CampaignFaultException($"'{_command}' had not ended after {seconds:0} s.");
        }

        // Both readers end when the last process that holds the pipes does. A process that was killed may have been in the middle of a sentence.
        if (_process.ExitCode < 128)
        {
            MessageWatch.Said(_errors.Result);
        }

        return new SisaAnswer(_command, _process.ExitCode, _output.Result, _errors.Result);
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}

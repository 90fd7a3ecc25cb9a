using System.Diagnostics;
using Sisa.TestKit.Messages;

namespace Sisa.Campaigns.Faults;

/// <summary>What a run of a program under faults left behind.</summary>
/// <param name="ExitCode">Its exit code; 137 after SIGKILL.</param>
/// <param name="Output">What it said on standard output: what it acknowledged.</param>
/// <param name="Errors">What it said on standard error.</param>
/// <param name="Changes">How many changes to files it made or tried, its child processes included.</param>
/// <param name="Fired">How often the plan did something.</param>
public sealed record SubjectResult(int ExitCode, string Output, string Errors, int Changes, int Fired)
{
    /// <summary>The exit code after SIGKILL.</summary>
    public const int Killed = 128 + 9;

    /// <summary>Everything that it said.</summary>
    public string Said => Output + Errors;

    /// <summary>Whether it was killed.</summary>
    public bool IsKilled => ExitCode == Killed;
}

/// <summary>Runs a program whose changes to files under a folder are counted, refused, recorded, or are its last.</summary>
public static class SubjectRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="folder">Folder whose files count, without symbolic links.</param>
    /// <param name="plan">What is done to it.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="trace">File that records every change, or <see langword="null"/>.</param>
    public static SubjectResult Start(string program, string folder, FaultPlan plan, IEnumerable<string> arguments, string? trace)
    {
        var state = Path.Combine(Path.GetDirectoryName(folder)!, $"{Path.GetFileName(folder)}.fault");
        File.Delete(state);
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LD_PRELOAD"] = FaultLibrary.Path;
        start.Environment["SISA_FAULT_ROOT"] = folder;
        start.Environment["SISA_FAULT_STATE"] = state;
        start.Environment["SISA_FAULT_PLAN"] = plan.ToString();
        start.Environment["SISA_FAULT_TRACE"] = trace;
        start.Environment["DOTNET_TieredPGO"] = "0";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new CampaignFaultException($"'{string.Join(' ', start.ArgumentList)}' under '{plan}' did not end within {Patience.TotalSeconds:0} seconds.");
        }

        var counters = File.ReadAllBytes(state);
        File.Delete(state);
        if (process.ExitCode < 128)
        {
            MessageWatch.Said(errors.Result);
        }

        return new SubjectResult(process.ExitCode, output.Result, errors.Result, (int)BitConverter.ToInt64(counters, 0), (int)BitConverter.ToInt64(counters, 8));
    }
}

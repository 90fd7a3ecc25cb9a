using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa recover</c>: finishes what was interrupted, but for training.</summary>
internal static class RecoverVerb
{
    public static Command Create() => new Command("recover", "Finish what was interrupted. Every other command does so too, as far as it needs to.") { CommonOptions.Wait }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = Store.Open(parse.GetValue(CommonOptions.Store)!);
        var report = new Recovery(store).Run(CommonOptions.Patience(parse));
        var integrity = store.Manifest.CheckIntegrity();
        foreach (var fault in integrity)
        {
            output.Warn($"manifest: {fault}");
        }

        output.Say($"{Figures.Count(report.FilesRemoved, "leftover file")} removed, {Figures.Count(report.DamagedCheckpoints, "damaged checkpoint")} dropped, {Figures.Count(report.FallbacksPublished, "fallback")} published, {Figures.Count(report.Purged, "request")} purged.");
        if (report.DamagedCheckpoints > 0)
        {
            output.Say("Next: sisa train");
        }

        if (output.Json)
        {
            output.WriteJson(new { report.FilesRemoved, report.DamagedCheckpoints, report.FallbacksPublished, report.Purged, Integrity = integrity });
        }

        return integrity.Count == 0 ? ExitCode.Done : ExitCode.Data;
    }
}

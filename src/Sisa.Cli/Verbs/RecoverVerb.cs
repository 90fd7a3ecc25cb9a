using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa recover</c>: finishes what was interrupted, but for training.</summary>
internal static class RecoverVerb
{
    private static readonly Option<bool> Replay = new("--replay")
    {
        Description = "For a store whose manifest is older than its evidence log, for instance after a restored backup: forget again what the log records as forgotten.",
    };

    public static Command Create() => new Command("recover", "Finish interrupted work. Every other command does so too, as far as it needs to.") { CommonOptions.Wait, Replay, PassphraseOption.File }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var folder = parse.GetValue(CommonOptions.Store)!;
        var replay = parse.GetValue(Replay) ? LogReplay.Run(folder) : new ReplayReport(0, 0, 0);
        if (replay.Entries > 0)
        {
            output.Say($"{Figures.Count(replay.Entries)} entries of the evidence log replayed: {Figures.Count(replay.Requests, "request")} received again, {Figures.Count(replay.Targets)} items and spans to forget again.");
            output.Say("Next: sisa train");
        }

        if (replay.Ingestions + replay.Exports > 0)
        {
            output.Warn($"The log records {Figures.Count(replay.Ingestions, "ingestion")} and {Figures.Count(replay.Exports, "export")} that this manifest lacks. Ingest those files again. Those exports are no longer listed for recall.");
        }

        using var store = Store.Open(folder);
        var report = new Recovery(store).Run(CommonOptions.Patience(parse), cancellation);
        var certified = new Certification(store, PassphraseOption.Keys(parse, output), CommonOptions.Patience(parse)).Run(mends: true, cancellation);
        var faults = new StoreCheck(store).Run(CommonOptions.Patience(parse));
        foreach (var fault in faults)
        {
            output.Warn(fault);
        }

        var slices = report.DamagedSlices ?? [];
        foreach (var fault in slices.Where(fault => !faults.Any(known => fault.EndsWith(known, StringComparison.Ordinal))))
        {
            output.Warn(fault);
        }

        if (slices.Count > 0)
        {
            output.Say("A lost slice can be restored from a backup of the whole store, or from the source files: 'sisa init --assignment-key' creates a store in which every item has the same place.");
        }

        output.Say($"{Figures.Count(report.FilesRemoved, "leftover file")} removed, {Figures.Count(report.DamagedCheckpoints, "damaged checkpoint")} dropped, {Figures.Count(report.FallbacksPublished, "fallback")} published, {Figures.Count(report.Purged, "request")} purged.");
        if (report.DamagedCheckpoints > 0)
        {
            output.Say("Next: sisa train");
        }

        if (output.Json)
        {
            output.WriteJson(new { report.FilesRemoved, report.DamagedCheckpoints, report.FallbacksPublished, report.Purged, DamagedSlices = slices, Replayed = replay, Faults = faults });
        }

        var answer = CertificationText.Tell(certified, store, output);
        return faults.Count > 0 ? ExitCode.Data : answer;
    }
}

using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Forgetting;
using Sisa.Engine.Reporting;
using Sisa.Engine.Training;
using Sisa.Serving.Measuring;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa train</c>: brings every shard up to date, and finishes pending requests.</summary>
internal static class TrainVerb
{
    public static Command Create() =>
        new Command("train", "Train every shard that is not up to date, and finish pending requests. After an interruption, the same command resumes.") { CommonOptions.Workers, CommonOptions.Wait, PassphraseOption.File }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        using var workers = CommonOptions.StartWorkers(parse, store);
        using var view = new TrainingView(output);
        var life = new RequestLife(store)
        {
            Trainer = () => workers,
            Keys = PassphraseOption.Keys(parse, output),
            Meter = new ForgettingMeter(store, null, output.Warn, cancellation),
            Patience = CommonOptions.Patience(parse),
            CertificationPatience = CommonOptions.Patience(parse),
        };
        var report = life.BringUpToDate(view, cancellation);
        view.Dispose();
        var note = PredictionNote.Of(report.Requests, report);
        if (output.Json)
        {
            output.WriteJson(TrainingReport.Of(report));
        }

        output.Say(report.Stages.Count == 0
            ? $"Everything is up to date at epoch {report.Epoch}."
            : $"{Figures.Count(report.Stages.Count, "stage")} trained with {Figures.Count(report.Visits)} item visits in {Figures.Seconds(report.Seconds)}; epoch {report.Epoch} is served.");
        if (note is not null)
        {
            output.Say(note.ToString());
        }

        FirstOfMany.Tell(report.Requests, request => output.Say($"Request {request.Id} is done."), more => output.Say($"{Figures.Count(more)} more requests are done."));
        var purged = PurgeNote.Tell(report, output);
        var certified = CertificationText.Tell(life.Certify(cancellation), store, output);
        return purged != ExitCode.Done ? purged : certified;
    }
}

/// <summary>The message if a purge has to wait.</summary>
internal static class PurgeNote
{
    public static ExitCode Tell(TrainReport report, Output output)
    {
        if (report.PurgesBlocked == 0)
        {
            return ExitCode.Done;
        }

        output.Warn($"{Figures.Count(report.PurgesBlocked, "request")} published. Another process reads the manifest, so the purge is not finished.");
        output.Say("Run 'sisa recover' when that process has ended.");
        return ExitCode.Resumable;
    }
}

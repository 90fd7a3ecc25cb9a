using System.CommandLine;
using Sisa.Cli.Terminal;
using Sisa.Engine.Certifying;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Readers.Lists;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa verify</c>: checks a certificate, or trains from scratch on the retain set and compares every checkpoint.</summary>
internal static class VerifyVerb
{
    private static readonly Option<bool> RerunOption = new("--rerun") { Description = "Train from scratch on the retained items, in a scratch folder, and compare every checkpoint byte for byte." };

    private static readonly Option<string[]> Corpus = new("--corpus")
    {
        Description = "Source files to ingest again, without the forgotten items, instead of trusting the store's slices.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE",
    };

    public static Option<string?> Scratch { get; } = new("--scratch") { Description = "Folder for the rerun's files, removed afterwards. Default: within the store, where recovery empties it; for a bundle, the system's temporary folder.", HelpName = "DIR" };

    public static Command Create() => new Command("verify", "Check a certificate, a kept head or an audit bundle, or compare the store with a training from scratch. Exit code 0: verified; 1: not verified.")
    {
        CertificateCheck.File, CertificateCheck.PublicKey, CertificateCheck.Nonce, CertificateCheck.Log, CertificateCheck.Attestation, CertificateCheck.AuditorKey, HeadOption.Head, AuditCheck.Bundle, AuditCheck.Attest, AuditCheck.SigningKey, PassphraseOption.File, RerunOption, Corpus, RowOptions.Except, ListOfOption.Kind, RowOptions.OnError, Scratch, CommonOptions.Workers, CommonOptions.Wait,
    }.Does(Run);

    private static ExitCode Run(ParseResult parse, Output output, CancellationToken cancellation)
    {
        var certificate = parse.GetValue(CertificateCheck.File);
        var rerun = parse.GetValue(RerunOption);
        var listOf = ListOfOption.Of(parse, RowOptions.Except);
        RefuseRowOptions(parse);
        if (parse.GetValue(AuditCheck.Bundle) is { } bundle)
        {
            return AuditCheck.Run(parse, bundle, certificate, fields => Source(parse, new ListReading { Of = listOf, Fields = fields }, output), rerun, output, cancellation);
        }

        if (certificate is null && !rerun && parse.GetValue(HeadOption.Head) is null)
        {
            throw new UsageException("The command names nothing to verify.", "Give a certificate, '--rerun', '--bundle DIR' or '--head FILE'.");
        }

        if (parse.GetValue(AuditCheck.Attest) is not null)
        {
            throw new UsageException("'--attest' is for a rerun by an auditor.", "Give '--bundle DIR', a folder that 'sisa audit export' wrote.");
        }

        var verdict = parse.GetValue(HeadOption.Head) is null ? ExitCode.Done : CheckHead(parse, output);
        verdict = certificate is null || verdict != ExitCode.Done ? verdict : CertificateCheck.Run(parse, certificate, output);
        return verdict == ExitCode.Done && rerun ? RunRerun(parse, listOf, output, cancellation) : verdict;
    }

    private static ExitCode CheckHead(ParseResult parse, Output output)
    {
        using var store = CommonOptions.OpenStore(parse);
        store.Log.RequireWhole();
        var log = new LogHistory(store.Log.Lines);
        var faults = new HeadChecker(PublicKeyFiles.OfStore(store.Layout, KeyRing.LogName)).Faults(log, HeadOption.Of(parse));
        foreach (var fault in faults)
        {
            output.Warn(fault);
        }

        if (output.Json && parse.GetValue(CertificateCheck.File) is null && !parse.GetValue(RerunOption))
        {
            output.WriteJson(new { Valid = faults.Count == 0, LogEntries = log.Count, Faults = faults });
        }

        output.Say(faults.Count == 0 ? $"The evidence log, {Figures.Count(log.Count)} entries, begins with all that {parse.GetValue(HeadOption.Head)} covers." : $"{parse.GetValue(HeadOption.Head)} is not a head of this log.");
        return faults.Count == 0 ? ExitCode.Done : ExitCode.No;
    }

    private static ExitCode RunRerun(ParseResult parse, ListKind? listOf, Output output, CancellationToken cancellation)
    {
        using var store = CommonOptions.OpenStore(parse);
        var source = Source(parse, new ListReading { Of = listOf, Fields = store.Recipe.Corpus.Fields }, output);
        Engine.Verifying.Rerun.RequireTrained(store);
        var report = Rerun(store, source, parse, output, cancellation);
        if (output.Json)
        {
            output.WriteJson(VerificationReport.Of(report));
        }

        Describe(report, output, report.FromSource ? "the source files" : "the store's slices", "Verified");
        if (!report.IsVerified)
        {
            return ExitCode.No;
        }

        CertificationText.TellVerified(new Certification(store, PassphraseOption.Keys(parse, output), CommonOptions.Patience(parse)).Renew(report.ToCertified(), cancellation), output);
        return ExitCode.Done;
    }

    private static void RefuseRowOptions(ParseResult parse)
    {
        if (parse.GetValue(Corpus) is not { Length: > 0 } && new Option[] { RowOptions.Except, RowOptions.OnError }.FirstOrDefault(o => RowOptions.Names(parse, o)) is { } option)
        {
            throw new UsageException($"'{option.Name}' describes source files, and no source file is named.", "Add '--corpus FILE'.");
        }
    }

    private static RerunSource Source(ParseResult parse, ListReading reading, Output output) => new()
    {
        Files = parse.GetValue(Corpus) ?? [],
        Except = RowOptions.ReadList(parse.GetValue(RowOptions.Except), reading),
        SkipFaults = RowOptions.Skips(parse),
        OnSkip = RowOptions.TellSkipped(output),
    };

    private static RerunReport Rerun(Store store, RerunSource source, ParseResult parse, Output output, CancellationToken cancellation)
    {
        using var scratch = RerunScratch.Below(parse.GetValue(Scratch) ?? store.Layout.Scratch, output.Warn);
        using var workers = CommonOptions.StartWorkers(parse, store);
        using var view = new TrainingView(output);
        return new Rerun(store, workers).Run(source, scratch.Path, CommonOptions.Patience(parse), view, cancellation);
    }

    /// <summary>Shows the result of a rerun.</summary>
    public static void Describe(RerunReport report, Output output, string source, string verified)
    {
        LossView.Describe(report.Losses, report.Lines?.Read ?? 0, output);
        foreach (var fault in report.Faults)
        {
            output.Warn(fault);
        }

        foreach (var comparison in report.Comparisons.Where(c => !c.IsEqual).Take(20))
        {
            output.Warn($"{comparison.Place}: recorded {comparison.Recorded?.ToShortString() ?? "nothing"}, rerun {comparison.Rerun?.ToShortString() ?? "nothing"}");
        }

        var equal = report.Comparisons.Count(c => c.IsEqual);
        if (report.NotComparable > 0)
        {
            output.Warn($"{Figures.Count(report.NotComparable, "checkpoint")} of another environment cannot be compared on this machine.");
        }

        if (report.LeftOut > 0)
        {
            output.Say($"{Figures.Count(report.LeftOut, "row")} of the source files {(report.LeftOut == 1 ? "does" : "do")} not count, because no commitment of the bundle covers {(report.LeftOut == 1 ? "it" : "them")}.");
        }

        output.Say(report.IsVerified
            ? $"{verified}: trained from scratch from {source} in {Figures.Seconds(report.Seconds)}, all {Figures.Count(equal, "checkpoint")} are equal, byte for byte."
            : $"Not verified: {equal} of {Figures.Count(report.Comparisons.Count, "checkpoint")} equal, {Figures.Count(report.Faults.Count, "fault")}.");
    }
}

using System.CommandLine;
using System.Text;
using Sisa.Cli.Terminal;
using Sisa.Engine.Auditing;
using Sisa.Engine.Certifying;
using Sisa.Engine.Training;
using Sisa.Engine.Training.Launching;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Storage.Files;
using Sisa.Training;

namespace Sisa.Cli.Verbs;

/// <summary><c>sisa verify --bundle DIR</c>: checks an audit bundle, and with <c>--rerun</c> trains from scratch what it describes.</summary>
internal static class AuditCheck
{
    public static Option<string?> Bundle { get; } = new("--bundle")
    {
        Description = "An audit bundle of 'sisa audit export', to be checked instead of a store.",
        HelpName = "DIR",
    };

    public static Option<string?> Attest { get; } = new("--attest")
    {
        Description = "If the rerun finds every checkpoint equal, write a signed attestation, for 'sisa verify CERT --attestation'.",
        HelpName = "FILE",
    };

    public static Option<string?> SigningKey { get; } = new("--signing-key")
    {
        Description = "With '--attest': your private key, ECDSA P-256, PKCS#8 in PEM.",
        HelpName = "FILE",
    };

    public static ExitCode Run(ParseResult parse, string folder, string? certificate, Func<FieldOptions, RerunSource> readSource, bool rerun, Output output, CancellationToken cancellation)
    {
        RefuseHalves(parse, rerun);
        var bundle = AuditBundle.Open(folder);
        var source = readSource(bundle.Recipe.Corpus.Fields);
        var verdict = AuditVerdict.Of(bundle, Question(parse, certificate, bundle, output));
        var (report, statement) = rerun && verdict.Faults.Count == 0 ? Rerun(parse, bundle, source, output, cancellation) : (null, null);
        string[] faults = [.. verdict.Faults, .. report?.Faults ?? []];
        if (statement is not null && parse.GetValue(Attest) is { } attestation)
        {
            WriteAttestation(parse, attestation, statement, output);
        }

        if (output.Json)
        {
            WriteJson(bundle, verdict, rerun, report, faults, output);
        }

        Array.ForEach(faults, output.Warn);
        foreach (var back in verdict.Readmitted ?? [])
        {
            output.Warn(back.ToString());
        }

        Describe(output, folder, bundle, verdict, report);
        DescribeNamed(output, certificate, verdict);
        return faults.Length == 0 && (!rerun || report?.IsVerified == true) ? ExitCode.Done : ExitCode.No;
    }

    private static void RefuseHalves(ParseResult parse, bool rerun)
    {
        if ((parse.GetValue(Attest) is null) != (parse.GetValue(SigningKey) is null))
        {
            throw new UsageException("'--attest' and '--signing-key' belong together.", "Give both, or neither.");
        }

        if (parse.GetValue(Attest) is not null && !rerun)
        {
            throw new UsageException("'--attest' needs a rerun.", "Add '--rerun'.");
        }
    }

    private static AuditQuestion Question(ParseResult parse, string? certificate, AuditBundle bundle, Output output)
    {
        var key = parse.GetValue(CertificateCheck.PublicKey);
        if (certificate is not null && key is null)
        {
            output.Warn("The public key comes from the bundle itself. The check shows that the bundle is consistent, not who made it. Give '--public-key FILE' from a source that you trust.");
            if (bundle.CertificateKeys.Count == 0)
            {
                throw new UsageException("The bundle holds no public key.", "Give '--public-key FILE'.");
            }
        }

        return new AuditQuestion
        {
            Copy = CertificateCheck.Copy(parse),
            Head = HeadOption.Of(parse),
            Certificate = certificate is null ? null : ForeignFile.Read(certificate, Certificate.MaxBytes),
            CertificateKey = certificate is not null && key is not null ? PublicKeyFiles.Read(key) : null,
        };
    }

    private static (RerunReport Report, RerunStatement? Statement) Rerun(ParseResult parse, AuditBundle bundle, RerunSource source, Output output, CancellationToken cancellation)
    {
        using var scratch = parse.GetValue(VerifyVerb.Scratch) is { } named ? RerunScratch.Below(named, output.Warn) : RerunScratch.Temporary(output.Warn);
        var layout = new StoreLayout(scratch.Path);
        DurableFile.CreateFolder(layout.Scratch);
        using var workers = new WorkerPool(WorkerCommand.ThisProgram(), layout, bundle.Recipe, CommonOptions.WorkerCount(parse));
        using var view = new TrainingView(output);
        var rerun = new AuditRerun(bundle, workers, TimeProvider.System);
        var report = rerun.Run(source, scratch.Path, view, cancellation);
        return (report, report.IsVerified ? rerun.Statement(report, cancellation) : null);
    }

    private static void WriteAttestation(ParseResult parse, string file, RerunStatement statement, Output output)
    {
        var source = parse.GetValue(SigningKey)!;
        var pem = Encoding.UTF8.GetString(ForeignFile.Read(source, Certificate.MaxBytes));
        using var key = EvidenceKey.ReadPrivate(pem, EvidenceKey.IsEncrypted(pem) ? PassphraseOption.Required(parse, output) : string.Empty, source);
        DurableFile.Write(Path.GetFullPath(file), Envelope.Sign(statement.ToPayload(), key).ToBytes(), ownerOnly: false);
        output.Say($"Attestation written to {file}. It verifies with the public half of {source}.");
    }

    private static void WriteJson(AuditBundle bundle, AuditVerdict verdict, bool rerun, RerunReport? report, string[] faults, Output output) => output.WriteJson(new
    {
        Verified = rerun ? report?.IsVerified == true : (bool?)null,
        Standing = faults.Length > 0 ? null : report?.IsVerified == true ? CertificateVerdict.VerifiedIndependently : verdict.Named?.Standing,
        Request = verdict.Named?.Statement?.Predicate.Request.Id,
        bundle.Description.Epoch,
        CertificateValid = verdict.NamedHolds,
        verdict.Readmitted,
        CertificatesOfThisBundle = verdict.Certificates.Current,
        CertificatesOfEarlierBundles = verdict.Certificates.Earlier,
        CertificatesForAuditors = verdict.Certificates.ForAuditors,
        LogEntries = verdict.Log.Count,
        Faults = faults,
        Compared = report?.Comparisons.Count,
        Equal = report?.Comparisons.Count(c => c.IsEqual),
        report?.NotComparable,
        report?.LeftOut,
        report?.Lines?.Skipped,
        report?.Lines,
        Losses = report?.Lines is null ? null : report.Losses,
        report?.FromSource,
        report?.Visits,
        report?.Seconds,
    });

    private static void Describe(Output output, string folder, AuditBundle bundle, AuditVerdict verdict, RerunReport? report)
    {
        var certificates = verdict.Certificates;
        output.Say($"{folder}: epoch {bundle.Description.Epoch}, {Figures.Count(bundle.Description.Shards.Sum(s => s.Slices.Sum(slice => slice.ItemCount)), "item")}, {Figures.Count(verdict.Log.Count)} entries in the evidence log, {Figures.Count(certificates.Current, "certificate")} of this bundle and {Figures.Count(certificates.Earlier)} of earlier ones, {Figures.Count(certificates.ForAuditors)} of them in the auditor's form.");
        if (report is not null)
        {
            VerifyVerb.Describe(report with { Faults = [] }, output, report.FromSource ? "the source files" : "the items of the audit bundle", "Verified independently");
        }
    }

    // The standing says what a rerun adds; this says whether the certificate was looked at at all.
    private static void DescribeNamed(Output output, string? file, AuditVerdict verdict)
    {
        if (file is null)
        {
            output.Say("No certificate was named. The certificates in the bundle were checked against the bundle's own keys.");
        }
        else if (verdict.NamedHolds == true)
        {
            output.Say($"Certificate {file} of request '{verdict.Named!.Statement!.Predicate.Request.Id}' was checked: the signature is valid, this log holds its entry, and it is about this bundle.");
        }
        else
        {
            output.Say($"Certificate {file} was checked and is not valid for this bundle.");
        }
    }
}

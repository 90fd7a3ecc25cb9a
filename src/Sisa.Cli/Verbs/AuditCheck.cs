using System.CommandLine;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Cli.Terminal;
using Sisa.Engine.Auditing;
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
        Description = "An audit bundle, as 'sisa audit export' writes it, instead of a store.",
        HelpName = "DIR",
    };

    public static Option<string?> Attest { get; } = new("--attest")
    {
        Description = "After a rerun that finds everything equal, write a signed statement about it, which 'sisa verify CERT --attestation' takes.",
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
        var faults = bundle.CheckItems([.. CertificateCheck.Copy(parse)?.Items.Where(i => i.Span is null).Select(i => i.Item) ?? []]).ToList();
        var log = bundle.Log();
        faults.AddRange(LogFaults(bundle, log));
        faults.AddRange(HeadCheck.Faults(parse, log, bundle.LogKeys));
        var inside = CheckCertificates(bundle, log, faults);
        var before = faults.Count;
        var named = certificate is null ? null : CheckNamed(parse, certificate, bundle, log, faults, output);
        var holds = named is null ? (bool?)null : faults.Count == before;
        var readmitted = holds == true ? Readmission.Of(log.Lines, named!.Statement!.Predicate.Request.Id) : null;
        var (report, environment) = rerun && faults.Count == 0 ? Rerun(parse, bundle, source, output, cancellation) : (null, null);
        faults.AddRange(report?.Faults ?? []);
        var isVerified = report?.IsVerified == true;
        if (isVerified && parse.GetValue(Attest) is { } attestation)
        {
            WriteAttestation(parse, attestation, bundle, report!, environment!, output);
        }

        if (output.Json)
        {
            output.WriteJson(new
            {
                Verified = rerun ? isVerified : (bool?)null,
                Standing = faults.Count > 0 ? null : isVerified ? CertificateVerdict.VerifiedIndependently : named?.Standing,
                Request = named?.Statement?.Predicate.Request.Id,
                bundle.Description.Epoch,
                CertificateValid = holds,
                Readmitted = readmitted,
                CertificatesOfThisBundle = inside.Current,
                CertificatesOfEarlierBundles = inside.Earlier,
                CertificatesForAuditors = inside.ForAuditors,
                LogEntries = log.Count,
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
        }

        faults.ForEach(output.Warn);
        foreach (var back in readmitted ?? [])
        {
            output.Warn(back.ToString());
        }

        Describe(output, folder, bundle, log, inside, report);
        DescribeNamed(output, certificate, named, holds);
        return faults.Count == 0 && (!rerun || isVerified) ? ExitCode.Done : ExitCode.No;
    }

    private static void RefuseHalves(ParseResult parse, bool rerun)
    {
        if ((parse.GetValue(Attest) is null) != (parse.GetValue(SigningKey) is null))
        {
            throw new UsageException("'--attest' and '--signing-key' go together.", "Give both, or neither.");
        }

        if (parse.GetValue(Attest) is not null && !rerun)
        {
            throw new UsageException("'--attest' tells of a rerun, and none is asked for.", "Give '--rerun' too.");
        }
    }

    private static IEnumerable<string> LogFaults(AuditBundle bundle, LogHistory log)
    {
        if (bundle.Head is { } note && !(HeadCheck.Open(note, bundle.LogKeys) is { } head && log.BeginsWith(head)))
        {
            yield return "The signed head of the bundle is not a head of its evidence log.";
        }
    }

    // Certificates of earlier bundles stay valid; they are about other checkpoints than those that can be compared here. The form for auditors is the same certificate with more in it.
    private static Inside CheckCertificates(AuditBundle bundle, LogHistory log, List<string> faults)
    {
        var (current, earlier, forAuditors) = (0, 0, 0);
        foreach (var file in bundle.Certificates)
        {
            var (verdict, _) = CertificateCheck.Verify(bundle.CertificateKeys, ForeignFile.Read(file, Certificate.MaxBytes));
            var found = verdict.Faults.Concat(verdict.IsValid ? ForeignLog(verdict, log) : []).ToArray();
            faults.AddRange(found.Select(fault => $"{Path.GetFileName(file)}: {fault}"));
            var isCurrent = verdict.Statement?.Subject[0].Digest.Sha256 == bundle.Description.Bundle();
            (current, earlier, forAuditors) = verdict.Statement?.Predicate.Form == CertificateForm.Auditor ? (current, earlier, forAuditors + 1)
                : isCurrent ? (current + 1, earlier, forAuditors)
                : (current, earlier + 1, forAuditors);
        }

        return new Inside(current, earlier, forAuditors);
    }

    private static CertificateVerdict CheckNamed(ParseResult parse, string file, AuditBundle bundle, LogHistory log, List<string> faults, Output output)
    {
        if (parse.GetValue(CertificateCheck.PublicKey) is null)
        {
            output.Warn("The public key is that of the bundle itself: this shows that the bundle agrees with itself, not who made it. Give '--public-key FILE' from a source that you trust.");
        }

        string[] keys = parse.GetValue(CertificateCheck.PublicKey) is { } key ? [key] : [.. bundle.CertificateKeys];
        if (keys.Length == 0)
        {
            throw new UsageException("The bundle holds no public key.", "Give '--public-key FILE'.");
        }

        var (verdict, _) = CertificateCheck.Verify(keys, ForeignFile.Read(file, Certificate.MaxBytes));
        faults.AddRange(verdict.Faults);
        if (verdict.IsValid)
        {
            faults.AddRange(ForeignLog(verdict, log));
            faults.AddRange(ForeignBundle(verdict.Statement!, bundle));
            faults.AddRange(CertificateCheck.NonceFaults(parse, verdict.Statement!));
        }

        return verdict;
    }

    private static IEnumerable<string> ForeignLog(CertificateVerdict verdict, LogHistory log)
    {
        if (verdict.Certificate.Log.Head(verdict.Statement!.Predicate.Log) is not { } head || !log.BeginsWith(head))
        {
            yield return "The evidence log of the bundle does not begin with the entries that the certificate's head covers.";
        }
    }

    private static IEnumerable<string> ForeignBundle(ErasureStatement statement, AuditBundle bundle)
    {
        if (statement.Predicate.Recipe.Digest != bundle.Description.Recipe)
        {
            yield return "The certificate is about another recipe than the audit bundle.";
        }

        if (statement.Subject.Count == 0 || statement.Subject[0].Digest.Sha256 != bundle.Description.Bundle())
        {
            yield return $"The certificate is about a bundle of epoch {statement.Predicate.Epoch}, the audit bundle about another one, of epoch {bundle.Description.Epoch}. Writing an audit bundle renews certificates: take the one in 'certificates/' of a new bundle, or ask its owner for an audit bundle of that time.";
        }
    }

    private static (RerunReport Report, EnvironmentFingerprint Environment) Rerun(ParseResult parse, AuditBundle bundle, RerunSource source, Output output, CancellationToken cancellation)
    {
        // In the system's temporary folder the name is drawn and nobody else can enter: copies of the corpus and of the key go there.
        var scratch = parse.GetValue(VerifyVerb.Scratch) is { } named
            ? Path.Combine(Path.GetFullPath(named), $"sisa-rerun-{Environment.ProcessId}")
            : Directory.CreateTempSubdirectory("sisa-rerun-").FullName;
        try
        {
            var layout = new StoreLayout(scratch);
            DurableFile.CreateFolder(layout.Scratch);
            using var workers = CommonOptions.StartWorkers(layout, bundle.Recipe, CommonOptions.WorkerCount(parse));
            using var view = new TrainingView(output);
            var report = new AuditRerun(bundle, workers, TimeProvider.System).Run(source, scratch, view, cancellation);
            return (report, workers.Environment(bundle.Recipe, cancellation));
        }
        finally
        {
            // Workers that were interrupted write until the pool is gone.
            if (!Engine.Verifying.Rerun.RemoveScratch(scratch))
            {
                output.Warn($"{scratch} could not be removed. It may hold a copy of the corpus and of the assignment key: remove it.");
            }
        }
    }

    private static void WriteAttestation(ParseResult parse, string file, AuditBundle bundle, RerunReport report, EnvironmentFingerprint environment, Output output)
    {
        var source = parse.GetValue(SigningKey)!;
        var pem = Encoding.UTF8.GetString(ForeignFile.Read(source, Certificate.MaxBytes));
        using var key = EvidenceKey.ReadPrivate(pem, EvidenceKey.IsEncrypted(pem) ? PassphraseOption.Required(parse, output) : string.Empty, source);
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var statement = new RerunStatement
        {
            Subject = [new StatementSubject("bundle", new SubjectDigest(bundle.Description.Bundle()))],
            Predicate = new RerunFinding(bundle.Description.Recipe, bundle.Description.Epoch, environment, report.FromSource, report.Comparisons.Count, report.Comparisons.Count(c => c.IsEqual), now),
        };
        DurableFile.Write(Path.GetFullPath(file), Envelope.Sign(statement.ToPayload(), key).ToBytes(), ownerOnly: false);
        output.Say($"Attestation written to {file}; it holds with the public half of {source}.");
    }

    private static void Describe(Output output, string folder, AuditBundle bundle, LogHistory log, Inside certificates, RerunReport? report)
    {
        output.Say($"{folder}: epoch {bundle.Description.Epoch}, {Figures.Count(bundle.Description.Shards.Sum(s => s.Slices.Sum(slice => slice.ItemCount)), "item")}, {Figures.Count(log.Count)} entries in the evidence log, {Figures.Count(certificates.Current, "certificate")} of this bundle and {Figures.Count(certificates.Earlier)} of earlier ones, {Figures.Count(certificates.ForAuditors)} of them with the form for auditors.");
        if (report is not null)
        {
            VerifyVerb.Describe(report with { Faults = [] }, output, report.FromSource ? "the source files" : "the items of the audit bundle", "Verified independently");
        }
    }

    // The standing says what a rerun adds; this says whether the certificate was looked at at all.
    private static void DescribeNamed(Output output, string? file, CertificateVerdict? verdict, bool? holds)
    {
        if (file is null)
        {
            output.Say("No certificate was named: those in the bundle were checked against the bundle's own keys.");
        }
        else if (holds == true)
        {
            output.Say($"Certificate {file} of request '{verdict!.Statement!.Predicate.Request.Id}' was checked: its signature, its entry in this log, and that it is about this bundle.");
        }
        else
        {
            output.Say($"Certificate {file} was checked and does not hold for this bundle.");
        }
    }

    /// <summary>The certificates in a bundle.</summary>
    private sealed record Inside(int Current, int Earlier, int ForAuditors);
}

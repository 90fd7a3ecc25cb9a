using Sisa.Engine.Certifying;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Engine.Auditing;

/// <summary>The data that an auditor has besides a bundle, to be compared with it.</summary>
/// <remarks>Immutable. By default a bundle is compared only with itself, which shows that it is complete, not who made it.</remarks>
public sealed record AuditQuestion
{
    /// <summary>The requester's copy: its items must not be in the bundle, and a named certificate must be about them.</summary>
    public RequesterCopy? Copy { get; init; }

    /// <summary>A kept head of the evidence log: the bundle's log must begin with the entries that it covers.</summary>
    public KeptHead? Head { get; init; }

    /// <summary>A certificate that must be about this bundle, the whole file.</summary>
    public byte[]? Certificate { get; init; }

    /// <summary>The issuer's public certificate key, from a source that is trusted; <see langword="null"/> for the bundle's own.</summary>
    public PublicKeyText? CertificateKey { get; init; }
}

/// <summary>Numbers of certificates in a bundle. Those of earlier bundles stay valid; they are about other checkpoints than the bundle's.</summary>
/// <param name="Current">About this bundle.</param>
/// <param name="Earlier">About earlier ones.</param>
/// <param name="ForAuditors">In the form for auditors: the same certificates with more in them.</param>
public sealed record BundledCertificates(int Current, int Earlier, int ForAuditors);

/// <summary>The verdict on an audit bundle before training: its items, its log, its certificates, and a named certificate.</summary>
/// <remarks>Immutable. A training from scratch (<see cref="AuditRerun"/>) is worth its time only where there are no faults.</remarks>
public sealed record AuditVerdict
{
    /// <summary>The faults, in sentences; empty if there are none.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>The bundle's evidence log.</summary>
    public required LogHistory Log { get; init; }

    /// <summary>The certificates in the bundle.</summary>
    public required BundledCertificates Certificates { get; init; }

    /// <summary>The result for the named certificate; <see langword="null"/> if none is named.</summary>
    public CertificateVerdict? Named { get; init; }

    /// <summary>Whether the named certificate holds and is about this bundle; <see langword="null"/> if none is named.</summary>
    public bool? NamedHolds { get; init; }

    /// <summary>Items of the named certificate that were taken back since; <see langword="null"/> if no certificate holds.</summary>
    public IReadOnlyList<Readmission>? Readmitted { get; init; }

    /// <summary>Looks at a bundle.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="question">The data to compare with.</param>
    /// <exception cref="EvidenceException">A file in it cannot be read, or is none of its kind.</exception>
    public static AuditVerdict Of(AuditBundle bundle, AuditQuestion question)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(question);
        var faults = bundle.CheckItems([.. question.Copy?.Items.Where(i => i is { Span: null, Kind: null }).Select(i => i.Item) ?? []]).ToList();
        var log = bundle.Log();
        var heads = new HeadChecker(PublicKeyFiles.Read(bundle.LogKeys));
        if (bundle.Head is { } note && !(heads.Open(note) is { } head && log.BeginsWith(head)))
        {
            faults.Add("The signed head of the bundle is not a head of its evidence log.");
        }

        faults.AddRange(heads.Faults(log, question.Head));
        var own = PublicKeyFiles.Read(bundle.CertificateKeys);
        var inside = CheckInside(bundle, log, own, faults);
        var before = faults.Count;
        var named = question.Certificate is { } certificate ? CheckNamed(bundle, log, certificate, question, own, faults) : null;
        var holds = named is null ? (bool?)null : faults.Count == before;
        return new AuditVerdict
        {
            Faults = faults,
            Log = log,
            Certificates = inside,
            Named = named,
            NamedHolds = holds,
            Readmitted = holds == true ? CertificateChecker.Readmissions(named!, log) : null,
        };
    }

    private static BundledCertificates CheckInside(AuditBundle bundle, LogHistory log, IReadOnlyList<PublicKeyText> keys, List<string> faults)
    {
        var checker = new CertificateChecker(keys);
        var (current, earlier, forAuditors) = (0, 0, 0);
        foreach (var file in bundle.Certificates)
        {
            var verdict = checker.Check(ForeignFile.Read(file, Certificate.MaxBytes)).Verdict;
            var found = verdict.Faults.Concat(verdict.IsValid ? ForeignLog(verdict, log) : []).ToArray();
            faults.AddRange(found.Select(fault => $"{Path.GetFileName(file)}: {fault}"));
            var isCurrent = verdict.Statement?.Subject[0].Digest.Sha256 == bundle.Description.Bundle();
            (current, earlier, forAuditors) = verdict.Statement?.Predicate.Form == CertificateForm.Auditor ? (current, earlier, forAuditors + 1)
                : isCurrent ? (current + 1, earlier, forAuditors)
                : (current, earlier + 1, forAuditors);
        }

        return new BundledCertificates(current, earlier, forAuditors);
    }

    private static CertificateVerdict CheckNamed(AuditBundle bundle, LogHistory log, byte[] certificate, AuditQuestion question, IReadOnlyList<PublicKeyText> own, List<string> faults)
    {
        var found = new CertificateChecker(question.CertificateKey is { } key ? [key] : own).Check(certificate, question.Copy);
        faults.AddRange(found.Verdict.Faults);
        if (found.Verdict.IsValid)
        {
            faults.AddRange(ForeignLog(found.Verdict, log));
            faults.AddRange(ForeignBundle(found.Verdict.Statement!, bundle));
            faults.AddRange(found.Faults);
        }

        return found.Verdict;
    }

    private static IEnumerable<string> ForeignLog(CertificateVerdict verdict, LogHistory log)
    {
        if (!CertificateChecker.IsOf(log, verdict))
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
            yield return $"The certificate is about a bundle of epoch {statement.Predicate.Epoch}, and the audit bundle is of epoch {bundle.Description.Epoch}. Writing an audit bundle issues certificates again. Take the one in 'certificates/' of a new bundle, or ask the owner for an audit bundle of that time.";
        }
    }
}

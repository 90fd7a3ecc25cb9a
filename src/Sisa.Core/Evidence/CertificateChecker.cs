using System.Security.Cryptography;

namespace Sisa.Evidence;

/// <summary>A public key as its file holds it.</summary>
/// <param name="Name">Where it comes from, for messages.</param>
/// <param name="Pem">Its text, PEM.</param>
public sealed record PublicKeyText(string Name, string Pem)
{
    /// <summary>Reads the key; owned by the caller.</summary>
    /// <exception cref="EvidenceException">It is no public key of the kind that signs evidence.</exception>
    public ECDsa Open() => EvidenceKey.ReadPublic(Pem, Name);
}

/// <summary>A signed head of an evidence log, kept by a third party.</summary>
/// <param name="Name">Where it comes from, for messages.</param>
/// <param name="Note">The signed note.</param>
public sealed record KeptHead(string Name, string Note);

/// <summary>An auditor's attestation of a bundle, and the auditor's public key.</summary>
/// <param name="Envelope">The signed statement, the bytes of its file.</param>
/// <param name="Key">The auditor's public key, from a source that is trusted.</param>
public sealed record Attestation(byte[] Envelope, PublicKeyText Key);

/// <summary>The result of checking a certificate together with the requester's copy and the attestation.</summary>
/// <param name="Verdict">The result for the certificate alone, under the matching key.</param>
/// <param name="Key">The key that it was checked with.</param>
/// <param name="Standing">The word that the certificate earns, the attestation included.</param>
/// <param name="Faults">The faults; empty if there are none.</param>
public sealed record CertificateFindings(CertificateVerdict Verdict, PublicKeyText Key, string Standing, IReadOnlyList<string> Faults)
{
    /// <summary>Whether everything holds.</summary>
    public bool IsValid => Faults.Count == 0;
}

/// <summary>Checks certificates with public keys and nothing else: no store, no file, no network.</summary>
/// <remarks>Thread-safe. Bytes come in, faults go out; a fault is a sentence for a person.</remarks>
/// <param name="keys">The issuer's public certificate keys, current and replaced, from a trusted source. One matching key is enough.</param>
public sealed class CertificateChecker(params IReadOnlyList<PublicKeyText> keys)
{
    /// <summary>Checks a certificate, and what was given with it.</summary>
    /// <param name="certificate">The whole file.</param>
    /// <param name="copy">The requester's copy, which says what the certificate must be about; may be <see langword="null"/>.</param>
    /// <param name="attestation">An auditor's attestation of the certificate's bundle; may be <see langword="null"/>.</param>
    /// <exception cref="EvidenceException">A file is none of its kind.</exception>
    public CertificateFindings Check(ReadOnlySpan<byte> certificate, RequesterCopy? copy = null, Attestation? attestation = null)
    {
        var (verdict, key) = Verify(certificate);
        string[] beside = verdict.IsValid ? [.. CopyFaults(verdict.Statement!, copy), .. AttestationFaults(verdict.Statement!, attestation)] : [];
        return new CertificateFindings(verdict, key, attestation is null ? verdict.Standing : CertificateVerdict.VerifiedIndependently, [.. verdict.Faults, .. beside]);
    }

    /// <summary>Reasons why a valid certificate is not about the items of the requester's copy; empty if it is, or if there is no copy.</summary>
    /// <param name="statement">The statement of the certificate.</param>
    /// <param name="copy">The requester's copy; may be <see langword="null"/>.</param>
    public static IReadOnlyList<string> CopyFaults(ErasureStatement statement, RequesterCopy? copy)
    {
        ArgumentNullException.ThrowIfNull(statement);
        if (copy is null)
        {
            return [];
        }

        var certified = statement.Predicate.Items.Commitments;
        var faults = new List<string>();
        if (copy.Request != statement.Predicate.Request.Id)
        {
            faults.Add($"The requester's copy is about request '{copy.Request}', and the certificate about '{statement.Predicate.Request.Id}'.");
        }

        var foreign = copy.Items.Count(item => !certified.Contains(item.Commitment()));
        if (foreign > 0 || copy.Items.Count != certified.Count)
        {
            faults.Add($"The certificate commits to {Counted.Of(certified.Count, "item")}. The requester's copy has {copy.Items.Count}, of which {foreign} are not in the certificate.");
        }

        // A copy of an earlier version says nothing of names that were not found.
        var missing = statement.Predicate.NotFound?.Commitments ?? [];
        if (copy.NotFound is not null && !copy.NotFoundCommitments().SequenceEqual(missing))
        {
            faults.Add($"The certificate says that {Counted.Of(missing.Count, "name")} of the request {(missing.Count == 1 ? "was" : "were")} not found; the {copy.NotFound.Count} in the requester's copy are others.");
        }
        else if (copy.NotFound is null && missing.Count > 0)
        {
            faults.Add($"The certificate says that {Counted.Of(missing.Count, "name")} of the request {(missing.Count == 1 ? "was" : "were")} not found; the requester's copy names none.");
        }

        return faults;
    }

    /// <summary>Reads from a later log which items of a certificate were readmitted since.</summary>
    /// <param name="verdict">The result of checking the certificate; it must be valid.</param>
    /// <param name="log">The log.</param>
    /// <returns>The readmissions; <see langword="null"/> if the log does not begin with the entries that the certificate's head covers, and so says nothing.</returns>
    public static IReadOnlyList<Readmission>? Readmissions(CertificateVerdict verdict, LogHistory log)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(log);
        return IsOf(log, verdict) ? Readmission.Of(log.Lines, verdict.Statement!.Predicate.Request.Id) : null;
    }

    /// <summary>Whether a log begins with the entries that a certificate's head covers.</summary>
    /// <param name="log">The log.</param>
    /// <param name="verdict">The result of checking the certificate; it must be valid.</param>
    public static bool IsOf(LogHistory log, CertificateVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.Certificate.Log.Head(verdict.Statement!.Predicate.Log) is { } head && log.BeginsWith(head);
    }

    // The first key under which the statement can be believed; without one, the current key's verdict.
    private (CertificateVerdict Verdict, PublicKeyText Key) Verify(ReadOnlySpan<byte> certificate)
    {
        var verdicts = new List<(CertificateVerdict Verdict, PublicKeyText Key)>();
        foreach (var text in keys)
        {
            using var key = text.Open();
            verdicts.Add((Certificate.Verify(certificate, key), text));
        }

        return verdicts.Count == 0
            ? throw new EvidenceException("There is no public key for checking the certificate.", "Give the issuer's public key, as the issuer publishes it.")
            : verdicts.Find(v => v.Verdict.Statement is not null) is { Verdict: not null } holds ? holds : verdicts[0];
    }

    private static IReadOnlyList<string> AttestationFaults(ErasureStatement statement, Attestation? attestation)
    {
        if (attestation is null)
        {
            return [];
        }

        using var key = attestation.Key.Open();
        return RerunStatement.Faults(Envelope.Read(attestation.Envelope), key, statement);
    }
}

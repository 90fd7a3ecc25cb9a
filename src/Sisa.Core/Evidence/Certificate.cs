using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sisa.Evidence;

/// <summary>A certificate: a signed statement, and the proof that the evidence log holds it.</summary>
/// <remarks>Immutable. The file is one JSON object and a line feed, in exactly one form: a file that differs by one byte is not a valid certificate.</remarks>
public sealed record Certificate
{
    /// <summary>Largest certificate that is read, in bytes.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>Most signatures of a certificate that is read.</summary>
    public const int MaxSignatures = 16;

    /// <summary>Type of the payload: <see cref="Envelope.InToto"/>.</summary>
    public required string PayloadType { get; init; }

    /// <summary>The signed statement, UTF-8 JSON.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Its signatures.</summary>
    public required IReadOnlyList<EnvelopeSignature> Signatures { get; init; }

    /// <summary>Where the log holds it.</summary>
    public required LogProof Log { get; init; }

    /// <summary>The DSSE part.</summary>
    /// <returns>Type, payload and signatures.</returns>
    public Envelope ToEnvelope() => new() { PayloadType = PayloadType, Payload = Payload, Signatures = Signatures };

    /// <summary>Joins a signed statement and its proof.</summary>
    /// <param name="envelope">The signed statement.</param>
    /// <param name="log">Where the log holds it.</param>
    public static Certificate Of(Envelope envelope, LogProof log)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return new Certificate { PayloadType = envelope.PayloadType, Payload = envelope.Payload, Signatures = envelope.Signatures, Log = log };
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Options), (byte)'\n'];

    /// <summary>Reads a file. Nothing in it may be believed before <see cref="Verify"/> says so.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="EvidenceException">It is no certificate.</exception>
    public static Certificate Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var certificate = bytes.Length <= MaxBytes
                ? StrictJson.Read<Certificate>(bytes, EvidenceJson.Options)
                : throw new MalformedJsonException($"it has {Counted.Of(bytes.Length, "byte")}, expected at most {MaxBytes}");
            return certificate.Signatures.Count is > 0 and <= MaxSignatures
                ? certificate
                : throw new MalformedJsonException($"it has {certificate.Signatures.Count} signatures, expected 1 to {MaxSignatures}");
        }
        catch (JsonException e)
        {
            throw new EvidenceException($"The certificate cannot be read: {PlainReason.Of(e)}.", "Give an unaltered file that Sisa wrote to 'certificates/'.", e);
        }
    }

    /// <summary>Whether the log holds the statement, by the statement and its proof. This does not check who signed it.</summary>
    /// <exception cref="EvidenceException">Statement, entry or head cannot be read.</exception>
    public bool IsLogged() => !Log.Faults(ErasureStatement.Read(Payload).Predicate.Log, ToEnvelope().PayloadDigest).Any();

    /// <summary>Checks a file: its one form, its signature, and that the log holds it.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="key">The issuer's public certificate key, from a source that is trusted.</param>
    /// <exception cref="EvidenceException">It is no certificate at all.</exception>
    public static CertificateVerdict Verify(ReadOnlySpan<byte> bytes, ECDsa key)
    {
        var certificate = Read(bytes);
        var faults = new List<string>();
        if (!bytes.SequenceEqual(certificate.ToBytes()))
        {
            faults.Add("The file was altered: its bytes are not in the form of a certificate.");
        }

        if (certificate.PayloadType != Envelope.InToto || !certificate.ToEnvelope().IsSignedBy(key))
        {
            // Nothing of the statement may be believed, so that nothing of it is looked at.
            faults.Add("The signature does not match this statement and this key.");
            return new CertificateVerdict(certificate, null, faults);
        }

        var statement = ErasureStatement.Read(certificate.Payload);
        faults.AddRange(certificate.Log.Faults(statement.Predicate.Log, certificate.ToEnvelope().PayloadDigest));
        return new CertificateVerdict(certificate, statement, faults);
    }
}

/// <summary>Where the evidence log holds a certificate.</summary>
/// <param name="Entry">The entry, its exact bytes as text.</param>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Path">Audit path, from the entry's sibling upwards.</param>
/// <param name="Checkpoint">A signed head of the log that covers it.</param>
public sealed record LogProof(string Entry, long Index, IReadOnlyList<Digest> Path, string Checkpoint)
{
    /// <summary>Faults of the proof; empty if there are none.</summary>
    /// <param name="log">The log that the signed statement names.</param>
    /// <param name="payload">Digest of the statement that the entry must name.</param>
    internal IEnumerable<string> Faults(CertifiedLog log, Digest payload)
    {
        var entry = LogEntry.Read(Entry);
        if (entry.Payload != payload)
        {
            yield return "The log's entry is about another statement.";
        }

        if (Head(log) is not { } head || head.Origin != log.Origin)
        {
            yield return "The head of the log is not signed by the log that the statement names.";
        }
        else if (!MerkleProof.IsIncluded(MerkleTree.LeafOf(Encoding.UTF8.GetBytes(Entry)), Index, head.Size, Path, head.Root))
        {
            yield return "The log does not hold the entry.";
        }
    }

    /// <summary>The head of the log, where the log that a signed statement names has signed it.</summary>
    /// <param name="log">The log that the statement names.</param>
    public LogCheckpoint? Head(CertifiedLog log)
    {
        ECDsa key;
        try
        {
            key = EvidenceKey.ReadPublic(log.PublicKey, "The statement's log");
        }
        catch (EvidenceException)
        {
            // Whoever signed the statement named a key that signs nothing.
            return null;
        }

        using (key)
        {
            return LogCheckpoint.Open(SignedNote.Parse(Checkpoint), key);
        }
    }
}

/// <summary>The result of checking a certificate.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Statement">The statement; <see langword="null"/> if its signature is invalid.</param>
/// <param name="Faults">The faults; empty if there are none.</param>
public sealed record CertificateVerdict(Certificate Certificate, ErasureStatement? Statement, IReadOnlyList<string> Faults)
{
    /// <summary>The word of a request that found nothing.</summary>
    public const string NothingHeld = "nothing held";

    /// <summary>The standing after a rerun by an auditor.</summary>
    public const string VerifiedIndependently = "verified independently";

    /// <summary>Whether signature, form and log agree.</summary>
    public bool IsValid => Faults.Count == 0 && Statement is not null;

    /// <summary>The standing of the statement: only a rerun that found everything equal earns <i>verified</i>.</summary>
    public string Standing => Statement?.Predicate.NothingHeld is not null ? NothingHeld : Statement?.Predicate.Rerun switch
    {
        { Kind: RerunKind.SameMachine, Compared: > 0 } rerun when rerun.Compared == rerun.Equal => "verified on this machine",
        { Kind: RerunKind.Independent, Compared: > 0 } rerun when rerun.Compared == rerun.Equal => VerifiedIndependently,
        _ => "procedure recorded",
    };
}

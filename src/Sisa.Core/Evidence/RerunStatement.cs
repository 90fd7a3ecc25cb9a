using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sisa.Checkpoints;

namespace Sisa.Evidence;

/// <summary>The statement of an auditor who trained an ensemble again from scratch: an in-toto Statement (version 1) about the same bundle as a certificate.</summary>
/// <remarks>A value, signed by the auditor as an <see cref="Envelope"/>: an attestation. Format: docs/certificate-format.md.</remarks>
public sealed record RerunStatement
{
    /// <summary>The type of the predicate.</summary>
    public const string RerunType = "urn:sisa:rerun/v1";

    /// <summary>Always <see cref="ErasureStatement.StatementType"/>.</summary>
    [JsonPropertyName("_type")]
    public string Type { get; init; } = ErasureStatement.StatementType;

    /// <summary>The bundle that came out equal.</summary>
    public required IReadOnlyList<StatementSubject> Subject { get; init; }

    /// <summary>Always <see cref="RerunType"/>.</summary>
    public string PredicateType { get; init; } = RerunType;

    /// <summary>The rerun and its result.</summary>
    public required RerunFinding Predicate { get; init; }

    /// <summary>The bytes to sign.</summary>
    public byte[] ToPayload() => JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Options);

    /// <summary>Reasons why an attestation does not support a certificate; empty if it does.</summary>
    /// <param name="attestation">The signed statement.</param>
    /// <param name="key">The auditor's public key, from a source that is trusted.</param>
    /// <param name="certificate">The statement of a valid certificate.</param>
    /// <exception cref="EvidenceException">The attestation is signed, but no statement of this type.</exception>
    public static IReadOnlyList<string> Faults(Envelope attestation, ECDsa key, ErasureStatement certificate)
    {
        ArgumentNullException.ThrowIfNull(attestation);
        ArgumentNullException.ThrowIfNull(certificate);
        if (attestation.PayloadType != Envelope.InToto || !attestation.IsSignedBy(key))
        {
            return ["The attestation is not signed by this auditor's key."];
        }

        var statement = Read(attestation.Payload);
        var faults = new List<string>();
        if (!statement.Subject.SequenceEqual(certificate.Subject.Take(1)))
        {
            faults.Add("The attestation is about another bundle than the certificate.");
        }

        if (statement.Predicate.Recipe != certificate.Predicate.Recipe.Digest)
        {
            faults.Add("The attestation is about another recipe than the certificate.");
        }

        if (statement.Predicate.Compared == 0 || statement.Predicate.Compared != statement.Predicate.Equal)
        {
            faults.Add($"The attestation says that {statement.Predicate.Equal} of {Counted.Of(statement.Predicate.Compared, "checkpoint")} were equal.");
        }

        return faults;
    }

    private static RerunStatement Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            var statement = JsonSerializer.Deserialize<RerunStatement>(payload, EvidenceJson.Options) ?? throw new MalformedJsonException("it is 'null'");
            return statement is { Type: ErasureStatement.StatementType, PredicateType: RerunType }
                ? statement
                : throw new MalformedJsonException($"its types are '{statement.Type}' and '{statement.PredicateType}', expected '{ErasureStatement.StatementType}' and '{RerunType}'");
        }
        catch (JsonException e)
        {
            throw new EvidenceException($"The attestation cannot be read: {PlainReason.Of(e)}.", "Get it again from the auditor.", e);
        }
    }
}

/// <summary>The result of a rerun.</summary>
/// <param name="Recipe">Digest of the recipe.</param>
/// <param name="Epoch">Epoch of the audit bundle.</param>
/// <param name="Environment">Where it was trained again.</param>
/// <param name="FromSource">Whether from source files rather than from the items of the audit bundle.</param>
/// <param name="Compared">Checkpoints compared.</param>
/// <param name="Equal">Number of them that were equal, byte for byte.</param>
/// <param name="At">The time.</param>
public sealed record RerunFinding(Digest Recipe, long Epoch, EnvironmentFingerprint Environment, bool FromSource, int Compared, int Equal, DateTimeOffset At);

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sisa.Evidence;

/// <summary>A signed statement: DSSE (Dead Simple Signing Envelope, version 1) around JSON.</summary>
/// <remarks>Immutable. What is signed is the pre-authentication encoding of type and payload, not the JSON of the envelope.</remarks>
public sealed record Envelope
{
    /// <summary>Payload type of in-toto statements.</summary>
    public const string InToto = "application/vnd.in-toto+json";

    /// <summary>Type of the payload.</summary>
    public required string PayloadType { get; init; }

    /// <summary>The signed bytes.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Signatures, at least one.</summary>
    public required IReadOnlyList<EnvelopeSignature> Signatures { get; init; }

    /// <summary>Digest of the signed bytes, by which the log knows the statement.</summary>
    [JsonIgnore]
    public Digest PayloadDigest => Digest.Of(Payload);

    /// <summary>Signs a payload.</summary>
    /// <param name="payload">UTF-8 JSON.</param>
    /// <param name="key">The private key.</param>
    public static Envelope Sign(byte[] payload, ECDsa key) => Sign(payload, key, EvidenceKey.DigestOf(key).ToString());

    /// <summary>Signs a payload with a key whose digest the caller knows.</summary>
    /// <param name="payload">UTF-8 JSON.</param>
    /// <param name="key">The private key.</param>
    /// <param name="keyId">Its digest, <see cref="EvidenceKey.DigestOf"/>.</param>
    public static Envelope Sign(byte[] payload, ECDsa key, string keyId)
    {
        ArgumentNullException.ThrowIfNull(key);
        var signature = key.SignData(PreAuthentication(InToto, payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new Envelope { PayloadType = InToto, Payload = payload, Signatures = [new EnvelopeSignature(keyId, signature)] };
    }

    /// <summary>The bytes of a file that holds only the envelope.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EvidenceJson.Options), (byte)'\n'];

    /// <summary>Reads a file that holds only an envelope. Check the signature before trusting its content.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="EvidenceException">It is no envelope.</exception>
    public static Envelope Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Envelope>(bytes, EvidenceJson.Options) ?? throw new MalformedJsonException("it is 'null'");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new EvidenceException($"The signed statement cannot be read: {PlainReason.Of(e)}.", "Give an unaltered file that Sisa wrote.", e);
        }
    }

    /// <summary>Whether a key has signed the payload.</summary>
    /// <param name="key">The public key.</param>
    public bool IsSignedBy(ECDsa key)
    {
        var id = EvidenceKey.DigestOf(key).ToString();
        var signed = PreAuthentication(PayloadType, Payload);
        return Signatures.Any(s => s.KeyId == id && key.VerifyData(signed, s.Sig, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>The bytes that are signed: <c>DSSEv1 LEN(type) type LEN(payload) payload</c>, lengths in decimal bytes.</summary>
    /// <param name="type">Type of the payload.</param>
    /// <param name="payload">The payload.</param>
    public static byte[] PreAuthentication(string type, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(type);
        var head = Encoding.UTF8.GetBytes(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {payload.Length} "));
        var bytes = new byte[head.Length + payload.Length];
        head.CopyTo(bytes, 0);
        payload.CopyTo(bytes.AsSpan(head.Length));
        return bytes;
    }
}

/// <summary>One signature of an envelope.</summary>
/// <param name="KeyId">SHA-256 over the SubjectPublicKeyInfo of the key, hexadecimal.</param>
/// <param name="Sig">ECDSA with SHA-256, DER.</param>
public sealed record EnvelopeSignature([property: JsonPropertyName("keyid")] string KeyId, [property: JsonPropertyName("sig")] byte[] Sig);

using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sisa.Checker;

/// <summary>A certificate file, checked as <c>docs/certificate-format.md</c> asks whoever checks one.</summary>
internal sealed class CertificateContent
{
    private const string Type = "application/vnd.in-toto+json";
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private CertificateContent(byte[] bytes, IReadOnlyList<byte[]> issuers)
    {
        using var file = JsonDocument.Parse(bytes);
        var (root, log) = (file.RootElement, file.RootElement.GetProperty("log"));
        var signature = root.GetProperty("signatures").EnumerateArray().Single();
        var (payload, keyId, signed) = (root.GetProperty("payload").GetString()!, signature.GetProperty("keyid").GetString()!, signature.GetProperty("sig").GetString()!);
        Payload = Convert.FromBase64String(payload);
        PayloadDigest = Convert.ToHexStringLower(SHA256.HashData(Payload));
        Entry = log.GetProperty("entry").GetString()!;
        Index = log.GetProperty("index").GetInt64();
        string[] path = [.. log.GetProperty("path").EnumerateArray().Select(hash => hash.GetString()!)];
        var note = log.GetProperty("checkpoint").GetString()!;
        var form = $"{{\"payloadType\":\"{Type}\",\"payload\":\"{payload}\",\"signatures\":[{{\"keyid\":\"{keyId}\",\"sig\":\"{signed}\"}}],"
            + $"\"log\":{{\"entry\":{Json(Entry)},\"index\":{Index},\"path\":[{string.Join(',', path.Select(Json))}],\"checkpoint\":{Json(note)}}}}}\n";
        var encoding = Encoding.UTF8.GetBytes($"DSSEv1 {Type.Length} {Type} {Payload.Length} ");
        var issuer = issuers.SingleOrDefault(key => Convert.ToHexStringLower(SHA256.HashData(key)) == keyId) ?? throw new FormatException("signed by a key that is not the store's");
        Demand(Encoding.UTF8.GetBytes(form).AsSpan().SequenceEqual(bytes), "its bytes are not in the one form of a certificate");
        Demand(Signature.Holds([.. encoding, .. Payload], Convert.FromBase64String(signed), issuer), "its signature does not hold");

        using var statement = JsonDocument.Parse(Payload);
        var predicate = statement.RootElement.GetProperty("predicate");
        Request = predicate.GetProperty("request").GetProperty("id").GetString()!;
        Epoch = predicate.GetProperty("epoch").GetInt64();
        Head = SignedHead.Read(note, [Convert.FromBase64String(predicate.GetProperty("log").GetProperty("publicKey").GetString()!)]);
        Demand(Head.Origin == predicate.GetProperty("log").GetProperty("origin").GetString(), "its head is of another log");
        using var entry = JsonDocument.Parse(Entry);
        Demand(entry.RootElement.GetProperty("payload").GetString() == PayloadDigest, "the entry of the log is about another statement");
        Demand(
            Index < Head.Size && MerkleHash.Climb(MerkleHash.Leaf(Encoding.UTF8.GetBytes(Entry)), Index, Head.Size, [.. path.Select(Convert.FromHexString)]) is { } found && found.AsSpan().SequenceEqual(Head.Root),
            "the log does not hold its entry");
    }

    public byte[] Payload { get; }

    public string PayloadDigest { get; }

    public string Request { get; }

    public long Epoch { get; }

    public string Entry { get; }

    public long Index { get; }

    public SignedHead Head { get; }

    /// <summary>Reads and checks a certificate.</summary>
    /// <param name="path">The file.</param>
    /// <param name="issuers">Public keys that may have signed it, SubjectPublicKeyInfo in DER.</param>
    /// <exception cref="FormatException">Something about it does not hold.</exception>
    public static CertificateContent Read(string path, IReadOnlyList<byte[]> issuers) => new(File.ReadAllBytes(path), issuers);

    private static string Json(string text) => JsonSerializer.Serialize(text, Unescaped);

    private static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException(what);
        }
    }
}

using System.Text;
using Sisa.Evidence;
using Sisa.Fuzzing.Engine;
using Sisa.Sharding;

namespace Sisa.Fuzzing.Targets;

/// <summary>Keys: public and private ones in PEM, and the assignment key. A key that is read can do what it is for.</summary>
/// <remarks>Encrypted private keys are left out: how long opening one takes is written in its file, and it is its owner's own.</remarks>
internal sealed class KeyTarget() : FuzzTarget("key")
{
    public override int MaxBytes => 4 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n", "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n", "-----BEGIN EC PRIVATE KEY-----\n", "-----END EC PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\n", "\n", "=", "MFkwEwYH");

    public override IEnumerable<byte[]> Seeds() => Words(
        EvidenceKey.ToPublicPem(EvidenceSamples.Key),
        EvidenceKey.ToPrivatePem(EvidenceSamples.Key, string.Empty),
        EvidenceSamples.Key.ExportECPrivateKeyPem(),
        new AssignmentKey(new byte[AssignmentKey.SizeBytes]).ToText());

    protected override void Run(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        Try(() =>
        {
            using var key = EvidenceKey.ReadPublic(text, "input");
            using var again = EvidenceKey.ReadPublic(EvidenceKey.ToPublicPem(key), "again");
            Check(EvidenceKey.DigestOf(again) == EvidenceKey.DigestOf(key), "a public key that is written again is the same");
            _ = Envelope.Sign([1], EvidenceSamples.Key).IsSignedBy(key);
        });
        Try(() =>
        {
            using var key = EvidenceKey.IsEncrypted(text) ? null : EvidenceKey.ReadPrivate(text, string.Empty, "input");
            Check(key is null || Envelope.Sign([1], key).IsSignedBy(key), "a private key signs");
        });
        _ = AssignmentKey.Parse(text, "input");
    }

    protected override bool IsDocumented(Exception e) => e is EvidenceException or StoreException;

    private void Try(Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (IsDocumented(e))
        {
            // It may be a key of the other kinds.
            return;
        }
    }
}

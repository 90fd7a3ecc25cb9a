using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sisa.Evidence;

/// <summary>ECDSA P-256 keys in the forms in which evidence and files hold them.</summary>
/// <remarks>Pure. Private keys are PKCS#8 in PEM, encrypted (PBES2: PBKDF2 with SHA-256, AES-256) where there is a passphrase; public keys
/// are SubjectPublicKeyInfo in PEM, as <c>openssl</c> reads them.</remarks>
public static class EvidenceKey
{
    // What OWASP recommends for PBKDF2 with SHA-256 (Password Storage Cheat Sheet, 2023).
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000);

    /// <summary>Draws a new key; owned by the caller.</summary>
    public static ECDsa Create() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Names a public key: SHA-256 over its SubjectPublicKeyInfo in DER.</summary>
    /// <param name="key">The key, or only its public half.</param>
    public static Digest DigestOf(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Digest.Of(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The short name of a public key in signed notes: the first four bytes of <see cref="DigestOf"/>, big-endian.</summary>
    /// <param name="key">The key.</param>
    public static uint IdOf(ECDsa key) => BinaryPrimitives.ReadUInt32BigEndian(DigestOf(key).ToBytes());

    /// <summary>Writes a private key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="passphrase">Passphrase for encryption; empty for an unencrypted key.</param>
    public static string ToPrivatePem(ECDsa key, ReadOnlySpan<char> passphrase)
    {
        ArgumentNullException.ThrowIfNull(key);
        return (passphrase.IsEmpty ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase, Encryption)) + "\n";
    }

    /// <summary>Writes a public key.</summary>
    /// <param name="key">The key.</param>
    public static string ToPublicPem(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    /// <summary>Whether the PEM of a private key is encrypted.</summary>
    /// <param name="pem">The PEM.</param>
    public static bool IsEncrypted(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        return pem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
    }

    /// <summary>Reads a private key; owned by the caller.</summary>
    /// <param name="pem">Output of <see cref="ToPrivatePem"/>.</param>
    /// <param name="passphrase">Its passphrase; ignored where it is not encrypted.</param>
    /// <param name="source">Where it comes from, for the message.</param>
    /// <exception cref="EvidenceException">It is no such key, or the passphrase is another one.</exception>
    public static ECDsa ReadPrivate(string pem, ReadOnlySpan<char> passphrase, string source)
    {
        var key = ECDsa.Create();
        try
        {
            // A public key would be taken as well, and only fail when it is to sign.
            if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            {
                throw new ArgumentException("The file holds no private key.", nameof(pem));
            }

            if (IsEncrypted(pem))
            {
                key.ImportFromEncryptedPem(pem, passphrase);
            }
            else
            {
                key.ImportFromPem(pem);
            }

            // A public key is PEM as well; this throws where there is no private half.
            _ = key.ExportParameters(includePrivateParameters: true);
            return Checked(key, source);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            key.Dispose();
            throw new EvidenceException(
                IsEncrypted(pem) ? $"Private key {source} cannot be opened with this passphrase." : $"{source} holds no private key in PEM.",
                IsEncrypted(pem) ? Remedy.Of($"Give the passphrase of {Step.ManageKeys}.") : "Restore the folder 'keys' from its backup.",
                e);
        }
    }

    /// <summary>Reads a public key; owned by the caller.</summary>
    /// <param name="pem">A public key in PEM.</param>
    /// <param name="source">Where it comes from, for the message.</param>
    /// <exception cref="EvidenceException">It is no ECDSA P-256 key.</exception>
    public static ECDsa ReadPublic(string pem, string source)
    {
        var key = ECDsa.Create();
        try
        {
            if (pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            {
                throw new ArgumentException("The file holds a private key.", nameof(pem));
            }

            key.ImportFromPem(pem);
            return Checked(key, source);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            key.Dispose();
            throw new EvidenceException($"{source} holds no public key in PEM.", "Give a file that begins with '-----BEGIN PUBLIC KEY-----', such as 'keys/certificate.pub.pem'.", e);
        }
    }

    /// <summary>Reads a public key; owned by the caller.</summary>
    /// <param name="subjectPublicKeyInfo">The key in DER, and nothing behind it.</param>
    /// <param name="source">Where it comes from, for the message.</param>
    /// <exception cref="EvidenceException">It is no ECDSA P-256 key.</exception>
    public static ECDsa ReadPublic(ReadOnlySpan<byte> subjectPublicKeyInfo, string source)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out var length);
            return length == subjectPublicKeyInfo.Length ? Checked(key, source) : throw new CryptographicException($"The key is followed by {Counted.Of(subjectPublicKeyInfo.Length - length, "byte")} that do not belong to it.");
        }
        catch (Exception e) when (IsRefusal(e))
        {
            key.Dispose();
            throw new EvidenceException($"{source} holds no public key.", "Get the certificate again from its issuer.", e);
        }
    }

    // A curve that this machine does not have is refused as "not supported".
    private static bool IsRefusal(Exception e) => e is CryptographicException or ArgumentException or NotSupportedException;

    private static ECDsa Checked(ECDsa key, string source)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        if (curve.IsNamed && curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            return key;
        }

        key.Dispose();
        throw new EvidenceException($"{source} holds a key on {(curve.IsNamed ? curve.Oid.FriendlyName : "a curve without a name")}, expected P-256.", "Evidence is signed with ECDSA on P-256 only.");
    }
}

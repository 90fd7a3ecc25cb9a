using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sisa.Checker;

/// <summary>A head of the evidence log as a signed note holds it (c2sp.org/tlog-checkpoint).</summary>
/// <param name="Origin">Names the log.</param>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">Root over them.</param>
internal sealed record SignedHead(string Origin, long Size, byte[] Root)
{
    /// <summary>Reads a note.</summary>
    /// <param name="note">The whole note.</param>
    /// <param name="keys">Public keys, SubjectPublicKeyInfo in DER, one of which must have signed it.</param>
    /// <exception cref="FormatException">It is no head, or none of the keys has signed it.</exception>
    public static SignedHead Read(string note, IEnumerable<byte[]> keys)
    {
        var lines = note.Split('\n');
        if (lines is not [var origin, var size, var root, "", var signature, ""] || !signature.StartsWith($"— {origin} ", StringComparison.Ordinal))
        {
            throw new FormatException("not a head of a log: three lines, a blank one, and a signature by the log");
        }

        var signed = Convert.FromBase64String(signature[(origin.Length + 3)..]);
        var text = Encoding.UTF8.GetBytes($"{origin}\n{size}\n{root}\n");
        return keys.Any(key => IsSigned(text, signed, key))
            ? new SignedHead(origin, long.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture), Convert.FromBase64String(root))
            : throw new FormatException("signed by none of the keys of this log");
    }

    // Four bytes name the key, the rest is its signature.
    private static bool IsSigned(byte[] text, byte[] signed, byte[] key) =>
        SHA256.HashData(key).AsSpan(0, 4).SequenceEqual(signed.AsSpan(0, 4)) && Signature.Holds(text, signed[4..], key);
}

/// <summary>ECDSA on P-256 with SHA-256, signatures in DER.</summary>
internal static class Signature
{
    public static bool Holds(byte[] data, byte[] signature, byte[] publicKey)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Public keys in a folder whose names begin with a word: the one in use, and those that it replaced.</summary>
    public static IReadOnlyList<byte[]> KeysOf(string store, string name) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(store, "keys"), name + "*.pub.pem").Select(path =>
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(path));
            return key.ExportSubjectPublicKeyInfo();
        }),
    ];
}

using System.Security.Cryptography;
using System.Text;

namespace Sisa.Sharding;

/// <summary>The secret κ that decides where every item goes (rule E1).</summary>
/// <remarks>Immutable; 32 random bytes. Whoever holds it can reproduce the store's assignment from the corpus, so an auditor
/// needs it and nobody else should have it. Derived keys are HMAC-SHA256(κ, purpose).</remarks>
public sealed class AssignmentKey
{
    /// <summary>Length of the key in bytes.</summary>
    public const int SizeBytes = 32;

    private readonly byte[] _assignment;
    private readonly byte[] _leaf;

    /// <summary>Wraps a key.</summary>
    /// <param name="bytes">Exactly <see cref="SizeBytes"/> bytes; copied.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public AssignmentKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            throw new ArgumentException($"An assignment key has {SizeBytes} bytes, found {bytes.Length}.", nameof(bytes));
        }

        _assignment = bytes.ToArray();
        _leaf = Digest.Keyed(bytes, "sisa item leaf"u8).ToBytes();
        Commitment = Digest.Keyed(bytes, "sisa assignment key commitment"u8);
    }

    /// <summary>Commitment to κ for checkpoints, which does not reveal it (rule E8).</summary>
    public Digest Commitment { get; }

    /// <summary>HMAC-SHA256(κ, subject), from which shard and slice are taken.</summary>
    internal ReadOnlySpan<byte> AssignmentBytes => _assignment;

    /// <summary>Key of the item leaves under a slice's root; never a bare hash of an id (rule E9).</summary>
    public ReadOnlySpan<byte> LeafBytes => _leaf;

    /// <summary>Draws a new key from the system's secure generator.</summary>
    public static AssignmentKey Create()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        RandomNumberGenerator.Fill(bytes);
        return new AssignmentKey(bytes);
    }

    /// <summary>Reads the text form of a key file.</summary>
    /// <param name="text">64 hexadecimal digits, surrounded by any white space.</param>
    /// <param name="source">Where the text comes from, for the message.</param>
    /// <exception cref="StoreException">The text is something else.</exception>
    public static AssignmentKey Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new AssignmentKey(Convert.FromHexString(text.Trim()));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new StoreException(
                $"Assignment key {source} holds {text.Trim().Length} characters that are not a key; expected {SizeBytes * 2} hexadecimal digits.",
                "Give the file 'keys/assignment.key' of the store whose assignment is to be reproduced.",
                e);
        }
    }

    /// <summary>The text form of a key file: 64 hexadecimal digits and a line feed.</summary>
    public string ToText() => Convert.ToHexStringLower(_assignment) + "\n";

    /// <summary>Bytes of <see cref="ToText"/>, UTF-8.</summary>
    public byte[] ToFileBytes() => Encoding.UTF8.GetBytes(ToText());

    /// <summary>Never the key: its commitment.</summary>
    public override string ToString() => $"assignment key {Commitment.ToShortString()}";
}

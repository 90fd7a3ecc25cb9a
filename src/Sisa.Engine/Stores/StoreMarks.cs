using System.Security.Cryptography;
using System.Text;
using Sisa.Sharding;

namespace Sisa.Engine.Stores;

/// <summary>Keyed hashes by which the store knows again what was forgotten, and from which nothing else can be learnt without its tombstone key.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class StoreMarks : IDisposable
{
    // Kept for reuse: marks are made by the ten thousand.
    private readonly IncrementalHash _hash;

    internal StoreMarks(byte[] tombstoneKey) => _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, tombstoneKey);

    /// <summary>Marks a forgotten item.</summary>
    /// <param name="id">The item's id.</param>
    public Digest Item(string id) => Of("item", id);

    /// <summary>Marks a forgotten subject.</summary>
    /// <param name="subject">The subject.</param>
    public Digest Subject(string subject) => Of("subject", subject);

    /// <summary>Marks an item from whose text something was cut.</summary>
    /// <param name="id">The item's id.</param>
    public Digest Span(string id) => Of("span", id);

    /// <summary>Marks a subject whose items were all forgotten without naming the subject. The mark refuses no items.</summary>
    /// <param name="subject">The subject.</param>
    public Digest Emptied(string subject) => Of("emptied", subject);

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    /// <summary>Marks the content of a request, so that a repetition is known.</summary>
    /// <param name="content">The content of the request, in a canonical form.</param>
    internal Digest Request(string content) => Of("request", content);

    /// <summary>The manifest's commitment to a tombstone key.</summary>
    internal static string CommitmentOf(byte[] key) => Digest.Keyed(key, "sisa tombstone key commitment"u8).ToString();

    /// <summary>Reads a tombstone key. An empty or damaged one would let every forgotten id in again.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="StoreException">The file cannot be read, or holds no key.</exception>
    internal static byte[] ReadKey(string path)
    {
        var digits = Store.ReadKey(path).Trim();
        return digits.Length == AssignmentKey.SizeBytes * 2 && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new StoreException($"Key {path} holds {digits.Length} characters that are not a key; expected {AssignmentKey.SizeBytes * 2} hexadecimal digits.", "Restore the folder 'keys' from a backup.");
    }

    private Digest Of(string kind, string name)
    {
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        _hash.AppendData(Encoding.UTF8.GetBytes(kind + "\0" + name));
        _hash.GetHashAndReset(hash);
        return new Digest(hash);
    }
}

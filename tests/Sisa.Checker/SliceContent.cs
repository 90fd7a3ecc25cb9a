using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sisa.Checker;

/// <summary>A slice file, read by its documented layout.</summary>
internal sealed class SliceContent
{
    private const int HeaderBytes = 128;
    private const int EntryBytes = 96;

    private SliceContent(byte[] bytes, byte[] leafKey)
    {
        if (!bytes.AsSpan(0, 8).SequenceEqual("SISASLC1"u8) || Int64(bytes, 48) != bytes.Length)
        {
            throw new FormatException("no slice file, or of another length than it says");
        }

        IsWhole = SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - 32));
        StatedRoot = bytes[64..96];
        var count = (int)Int64(bytes, 16);
        var ids = new List<string>(count);
        var leaves = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.AsSpan(HeaderBytes + (i * EntryBytes), EntryBytes);
            var name = (int)Int64(bytes, 24) + (int)Int64(entry, 0);
            var id = bytes.AsSpan(name, Int32(entry, 8));
            var subject = Int32(entry, 12) is >= 0 and var length ? bytes.AsSpan(name + id.Length, length) : id;
            var features = bytes.AsSpan((int)(Int64(bytes, 32) + Int64(entry, 24)), Int32(entry, 20));
            var text = bytes.AsSpan((int)(Int64(bytes, 40) + Int64(entry, 32)), Int32(entry, 40));
            ids.Add(Encoding.UTF8.GetString(id));
            leaves[i] = Leaf(leafKey, Int32(entry, 16), id, subject, features, text);
            IsWhole &= leaves[i].AsSpan().SequenceEqual(entry[64..96]);
        }

        Ids = ids;
        Root = MerkleHash.Root(leaves);
        IsWhole &= Root.AsSpan().SequenceEqual(StatedRoot);
    }

    /// <summary>Ids of its items, in the order of the file.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The root over its items, computed from their content and the key.</summary>
    public byte[] Root { get; }

    /// <summary>The root that its header states.</summary>
    public byte[] StatedRoot { get; }

    /// <summary>Whether checksum, leaves and root fit the content.</summary>
    public bool IsWhole { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="assignmentKey">κ.</param>
    public static SliceContent Read(string path, byte[] assignmentKey) =>
        new(File.ReadAllBytes(path), HMACSHA256.HashData(assignmentKey, "sisa item leaf"u8));

    private static byte[] Leaf(byte[] key, int label, ReadOnlySpan<byte> id, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> features, ReadOnlySpan<byte> text) =>
        SHA256.HashData([0, .. key, .. BitConverter.GetBytes(label), .. Part(id), .. Part(subject), .. Part(features), .. Part(text)]);

    private static byte[] Part(ReadOnlySpan<byte> bytes) => [.. BitConverter.GetBytes(bytes.Length), .. bytes];

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
}

using System.Buffers.Binary;
using System.Text;

namespace Sisa.Campaigns.Faults;

/// <summary>What a change does; the numbers of <c>native/fault.c</c>.</summary>
public enum ChangeKind
{
    /// <summary>A file is made.</summary>
    Create = 1,

    /// <summary>Bytes are written.</summary>
    Write,

    /// <summary>A file gets another length.</summary>
    Truncate,

    /// <summary>What was written to a file, or which entries a folder has, becomes durable.</summary>
    Sync,

    /// <summary>An entry gets another name.</summary>
    Rename,

    /// <summary>A file's entry goes.</summary>
    Unlink,

    /// <summary>A folder is made.</summary>
    MakeFolder,

    /// <summary>A folder's entry goes.</summary>
    RemoveFolder,

    /// <summary>A file's mode changes.</summary>
    Mode,

    /// <summary>A file gets a second name.</summary>
    Link,

    /// <summary>The program says something on standard output.</summary>
    Output,
}

/// <summary>One change, as it was recorded.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Name">Path relative to the folder that is watched; empty for that folder itself and for output.</param>
/// <param name="Other">The new name, where there is one.</param>
/// <param name="Offset">Where bytes were written.</param>
/// <param name="Length">The new length of a file that was truncated.</param>
/// <param name="Data">What was written.</param>
public sealed record Change(ChangeKind Kind, string Name, string Other, long Offset, long Length, byte[] Data);

/// <summary>Reads what <c>native/fault.c</c> recorded.</summary>
public static class FaultTrace
{
    private const int HeaderBytes = 48;

    /// <summary>Every change in its order.</summary>
    /// <param name="path">The trace.</param>
    /// <param name="folder">The folder that was watched.</param>
    public static IReadOnlyList<Change> Read(string path, string folder)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var changes = new List<Change>();
        for (var at = 0; at < bytes.Length;)
        {
            var head = bytes.Slice(at, HeaderBytes);
            var (name, other, data) = (Int32(head, 32), Int32(head, 36), Int32(head, 40));
            if (Int32(head, 0) != 0x31544653)
            {
                throw new FormatException($"The trace {path} is broken at byte {at}.");
            }

            at += HeaderBytes;
            changes.Add(new Change(
                (ChangeKind)Int32(head, 4),
                Relative(bytes.Slice(at, name), folder),
                Relative(bytes.Slice(at + name, other), folder),
                BinaryPrimitives.ReadInt64LittleEndian(head[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(head[24..]),
                bytes.Slice(at + name + other, data).ToArray()));
            at += name + other + data;
        }

        return changes;
    }

    private static string Relative(ReadOnlySpan<byte> name, string folder) =>
        name.IsEmpty ? string.Empty : Path.GetRelativePath(folder, Encoding.UTF8.GetString(name)) is var path && path == "." ? string.Empty : path;

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
}

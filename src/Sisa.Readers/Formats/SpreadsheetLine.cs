using System.Buffers;
using System.Text;

namespace Sisa.Readers.Formats;

/// <summary>The line <c>sep=;</c> by which Excel says at the head of a CSV file what separates its columns.</summary>
internal static class SpreadsheetLine
{
    /// <summary>Longest such line, with byte order mark, quotation marks and end.</summary>
    private const int MaxBytes = 16;

    /// <summary>Takes the line off a stream that begins with it.</summary>
    /// <param name="stream">The content. The caller keeps it, and disposes of it.</param>
    /// <returns>The delimiter, or <see langword="null"/>; and the rest of the content.</returns>
    public static (string? Delimiter, Stream Content) Take(Stream stream)
    {
        var head = new byte[MaxBytes];
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var (delimiter, taken) = Read(head.AsSpan(0, length));
        return (delimiter, new PrefixedStream(head.AsMemory(taken, length - taken), stream));
    }

    private static (string? Delimiter, int Length) Read(ReadOnlySpan<byte> head)
    {
        var left = head;
        _ = Pass(ref left, "\uFEFF"u8);
        var isQuoted = Pass(ref left, "\""u8);
        if (left.Length < 4 || !Ascii.EqualsIgnoreCase(left[..4], "sep="u8))
        {
            return default;
        }

        left = left[4..];
        if (Rune.DecodeFromUtf8(left, out var delimiter, out var bytes) != OperationStatus.Done || delimiter.Value is '"' or '\r' or '\n' || !delimiter.IsBmp)
        {
            return default;
        }

        left = left[bytes..];
        if (isQuoted && !Pass(ref left, "\""u8))
        {
            return default;
        }

        var ends = Pass(ref left, "\r\n"u8) || Pass(ref left, "\n"u8) || Pass(ref left, "\r"u8) || left.IsEmpty;
        return ends ? (delimiter.ToString(), head.Length - left.Length) : default;
    }

    private static bool Pass(ref ReadOnlySpan<byte> left, ReadOnlySpan<byte> what)
    {
        var isThere = left.StartsWith(what);
        left = isThere ? left[what.Length..] : left;
        return isThere;
    }
}

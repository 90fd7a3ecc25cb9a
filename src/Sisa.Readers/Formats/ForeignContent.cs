namespace Sisa.Readers.Formats;

/// <summary>Recognises files that are not UTF-8 text by their first bytes, so that the hint helps, instead of a fault in line 1.</summary>
/// <remarks>Pure. Parquet and IDX are not judged.</remarks>
internal static class ForeignContent
{
    /// <summary>Bytes to look at.</summary>
    public const int HeadBytes = 4096;

    private const int FewestNuls = 4;
    private const int NulShare = 20;

    /// <summary>Looks at the beginning of text from a stream, and hands the stream out with it.</summary>
    /// <param name="content">The stream. The caller keeps it, and disposes of it.</param>
    /// <param name="name">Name of the file in messages.</param>
    /// <exception cref="CorpusException">It is no text in UTF-8.</exception>
    public static Stream Refuse(Stream content, string name)
    {
        // One read, since a pipe may have no more for a while.
        var head = new byte[HeadBytes];
        var bytes = content.Read(head);
        Refuse(head.AsSpan(0, bytes), name);
        return new PrefixedStream(head.AsMemory(0, bytes), content);
    }

    /// <summary>Judges the first bytes of a file.</summary>
    /// <param name="head">Up to <see cref="HeadBytes"/>.</param>
    /// <param name="name">Name of the file in messages.</param>
    /// <exception cref="CorpusException">They are no text in UTF-8.</exception>
    public static void Refuse(ReadOnlySpan<byte> head, string name)
    {
        if (Encoding(head) is { } encoding)
        {
            throw new CorpusException($"The file is text in {encoding}, expected UTF-8.", $"Convert it first: 'iconv -f {encoding} -t UTF-8 FILE > NEW'.", name);
        }

        if (Archive(head) is var (kind, remedy))
        {
            throw new CorpusException($"The file is {kind}, expected rows.", remedy, name);
        }
    }

    private static string? Encoding(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) || head.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]))
        {
            return "UTF-32";
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return "UTF-16";
        }

        // IDX begins with two zeros, Parquet has its name there.
        if (head.StartsWith((ReadOnlySpan<byte>)[0, 0]) || head.StartsWith("PAR1"u8))
        {
            return null;
        }

        // Without a mark: the ASCII characters of UTF-16, be they only quotation marks and line ends, have their zeros on one side. UTF-8 has none.
        var (even, odd) = (0, 0);
        for (var i = 0; i < head.Length; i++)
        {
            (even, odd) = head[i] != 0 ? (even, odd) : i % 2 == 0 ? (even + 1, odd) : (even, odd + 1);
        }

        return Math.Max(even, odd) < FewestNuls || Math.Max(even, odd) * NulShare < head.Length || Math.Min(even, odd) > 0 ? null : even > 0 ? "UTF-16BE" : "UTF-16LE";
    }

    private static (string Kind, string Remedy)? Archive(ReadOnlySpan<byte> head) => head switch
    {
        _ when head.StartsWith("PK\u0003\u0004"u8) => ("a zip archive or a spreadsheet", "Unpack it with 'unzip' and name the files in it, or save the sheet as CSV."),
        _ when head.StartsWith("BZh"u8) && head.Length > 3 && head[3] is >= (byte)'1' and <= (byte)'9' => ("compressed with bzip2", "Unpack it with 'bunzip2'."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) => ("compressed with xz", "Unpack it with 'xz -d'."),
        _ when head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) => ("compressed with Zstandard", "Unpack it with 'zstd -d'."),
        _ => null,
    };
}

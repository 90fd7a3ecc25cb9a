using System.Buffers;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>Looks at the pages of a column before the library meets them: headers, lengths, checksums.</summary>
/// <remarks>The library checks that a page decodes to as many bytes as its header says, and its values against their encoding. What it does not check is looked at here: that pages without
/// compression are as long as they say, that headers agree with the footer, and what memory all of that may take. Messages are clauses about the column.</remarks>
internal static class ParquetPages
{
    /// <summary>Values that the library is asked for at once.</summary>
    public const int BatchSize = 1024;

    /// <summary>The same where values repeat the beginning of the one before, and a few bytes stand for long values.</summary>
    public const int PrefixedBatchSize = 8;

    private const int LongestPageHeaderBytes = 64 * 1024;
    private const int UsualPageHeaderBytes = 512;

    /// <summary>Memory of a dictionary value besides its bytes.</summary>
    private const int BytesPerValue = 24;

    /// <summary>Memory that the mapped columns of a row group may take: 256 MB, and four times the file.</summary>
    /// <param name="fileBytes">Size of the file.</param>
    public static long MemoryLimit(long fileBytes) => (256L << 20) + (4 * fileBytes);

    /// <summary>Checks the pages of one column of a row group.</summary>
    /// <param name="file">The file; its position is changed.</param>
    /// <param name="end">Where its footer begins.</param>
    /// <param name="chunk">The footer's description of the column.</param>
    /// <param name="type">Type of the column.</param>
    /// <returns>Memory that reading it takes, estimated, and how its values are encoded.</returns>
    /// <exception cref="MalformedException">A page that does not fit.</exception>
    public static (long MemoryBytes, IReadOnlyList<ParquetEncoding> Encodings) Check(Stream file, long end, ParquetChunk chunk, ParquetType type)
    {
        if (chunk.Physical != type.Physical)
        {
            throw new MalformedException($"its values are {ParquetFormat.NameOf(chunk.Physical)}, the schema says {ParquetFormat.NameOf(type.Physical)}");
        }

        // Writers differ about the place of pages without values.
        if (chunk.ValueCount == 0)
        {
            return (0, []);
        }

        if (chunk.ValueCount < 0 || chunk.SizeBytes < 0 || chunk.Start < 4 || chunk.Start > end || chunk.SizeBytes > end - chunk.Start)
        {
            throw new MalformedException($"it would have {Counted.Of(chunk.ValueCount, "value")} in {Counted.Of(chunk.SizeBytes, "byte")} from byte {chunk.Start}, and its file has pages up to byte {end}");
        }

        List<ParquetEncoding> encodings = [];
        var (values, dictionaryBytes, largestPageBytes) = (0L, 0L, 0L);
        var at = chunk.Start;
        while (values < chunk.ValueCount)
        {
            var page = ReadHeader(file, at);
            CheckPage(page, at, chunk, end);
            CheckContent(file, at, page);
            if (page.IsDictionary && (dictionaryBytes > 0 || encodings.Count > 0))
            {
                throw new MalformedException($"it has a dictionary at byte {at}, behind its first page");
            }

            dictionaryBytes += page.IsDictionary ? page.FullBytes + ((long)page.Values * BytesPerValue) : 0;
            largestPageBytes = Math.Max(largestPageBytes, (long)page.FullBytes * (page.Encoding == ParquetEncoding.DeltaByteArray ? PrefixedBatchSize : 1));
            if (!page.IsDictionary)
            {
                values += page.Values;
                if (!encodings.Contains(page.Encoding))
                {
                    encodings.Add(page.Encoding);
                }
            }

            at += page.HeaderBytes + page.SizeBytes;
        }

        return values == chunk.ValueCount
            ? (chunk.SizeBytes + dictionaryBytes + largestPageBytes, encodings)
            : throw new MalformedException($"its pages hold {Counted.Of(values, "value")}, its footer counts {chunk.ValueCount}");
    }

    private static void CheckPage(ParquetPage page, long at, ParquetChunk chunk, long end)
    {
        if (page.SizeBytes < 0 || page.FullBytes < 0 || page.Values < 0 || page.SizeBytes > end - at - page.HeaderBytes)
        {
            throw new MalformedException($"the page at byte {at} would have {Counted.Of(page.Values, "value")} in {Counted.Of(page.SizeBytes, "byte")}, which decode to {page.FullBytes}");
        }

        if (page.LevelBytes < 0 || page.LevelBytes > page.SizeBytes || page.LevelBytes > page.FullBytes)
        {
            throw new MalformedException($"the page at byte {at} has {Counted.Of(page.SizeBytes, "byte")} and would have {Counted.Of(page.LevelBytes, "byte")} of levels");
        }

        if (!ParquetFormat.Fits(chunk.Physical, page.Encoding))
        {
            throw new MalformedException($"the page at byte {at} has the encoding {ParquetFormat.NameOf(page.Encoding)}, which {ParquetFormat.NameOf(chunk.Physical)} cannot have");
        }

        // An empty page decodes to nothing, and a page without compression to itself.
        var isPlain = chunk.Codec == ParquetFormat.Uncompressed || page.IsPlain || page.SizeBytes == page.LevelBytes;
        if (isPlain && page.SizeBytes != page.FullBytes)
        {
            throw new MalformedException($"the page at byte {at} decodes to {Counted.Of(page.SizeBytes, "byte")}, its header says {page.FullBytes}");
        }
    }

    private static void CheckContent(Stream file, long at, ParquetPage page)
    {
        if (page.Crc is not { } expected)
        {
            return;
        }

        var content = ArrayPool<byte>.Shared.Rent(UsualPageHeaderBytes * 128);
        try
        {
            file.Position = at + page.HeaderBytes;
            var found = 0u;
            for (var left = page.SizeBytes; left > 0;)
            {
                var piece = content.AsSpan(0, Math.Min(left, content.Length));
                file.ReadExactly(piece);
                found = Crc32.Append(found, piece);
                left -= piece.Length;
            }

            if (found != expected)
            {
                throw new MalformedException($"the page at byte {at} has the checksum {found:x8}, its header says {expected:x8}");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    // Headers are short, but for statistics of long texts; a file may hold millions.
    private static ParquetPage ReadHeader(Stream file, long at)
    {
        file.Position = at;
        Span<byte> usual = stackalloc byte[UsualPageHeaderBytes];
        var read = file.ReadAtLeast(usual, UsualPageHeaderBytes, throwOnEndOfStream: false);
        try
        {
            return ParquetPage.Read(usual[..read], at);
        }
        catch (MalformedException) when (read == UsualPageHeaderBytes)
        {
            file.Position = at;
            var longest = new byte[LongestPageHeaderBytes];
            return ParquetPage.Read(longest.AsSpan(0, file.ReadAtLeast(longest, longest.Length, throwOnEndOfStream: false)), at);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using Parquet.Meta;
using PhysicalType = Parquet.Meta.Type;

namespace Sisa.Readers.Formats;

/// <summary>Looks for damage in a Parquet file's structure before Parquet.Net meets it.</summary>
/// <remarks>Parquet.Net 6.1.0 reads on for ever where the footer does not end, makes rows out of nothing where counts are wrong, and overwrites memory where a
/// page's encoding does not fit its column's type, and gives out stale memory where a page decodes to fewer bytes than its header says; one damaged byte is enough for each.</remarks>
internal static class ParquetCheck
{
    private const int TrailerBytes = 8;
    private const int LongestPageHeaderBytes = 64 * 1024;
    private const int UsualPageHeaderBytes = 512;

    /// <summary>Memory that a value takes once it is read: a reference to its bytes, its levels, its place in the dictionary.</summary>
    private const int BytesPerValue = 24;

    /// <summary>Checks that the footer is there and whole.</summary>
    /// <param name="file">The file; its position is changed.</param>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static void Footer(Stream file)
    {
        if (file.Length < 4 + TrailerBytes)
        {
            throw new InvalidDataException("It is too short.");
        }

        var trailer = new byte[TrailerBytes];
        file.Position = file.Length - TrailerBytes;
        file.ReadExactly(trailer);
        var length = BinaryPrimitives.ReadInt32LittleEndian(trailer);
        if (!trailer.AsSpan(4).SequenceEqual("PAR1"u8))
        {
            throw new InvalidDataException("It does not end with 'PAR1'.");
        }

        if (length <= 0 || length > file.Length - TrailerBytes - 4)
        {
            throw new InvalidDataException($"Its footer would have {length} bytes.");
        }

        var footer = new byte[length];
        file.Position = file.Length - TrailerBytes - length;
        file.ReadExactly(footer);
        file.Position = 0;
        var thrift = new CompactThrift(footer);
        thrift.Check(ThriftShape.FileMetaData);
        if (thrift.Rest > 0)
        {
            throw new InvalidDataException("Its footer is damaged.");
        }
    }

    /// <summary>Checks that the counts which Parquet says several times agree.</summary>
    /// <param name="metadata">The footer.</param>
    /// <param name="columnCount">Columns of the schema.</param>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public static void Counts(FileMetaData metadata, int columnCount)
    {
        var rows = 0L;
        foreach (var group in metadata.RowGroups)
        {
            if (group.NumRows < 0 || group.Columns.Count != columnCount)
            {
                throw new InvalidDataException("A row group does not hold the columns of the schema.");
            }

            rows = checked(rows + group.NumRows);
        }

        if (rows != metadata.NumRows)
        {
            throw new InvalidDataException($"Its row groups hold {rows} rows, its footer counts {metadata.NumRows}.");
        }
    }

    /// <summary>Memory that the mapped columns of a row group may take: 256 MB, and four times the file. A few bytes can stand for billions of values.</summary>
    /// <param name="fileBytes">Size of the file.</param>
    public static long MemoryLimit(long fileBytes) => (256L << 20) + (4 * fileBytes);

    /// <summary>Checks the pages of one column of a row group.</summary>
    /// <param name="file">The file; its position is changed.</param>
    /// <param name="chunk">What the footer says of the column.</param>
    /// <returns>Memory that reading it takes, estimated, in bytes.</returns>
    /// <exception cref="InvalidDataException">A page that does not fit.</exception>
    public static long Pages(Stream file, ColumnMetaData chunk)
    {
        ParquetPayload.RequireKnown(chunk.Codec);
        var memory = 0L;
        var at = Math.Min(chunk.DataPageOffset, chunk.DictionaryPageOffset is > 0 and { } dictionary ? dictionary : long.MaxValue);
        var buffer = new byte[LongestPageHeaderBytes];
        var values = 0L;
        while (values < chunk.NumValues)
        {
            if (at < 4 || at >= file.Length - TrailerBytes)
            {
                throw new InvalidDataException("A column's pages lie outside the file.");
            }

            var page = ReadHeader(file, at, buffer);
            if (page.SizeBytes < 0 || page.FullBytes < 0 || page.Values < 0 || !Fits(chunk.Type, page.Encoding))
            {
                throw new InvalidDataException($"A page's encoding {page.Encoding} does not fit its column's type {chunk.Type}.");
            }

            CheckPayload(file, at, page, chunk.Codec);
            values += page.IsDictionary ? 0 : page.Values;
            at += page.HeaderBytes + page.SizeBytes;
            memory += page.FullBytes + ((long)page.Values * BytesPerValue);
        }

        if (values != chunk.NumValues)
        {
            throw new InvalidDataException($"A column's pages hold {values} values, its footer counts {chunk.NumValues}.");
        }

        return memory;
    }

    // Parquet.Net takes whatever a page decodes to, and fills up with what lies in memory.
    private static void CheckPayload(Stream file, long at, Page page, CompressionCodec codec)
    {
        if (page.SizeBytes > file.Length - at - page.HeaderBytes)
        {
            throw new InvalidDataException("A column's pages lie outside the file.");
        }

        var payload = ArrayPool<byte>.Shared.Rent(page.SizeBytes);
        try
        {
            file.Position = at + page.HeaderBytes;
            file.ReadExactly(payload, 0, page.SizeBytes);
            var data = payload.AsSpan(0, page.SizeBytes);
            if (page.Crc is { } crc && Crc32.Append(0, data) != crc)
            {
                throw new InvalidDataException($"The page at byte {at} has the checksum {Crc32.Append(0, data):x8}, its header says {crc:x8}.");
            }

            if (page.LevelBytes < 0 || page.LevelBytes > page.SizeBytes || page.LevelBytes > page.FullBytes)
            {
                throw new InvalidDataException($"The page at byte {at} would have {page.LevelBytes} bytes of levels.");
            }

            var codecOfPage = page.IsPlain ? CompressionCodec.UNCOMPRESSED : codec;
            var decoded = ParquetPayload.DecodedLength(codecOfPage, data[page.LevelBytes..], page.FullBytes - page.LevelBytes);
            if (decoded != page.FullBytes - page.LevelBytes)
            {
                throw new InvalidDataException($"The page at byte {at} decodes to {decoded + page.LevelBytes} bytes, its header says {page.FullBytes}.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    // Headers are short, but for statistics of long texts; a file may hold millions.
    private static Page ReadHeader(Stream file, long at, byte[] buffer)
    {
        file.Position = at;
        var read = file.ReadAtLeast(buffer.AsSpan(0, UsualPageHeaderBytes), UsualPageHeaderBytes, throwOnEndOfStream: false);
        try
        {
            return ReadHeader(buffer.AsSpan(0, read));
        }
        catch (InvalidDataException) when (read == UsualPageHeaderBytes)
        {
            read += file.ReadAtLeast(buffer.AsSpan(read), buffer.Length - read, throwOnEndOfStream: false);
            return ReadHeader(buffer.AsSpan(0, read));
        }
    }

    private static Page ReadHeader(ReadOnlySpan<byte> data)
    {
        new CompactThrift(data).Check(ThriftShape.PageHeader);
        var thrift = new CompactThrift(data);
        var page = new Page { Encoding = Encoding.PLAIN };
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            // The numbers of parquet.thrift's PageHeader: 2 is uncompressed_page_size, 3 compressed_page_size, 4 crc; 5, 7 and 8 the headers of data pages, dictionaries, and data pages of version 2.
            if (id is 2 or 3 && type == CompactThrift.Int32)
            {
                var size = thrift.Integer();
                (page.FullBytes, page.SizeBytes) = id == 2 ? (size, page.SizeBytes) : (page.FullBytes, size);
            }
            else if (id == 4 && type == CompactThrift.Int32)
            {
                page.Crc = unchecked((uint)thrift.Integer());
            }
            else if (id is 5 or 7 or 8 && type == CompactThrift.Struct)
            {
                page.IsDictionary = id == 7;
                ReadKind(ref thrift, ref page, isVersion2: id == 8);
            }
            else
            {
                thrift.Skip(type);
            }
        }

        page.HeaderBytes = data.Length - thrift.Rest;
        return page;
    }

    private static void ReadKind(ref CompactThrift thrift, ref Page page, bool isVersion2)
    {
        var encodingId = isVersion2 ? 4 : 2;
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            if (id == 1 && type == CompactThrift.Int32)
            {
                page.Values = thrift.Integer();
            }
            else if (id == encodingId && type == CompactThrift.Int32)
            {
                page.Encoding = (Encoding)thrift.Integer();
            }
            else if (isVersion2 && (id is 5 or 6) && type == CompactThrift.Int32)
            {
                // Levels stand before the values, never compressed.
                page.LevelBytes = checked(page.LevelBytes + thrift.Integer());
            }
            else if (isVersion2 && id == 7 && (type is CompactThrift.True or CompactThrift.False))
            {
                page.IsPlain = type == CompactThrift.False;
            }
            else
            {
                thrift.Skip(type);
            }
        }
    }

    /// <summary>Encodings that the Parquet format allows for a type (its <c>Encodings.md</c>).</summary>
    private static bool Fits(PhysicalType type, Encoding encoding) => encoding switch
    {
        Encoding.PLAIN or Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY => true,
        Encoding.RLE => type == PhysicalType.BOOLEAN,
        Encoding.DELTA_BINARY_PACKED => type is PhysicalType.INT32 or PhysicalType.INT64,
        Encoding.DELTA_LENGTH_BYTE_ARRAY => type == PhysicalType.BYTE_ARRAY,
        Encoding.DELTA_BYTE_ARRAY => type is PhysicalType.BYTE_ARRAY or PhysicalType.FIXED_LEN_BYTE_ARRAY,
        Encoding.BYTE_STREAM_SPLIT => type is PhysicalType.FLOAT or PhysicalType.DOUBLE or PhysicalType.INT32 or PhysicalType.INT64 or PhysicalType.FIXED_LEN_BYTE_ARRAY,
        _ => false,
    };

    private ref struct Page
    {
        public int HeaderBytes;
        public int FullBytes;
        public int SizeBytes;
        public int Values;
        public int LevelBytes;
        public uint? Crc;
        public bool IsPlain;
        public bool IsDictionary;
        public Encoding Encoding;
    }
}

using System.Buffers.Binary;
using Parquet.Meta;
using PhysicalType = Parquet.Meta.Type;

namespace Sisa.Readers.Formats;

/// <summary>Looks for damage in a Parquet file's structure before Parquet.Net meets it.</summary>
/// <remarks>Parquet.Net 6.1.0 reads on for ever where the footer does not end, makes rows out of nothing where counts are wrong, and overwrites memory where a
/// page's encoding does not fit its column's type; one damaged byte is enough for each. What lies inside the pages is left to it.</remarks>
internal static class ParquetCheck
{
    private const int TrailerBytes = 8;
    private const int LongestPageHeaderBytes = 64 * 1024;

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
        thrift.SkipStruct();
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

    /// <summary>Checks the pages of one column of a row group.</summary>
    /// <param name="file">The file; its position is changed.</param>
    /// <param name="chunk">What the footer says of the column.</param>
    /// <exception cref="InvalidDataException">A page that does not fit.</exception>
    public static void Pages(Stream file, ColumnMetaData chunk)
    {
        var at = Math.Min(chunk.DataPageOffset, chunk.DictionaryPageOffset is > 0 and { } dictionary ? dictionary : long.MaxValue);
        var buffer = new byte[LongestPageHeaderBytes];
        var values = 0L;
        while (values < chunk.NumValues)
        {
            if (at < 4 || at >= file.Length - TrailerBytes)
            {
                throw new InvalidDataException("A column's pages lie outside the file.");
            }

            file.Position = at;
            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var page = ReadHeader(buffer.AsSpan(0, read));
            if (page.SizeBytes < 0 || page.Values < 0 || !Fits(chunk.Type, page.Encoding))
            {
                throw new InvalidDataException($"A page's encoding {page.Encoding} does not fit its column's type {chunk.Type}.");
            }

            values += page.IsDictionary ? 0 : page.Values;
            at += page.HeaderBytes + page.SizeBytes;
        }

        if (values != chunk.NumValues)
        {
            throw new InvalidDataException($"A column's pages hold {values} values, its footer counts {chunk.NumValues}.");
        }
    }

    private static Page ReadHeader(ReadOnlySpan<byte> data)
    {
        var thrift = new CompactThrift(data);
        var page = new Page { Encoding = Encoding.PLAIN };
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            // The numbers of parquet.thrift's PageHeader: 3 is compressed_page_size; 5, 7 and 8 the headers of data pages, dictionaries, and data pages of version 2.
            if (id == 3 && type == CompactThrift.Int32)
            {
                page.SizeBytes = thrift.Integer();
            }
            else if (id is 5 or 7 or 8 && type == CompactThrift.Struct)
            {
                page.IsDictionary = id == 7;
                ReadKind(ref thrift, ref page, encodingId: id == 8 ? 4 : 2);
            }
            else
            {
                thrift.Skip(type);
            }
        }

        page.HeaderBytes = data.Length - thrift.Rest;
        return page;
    }

    private static void ReadKind(ref CompactThrift thrift, ref Page page, int encodingId)
    {
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
        public int SizeBytes;
        public int Values;
        public bool IsDictionary;
        public Encoding Encoding;
    }
}

using System.Runtime.InteropServices;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>The footer's description of a column in one row group.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct ParquetChunk
{
    /// <summary>How its values are stored.</summary>
    public ParquetPhysical Physical { get; private set; }

    /// <summary>Number of its codec.</summary>
    public int Codec { get; private set; }

    /// <summary>Number of its values, nulls included.</summary>
    public long ValueCount { get; private set; }

    /// <summary>Bytes of its pages in the file.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Where its pages begin: with the dictionary, if there is one.</summary>
    public readonly long Start => _dictionaryStart > 0 ? Math.Min(_dataStart, _dictionaryStart) : _dataStart;

    /// <summary>The bytes that declare it.</summary>
    public ReadOnlyMemory<byte> Raw { get; private set; }

    /// <summary>The reason why it cannot be read, as the rest of a sentence about the column; <see langword="null"/> if it can.</summary>
    public string? Problem { get; private set; }

    private long _dataStart;
    private long _dictionaryStart;

    /// <summary>Reads a chunk; the numbers are those of <c>ColumnChunk</c> in <c>parquet.thrift</c>.</summary>
    /// <param name="footer">The footer.</param>
    /// <param name="thrift">Where the chunk begins; moved behind it.</param>
    public static ParquetChunk Read(ReadOnlyMemory<byte> footer, ref CompactThrift thrift)
    {
        var chunk = default(ParquetChunk);
        var start = footer.Length - thrift.Rest;
        var id = 0;
        var hasMetadata = false;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    chunk.Problem ??= thrift.Bytes().IsEmpty ? null : "has its values in another file";
                    break;
                case 3:
                    hasMetadata = true;
                    chunk.ReadMetadata(ref thrift);
                    break;
                case 8 or 9:
                    chunk.Problem ??= "is encrypted";
                    thrift.Skip(type);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        chunk.Problem ??= hasMetadata ? null : "has no metadata";
        chunk.Raw = footer[start..^thrift.Rest];
        return chunk;
    }

    // The numbers of ColumnMetaData: 1 is the type, 2 the encodings, 4 the codec, 5 num_values, 7 total_compressed_size, 9 data_page_offset, 11 dictionary_page_offset.
    private void ReadMetadata(ref CompactThrift thrift)
    {
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    Physical = (ParquetPhysical)thrift.Integer();
                    break;
                case 2:
                    ReadEncodings(ref thrift);
                    break;
                case 4:
                    Codec = thrift.Integer();
                    Problem ??= ParquetFormat.CanDecompress(Codec) ? null : $"is compressed with {ParquetFormat.NameOfCodec(Codec)} (readable: {ParquetFormat.ReadableCodecs})";
                    break;
                case 5:
                    ValueCount = thrift.Long();
                    break;
                case 7:
                    SizeBytes = thrift.Long();
                    break;
                case 9:
                    _dataStart = thrift.Long();
                    break;
                case 11:
                    _dictionaryStart = thrift.Long();
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }
    }

    private void ReadEncodings(ref CompactThrift thrift)
    {
        for (var count = thrift.ListLength(); count > 0; count--)
        {
            var encoding = (ParquetEncoding)thrift.Integer();
            Problem ??= Enum.IsDefined(encoding) ? null : $"is encoded with {ParquetFormat.NameOf(encoding)}, which this version does not read";
        }
    }
}

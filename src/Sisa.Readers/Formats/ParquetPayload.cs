using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Parquet.Meta;

namespace Sisa.Readers.Formats;

/// <summary>How many bytes a compressed page of Parquet decodes to.</summary>
/// <remarks>Formats: <c>Compression.md</c> of Apache Parquet, and those it names. A page whose length differs from what its header says is damaged, or written in another framing.</remarks>
internal static class ParquetPayload
{
    private const int ChunkBytes = 64 * 1024;
    private const string Rewrite = "Write the file anew with zstd or snappy, such as with pyarrow.parquet.write_table(table, path, compression='zstd').";

    /// <summary>Refuses codecs that cannot be read with certainty.</summary>
    /// <param name="codec">A column's codec.</param>
    /// <exception cref="CorpusException">The codec is one of them.</exception>
    public static void RequireKnown(CompressionCodec codec)
    {
        if (codec is CompressionCodec.LZ4)
        {
            throw new CorpusException("The file is compressed with LZ4 in its deprecated form (codec 5), which writers frame in several ways.", Rewrite);
        }

        if (codec is not (CompressionCodec.UNCOMPRESSED or CompressionCodec.SNAPPY or CompressionCodec.GZIP or CompressionCodec.BROTLI or CompressionCodec.ZSTD or CompressionCodec.LZ4_RAW))
        {
            throw new CorpusException($"The file is compressed with {(Enum.IsDefined(codec) ? codec.ToString() : $"the unknown codec {(int)codec}")}; allowed: none, SNAPPY, GZIP, BROTLI, ZSTD, LZ4_RAW.", Rewrite);
        }
    }

    /// <summary>Bytes that a page decodes to.</summary>
    /// <param name="codec">A codec that is known.</param>
    /// <param name="data">The page.</param>
    /// <param name="expected">Bytes that its header says.</param>
    /// <returns>The length; any other than <paramref name="expected"/> where the page decodes to more.</returns>
    /// <exception cref="InvalidDataException">It does not decode.</exception>
    public static long DecodedLength(CompressionCodec codec, ReadOnlySpan<byte> data, int expected) => codec switch
    {
        // Writers leave a page without values empty, whatever the codec.
        _ when data.IsEmpty => 0,
        CompressionCodec.SNAPPY => SnappyLength(data),
        CompressionCodec.GZIP => StreamLength(data, expected),
        CompressionCodec.BROTLI => BrotliLength(data, expected),
        CompressionCodec.LZ4_RAW => Lz4Length(data, expected),
        CompressionCodec.ZSTD => ZstdLength(data, expected),
        _ => data.Length,
    };

    // A page begins with its decoded length; a decoder of Snappy ends with exactly that many bytes or an error.
    private static long SnappyLength(ReadOnlySpan<byte> data)
    {
        var length = 0L;
        for (var i = 0; i < Math.Min(5, data.Length); i++)
        {
            length |= (long)(data[i] & 0x7F) << (7 * i);
            if (data[i] < 0x80)
            {
                return length;
            }
        }

        throw new InvalidDataException("A page is not Snappy.");
    }

    private static long StreamLength(ReadOnlySpan<byte> data, int expected)
    {
        using var input = new MemoryStream(data.ToArray());
        using var stream = new GZipStream(input, CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var (length, crc) = (0L, 0u);
            for (int read; length <= expected && (read = stream.Read(buffer, 0, buffer.Length)) > 0; length += read)
            {
                crc = Crc32.Append(crc, buffer.AsSpan(0, read));
            }

            // .NET takes a stream that is cut off for a whole one, and compares no checksum.
            return length == expected && (data.Length < 8 || BinaryPrimitives.ReadUInt32LittleEndian(data[^8..]) != crc) ? throw new InvalidDataException("A page's gzip checksum is another one.") : length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long BrotliLength(ReadOnlySpan<byte> data, int expected)
    {
        using var decoder = new BrotliDecoder();
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var length = 0L;
            var status = OperationStatus.DestinationTooSmall;
            while (length <= expected && status == OperationStatus.DestinationTooSmall)
            {
                status = decoder.Decompress(data, buffer, out var consumed, out var written);
                data = data[consumed..];
                length += written;
            }

            return status is OperationStatus.Done || length > expected ? length : throw new InvalidDataException("A page is not Brotli.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // LZ4 block format: a token with the lengths of literals and of a match, each continued by bytes of 255; the last sequence has literals alone.
    private static long Lz4Length(ReadOnlySpan<byte> data, int expected)
    {
        var (length, at) = (0L, 0);
        while (at < data.Length && length <= expected)
        {
            var token = data[at++];
            var literals = Lz4Count(data, ref at, token >> 4);
            if (literals > data.Length - at)
            {
                throw new InvalidDataException("A page is not LZ4: it ends within its literals.");
            }

            (length, at) = (length + literals, at + (int)literals);
            if (at == data.Length)
            {
                return length;
            }

            if (data.Length - at < 2 || BinaryPrimitives.ReadUInt16LittleEndian(data[at..]) is var offset && (offset == 0 || offset > length))
            {
                throw new InvalidDataException("A page is not LZ4: it refers to bytes before its beginning.");
            }

            at += 2;
            length += Lz4Count(data, ref at, token & 0xF) + 4;
        }

        return length;
    }

    private static long Lz4Count(ReadOnlySpan<byte> data, ref int at, int first)
    {
        long count = first;
        for (var more = first == 15; more;)
        {
            if (at >= data.Length)
            {
                throw new InvalidDataException("A page is not LZ4: it ends within a length.");
            }

            more = data[at] == 255;
            count += data[at++];
        }

        return count;
    }

    // A frame may say its content's size (RFC 8878, section 3.1.1.1); one that does not is decoded by the library alone.
    private static long ZstdLength(ReadOnlySpan<byte> data, int expected)
    {
        if (data.Length < 6 || BinaryPrimitives.ReadUInt32LittleEndian(data) != 0xFD2F_B528)
        {
            throw new InvalidDataException("A page is not Zstandard.");
        }

        var descriptor = data[4];
        var isSingle = (descriptor & 0x20) != 0;
        var at = 5 + (isSingle ? 0 : 1) + new[] { 0, 1, 2, 4 }[descriptor & 3];
        var bytes = (descriptor >> 6) switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        if (data.Length < at + bytes)
        {
            throw new InvalidDataException("A page is not Zstandard: it ends within its header.");
        }

        return bytes switch
        {
            0 => expected,
            1 => data[at],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]) + 256,
            4 => BinaryPrimitives.ReadUInt32LittleEndian(data[at..]),
            _ => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(data[at..]), long.MaxValue),
        };
    }
}

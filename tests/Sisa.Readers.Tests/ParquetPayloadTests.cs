using System.IO.Compression;
using Parquet.Meta;
using Sisa.Readers.Formats;

namespace Sisa.Readers.Tests;

public sealed class ParquetPayloadTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i % 7))];

    [Theory]
    [InlineData(CompressionCodec.LZ4)]
    [InlineData(CompressionCodec.LZO)]
    [InlineData((CompressionCodec)99)]
    public void A_codec_that_cannot_be_read_with_certainty_is_refused(CompressionCodec codec) =>
        Assert.Contains("zstd", Assert.Throws<CorpusException>(() => ParquetPayload.RequireKnown(codec)).Hint, StringComparison.Ordinal);

    [Fact]
    public void A_page_decodes_to_as_many_bytes_as_were_written()
    {
        Assert.Equal(Content.Length, ParquetPayload.DecodedLength(CompressionCodec.GZIP, Gzip(), Content.Length));
        Assert.Equal(Content.Length, ParquetPayload.DecodedLength(CompressionCodec.BROTLI, Brotli(), Content.Length));
        Assert.NotEqual(Content.Length + 8, ParquetPayload.DecodedLength(CompressionCodec.GZIP, Gzip(), Content.Length + 8));
        Assert.NotEqual(Content.Length + 8, ParquetPayload.DecodedLength(CompressionCodec.BROTLI, Brotli(), Content.Length + 8));
    }

    [Fact]
    public void A_gzip_page_with_another_checksum_is_refused()
    {
        var page = Gzip();
        page[^8] ^= 1;

        Assert.Throws<InvalidDataException>(() => ParquetPayload.DecodedLength(CompressionCodec.GZIP, page, Content.Length));
    }

    // Two literals, then a match of eight bytes, then three literals.
    [Fact]
    public void The_length_of_an_lz4_block_is_that_of_its_sequences()
    {
        byte[] block = [0x24, 1, 2, 2, 0, 0x30, 7, 8, 9];

        Assert.Equal(13, ParquetPayload.DecodedLength(CompressionCodec.LZ4_RAW, block, 13));
        Assert.NotEqual(16, ParquetPayload.DecodedLength(CompressionCodec.LZ4_RAW, block, 16));
        Assert.Throws<InvalidDataException>(() => ParquetPayload.DecodedLength(CompressionCodec.LZ4_RAW, block.AsSpan(0, 7), 13));
    }

    private static byte[] Gzip() => Compressed(stream => new GZipStream(stream, CompressionMode.Compress, leaveOpen: true));

    private static byte[] Brotli() => Compressed(stream => new BrotliStream(stream, CompressionMode.Compress, leaveOpen: true));

    private static byte[] Compressed(Func<Stream, Stream> open)
    {
        using var target = new MemoryStream();
        using (var stream = open(target))
        {
            stream.Write(Content);
        }

        return target.ToArray();
    }
}

using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;

namespace Sisa.Readers.Tests;

/// <summary>How a file is written.</summary>
/// <param name="Encoding">Name of the encoding, such as <c>DeltaByteArray</c>; <c>Dictionary</c>, or <c>DictionaryThenPlain</c> for dictionaries that grow too large.</param>
/// <param name="Codec">The codec.</param>
/// <param name="IsVersion2">Whether data pages are of version 2.</param>
/// <param name="HasChecksums">Whether pages have checksums.</param>
public sealed record ParquetManner(string Encoding, Compression Codec, bool IsVersion2, bool HasChecksums)
{
    private static readonly string[] _encodings = ["Plain", "Dictionary", "DictionaryThenPlain", "DeltaBinaryPacked", "DeltaLengthByteArray", "DeltaByteArray", "ByteStreamSplit", "Rle"];
    private static readonly Compression[] _codecs = [Compression.Uncompressed, Compression.Snappy, Compression.Gzip, Compression.Brotli, Compression.Zstd, Compression.Lz4, Compression.Lz4Hadoop];

    /// <summary>Every manner.</summary>
    public static IEnumerable<ParquetManner> All() =>
        from encoding in _encodings
        from codec in _codecs
        from isVersion2 in new[] { false, true }
        from hasChecksums in new[] { false, true }
        select new ParquetManner(encoding, codec, isVersion2, hasChecksums);

    /// <summary>Whether the format allows the encoding for a type.</summary>
    internal bool Takes(PhysicalType type) => Encoding switch
    {
        "Plain" => true,
        "Dictionary" or "DictionaryThenPlain" => type != PhysicalType.Boolean,
        "DeltaBinaryPacked" => type is PhysicalType.Int32 or PhysicalType.Int64,
        "DeltaLengthByteArray" => type == PhysicalType.ByteArray,
        "DeltaByteArray" => type is PhysicalType.ByteArray or PhysicalType.FixedLenByteArray,
        "ByteStreamSplit" => type is not (PhysicalType.Boolean or PhysicalType.ByteArray or PhysicalType.Int96),
        _ => type == PhysicalType.Boolean,
    };

    /// <summary>A file of two row groups, each with small pages.</summary>
    /// <param name="columns">Its columns.</param>
    /// <param name="pageBytes">Bytes at which a page ends.</param>
    internal byte[] Write(IReadOnlyList<ParquetSample> columns, int pageBytes = 400)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Codec).DataPagesize(pageBytes).WriteBatchSize(20).Version(ParquetVersion.PARQUET_2_6).DataPageVersion(IsVersion2 ? ParquetDataPageVersion.V2 : ParquetDataPageVersion.V1);
        _ = HasChecksums ? builder.EnablePageChecksum() : builder.DisablePageChecksum();
        _ = Encoding switch
        {
            "Dictionary" => builder.EnableDictionary(),
            "DictionaryThenPlain" => builder.EnableDictionary().DictionaryPagesizeLimit(200),
            _ => builder.DisableDictionary().Encoding(Enum.Parse<Encoding>(Encoding)),
        };
        using var properties = builder.Build();
        using var schema = new GroupNode("schema", Repetition.Required, [.. columns.Select(column => column.Node())]);
        using var stream = new MemoryStream();
        using (var output = new ManagedOutputStream(stream, leaveOpen: true))
        {
            using var writer = new ParquetFileWriter(output, schema, properties);
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.AppendRowGroup();
                foreach (var column in columns)
                {
                    using var cells = rows.NextColumn();
                    column.Write(cells);
                }
            }

            writer.Close();
        }

        return stream.ToArray();
    }
}

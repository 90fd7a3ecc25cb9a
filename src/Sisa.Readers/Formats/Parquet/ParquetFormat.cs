namespace Sisa.Readers.Formats.Parquet;

/// <summary>How a value is stored; the numbers of <c>parquet.thrift</c>.</summary>
internal enum ParquetPhysical
{
    /// <summary>BOOLEAN.</summary>
    Boolean,

    /// <summary>INT32.</summary>
    Int32,

    /// <summary>INT64.</summary>
    Int64,

    /// <summary>INT96: nanoseconds of a day and a Julian day.</summary>
    Int96,

    /// <summary>FLOAT.</summary>
    Float,

    /// <summary>DOUBLE.</summary>
    Double,

    /// <summary>BYTE_ARRAY.</summary>
    ByteArray,

    /// <summary>FIXED_LEN_BYTE_ARRAY.</summary>
    FixedLenByteArray,
}

/// <summary>Encodings of the values of a page; the numbers of <c>parquet.thrift</c>.</summary>
internal enum ParquetEncoding
{
    /// <summary>PLAIN.</summary>
    Plain = 0,

    /// <summary>PLAIN_DICTIONARY.</summary>
    PlainDictionary = 2,

    /// <summary>RLE.</summary>
    Rle = 3,

    /// <summary>BIT_PACKED; only for levels.</summary>
    BitPacked = 4,

    /// <summary>DELTA_BINARY_PACKED.</summary>
    DeltaBinaryPacked = 5,

    /// <summary>DELTA_LENGTH_BYTE_ARRAY.</summary>
    DeltaLengthByteArray = 6,

    /// <summary>DELTA_BYTE_ARRAY.</summary>
    DeltaByteArray = 7,

    /// <summary>RLE_DICTIONARY.</summary>
    RleDictionary = 8,

    /// <summary>BYTE_STREAM_SPLIT.</summary>
    ByteStreamSplit = 9,
}

/// <summary>The names that the Parquet format has for its numbers, and what of them can be read.</summary>
/// <remarks>Specification: <c>parquet.thrift</c> and <c>Encodings.md</c> of Apache Parquet.</remarks>
internal static class ParquetFormat
{
    /// <summary>The codec of pages that are not compressed.</summary>
    public const int Uncompressed = 0;

    private static readonly string[] _physicals = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"];
    private static readonly string[] _codecs = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"];

    private static readonly string[] _encodings =
    [
        "PLAIN", "GROUP_VAR_INT", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT",
    ];

    /// <summary>Codecs that can be read, for messages.</summary>
    public static string ReadableCodecs => "none, SNAPPY, GZIP, BROTLI, ZSTD, LZ4, LZ4_RAW";

    /// <summary>Name of a physical type.</summary>
    /// <param name="physical">The type.</param>
    public static string NameOf(ParquetPhysical physical) => Name(_physicals, (int)physical);

    /// <summary>Name of a codec.</summary>
    /// <param name="codec">Its number.</param>
    public static string NameOfCodec(int codec) => Name(_codecs, codec);

    /// <summary>Name of an encoding.</summary>
    /// <param name="encoding">The encoding.</param>
    public static string NameOf(ParquetEncoding encoding) => Name(_encodings, (int)encoding);

    /// <summary>Whether pages of a codec can be read.</summary>
    /// <param name="codec">Its number.</param>
    public static bool CanDecompress(int codec) => codec is >= 0 and < 8 and not 3;

    /// <summary>Whether the format allows an encoding for values of a type.</summary>
    /// <param name="physical">The type.</param>
    /// <param name="encoding">The encoding.</param>
    public static bool Fits(ParquetPhysical physical, ParquetEncoding encoding) => encoding switch
    {
        ParquetEncoding.Plain or ParquetEncoding.PlainDictionary or ParquetEncoding.RleDictionary => true,
        ParquetEncoding.Rle => physical == ParquetPhysical.Boolean,
        ParquetEncoding.DeltaBinaryPacked => physical is ParquetPhysical.Int32 or ParquetPhysical.Int64,
        ParquetEncoding.DeltaLengthByteArray => physical == ParquetPhysical.ByteArray,
        ParquetEncoding.DeltaByteArray => physical is ParquetPhysical.ByteArray or ParquetPhysical.FixedLenByteArray,
        ParquetEncoding.ByteStreamSplit => physical is ParquetPhysical.Float or ParquetPhysical.Double or ParquetPhysical.Int32 or ParquetPhysical.Int64 or ParquetPhysical.FixedLenByteArray,
        _ => false,
    };

    private static string Name(string[] names, int number) => number >= 0 && number < names.Length ? names[number] : $"number {number}";
}

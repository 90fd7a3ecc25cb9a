namespace Sisa.Readers.Formats.Parquet;

/// <summary>The meaning of a value.</summary>
internal enum ParquetMeaning
{
    /// <summary>The stored value itself; bytes are UTF-8.</summary>
    Plain,

    /// <summary>An integer without a sign.</summary>
    Unsigned,

    /// <summary>An integer, or big-endian bytes of one, divided by a power of ten.</summary>
    Decimal,

    /// <summary>Days since 1970.</summary>
    Date,

    /// <summary>Units since 1970, in UTC.</summary>
    Instant,

    /// <summary>Units since 1970 on a clock whose time zone is not said.</summary>
    LocalTime,

    /// <summary>A UUID.</summary>
    Uuid,

    /// <summary>A number of 16 bits, IEEE 754.</summary>
    Half,

    /// <summary>A meaning that this version cannot read.</summary>
    Unknown,
}

/// <summary>Type of a column's values.</summary>
/// <param name="Physical">How they are stored.</param>
/// <param name="LengthBytes">Bytes of each, where all are as long.</param>
/// <param name="Meaning">Their meaning.</param>
/// <param name="Name">Name for messages, such as <c>DECIMAL on INT32</c>.</param>
internal sealed record ParquetType(ParquetPhysical Physical, int LengthBytes, ParquetMeaning Meaning, string Name)
{
    private static readonly string[] _logical =
    [
        "", "STRING", "MAP", "LIST", "ENUM", "DECIMAL", "DATE", "TIME", "TIMESTAMP", "INTERVAL", "INTEGER", "NULL", "JSON", "BSON", "UUID", "FLOAT16", "VARIANT", "GEOMETRY", "GEOGRAPHY",
    ];

    private static readonly string[] _converted =
    [
        "STRING", "MAP", "MAP_KEY_VALUE", "LIST", "ENUM", "DECIMAL", "DATE", "TIME", "TIME", "TIMESTAMP", "TIMESTAMP",
        "INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", "JSON", "BSON", "INTERVAL",
    ];

    private bool _isText;

    /// <summary>Digits behind the point of a decimal number.</summary>
    public int Scale { get; private init; }

    /// <summary>Whether values are bytes that nothing declares to be text.</summary>
    public bool IsBytes => Meaning == ParquetMeaning.Plain && !_isText && (Physical is ParquetPhysical.ByteArray or ParquetPhysical.FixedLenByteArray);

    /// <summary>Units of a timestamp in a second.</summary>
    public long UnitsPerSecond { get; private init; } = 1_000;

    /// <summary>The type that a leaf of the schema declares.</summary>
    /// <param name="element">The leaf.</param>
    public static ParquetType Of(ParquetElement element)
    {
        var physical = element.Physical ?? throw new MalformedException($"Column '{element.Name}' has no type.");
        var stored = ParquetFormat.NameOf(physical) + (physical == ParquetPhysical.FixedLenByteArray ? $"({element.LengthBytes})" : string.Empty);
        var annotation = element.Logical > 0 ? NameIn(_logical, element.Logical) : element.Converted >= 0 ? NameIn(_converted, element.Converted) : string.Empty;
        var meaning = element.Physical > ParquetPhysical.FixedLenByteArray || (physical == ParquetPhysical.FixedLenByteArray && element.LengthBytes <= 0)
            ? ParquetMeaning.Unknown
            : MeaningOf(annotation, physical, element);
        return new ParquetType(physical, element.LengthBytes, meaning, annotation.Length == 0 ? stored : $"{annotation} on {stored}")
        {
            _isText = annotation is "STRING" or "ENUM" or "JSON",
            Scale = element.Scale,
            UnitsPerSecond = element.Unit switch { 2 => 1_000_000, 3 => 1_000_000_000, _ => 1_000 },
        };
    }

    private static ParquetMeaning MeaningOf(string annotation, ParquetPhysical physical, ParquetElement element)
    {
        var isInteger = physical is ParquetPhysical.Int32 or ParquetPhysical.Int64;
        var isBytes = physical is ParquetPhysical.ByteArray or ParquetPhysical.FixedLenByteArray;
        return annotation switch
        {
            "" or "NULL" => ParquetMeaning.Plain,
            "STRING" or "ENUM" or "JSON" or "BSON" when isBytes => ParquetMeaning.Plain,
            "INTEGER" when isInteger => element.IsUnsigned ? ParquetMeaning.Unsigned : ParquetMeaning.Plain,
            "DECIMAL" when (isInteger || isBytes) && element.Scale is >= 0 and <= ParquetText.MaxDigits => ParquetMeaning.Decimal,
            "DATE" when physical == ParquetPhysical.Int32 => ParquetMeaning.Date,
            "TIME" when isInteger => ParquetMeaning.Plain,
            "TIMESTAMP" when physical == ParquetPhysical.Int64 && element.Unit is >= 1 and <= 3 => element.IsUtc ? ParquetMeaning.Instant : ParquetMeaning.LocalTime,
            "UUID" when physical == ParquetPhysical.FixedLenByteArray && element.LengthBytes == 16 => ParquetMeaning.Uuid,
            "FLOAT16" when physical == ParquetPhysical.FixedLenByteArray && element.LengthBytes == 2 => ParquetMeaning.Half,
            _ => ParquetMeaning.Unknown,
        };
    }

    private static string NameIn(string[] names, int number) => number < names.Length ? names[number] : $"an annotation unknown to this version ({number})";
}

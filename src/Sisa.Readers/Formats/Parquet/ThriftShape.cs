namespace Sisa.Readers.Formats.Parquet;

/// <summary>A field of a Thrift structure.</summary>
/// <param name="Type">Its type in the compact protocol; see <see cref="CompactThrift"/>.</param>
/// <param name="Shape">Shape of the structure, or of its elements.</param>
/// <param name="Element">Type of its elements, where it is a list.</param>
internal sealed record ThriftField(int Type, ThriftShape? Shape = null, int Element = 0);

/// <summary>Which fields a structure of <c>parquet.thrift</c> has, by number, and of which type each is.</summary>
/// <remarks>Thrift's readers take a field by the number and the type that it says, and pass over what they do not know; a file whose types differ from these is damaged. What this
/// version does not know is passed over.</remarks>
internal sealed class ThriftShape
{
    private const int Bool = 1;
    private const int I8 = 3;
    private const int I16 = 4;
    private const int I32 = CompactThrift.Int32;
    private const int I64 = CompactThrift.Int64;
    private const int Double = 7;
    private const int Binary = CompactThrift.Binary;
    private const int List = CompactThrift.List;
    private const int Struct = CompactThrift.Struct;

    private readonly ThriftField?[] _fields;

    private ThriftShape(params ThriftField?[] fields) => _fields = fields;

    /// <summary>A structure of which no field is known.</summary>
    public static ThriftShape Empty { get; } = new();

    private static ThriftShape KeyValue { get; } = new(Of(Binary), Of(Binary));

    private static ThriftShape Statistics { get; } = new(Of(Binary), Of(Binary), Of(I64), Of(I64), Of(Binary), Of(Binary), Of(Bool), Of(Bool));

    private static ThriftShape Time { get; } = new(Of(Bool), Of(new ThriftShape(Of(Empty), Of(Empty), Of(Empty))));

    private static ThriftShape LogicalType { get; } = new(
        Of(Empty), Of(Empty), Of(Empty), Of(Empty), Of(new ThriftShape(Of(I32), Of(I32))), Of(Empty), Of(Time), Of(Time), null, Of(new ThriftShape(Of(I8), Of(Bool))), Of(Empty), Of(Empty), Of(Empty), Of(Empty), Of(Empty),
        Of(new ThriftShape(Of(I8))), Of(new ThriftShape(Of(Binary))), Of(new ThriftShape(Of(Binary), Of(I32))));

    private static ThriftShape SchemaElement { get; } = new(Of(I32), Of(I32), Of(I32), Of(Binary), Of(I32), Of(I32), Of(I32), Of(I32), Of(I32), Of(LogicalType));

    private static ThriftShape SizeStatistics { get; } = new(Of(I64), ListOf(I64), ListOf(I64));

    private static ThriftShape Geospatial { get; } = new(Of(new ThriftShape([.. Enumerable.Repeat(Of(Double), 8)])), ListOf(I32));

    private static ThriftShape ColumnMetaData { get; } = new(
        Of(I32), ListOf(I32), ListOf(Binary), Of(I32), Of(I64), Of(I64), Of(I64), ListOf(KeyValue), Of(I64), Of(I64), Of(I64), Of(Statistics), ListOf(new ThriftShape(Of(I32), Of(I32), Of(I32))), Of(I64), Of(I32), Of(SizeStatistics), Of(Geospatial));

    private static ThriftShape EncryptionWithColumnKey { get; } = new(Of(Empty), Of(new ThriftShape(ListOf(Binary), Of(Binary))));

    private static ThriftShape ColumnChunk { get; } = new(Of(Binary), Of(I64), Of(ColumnMetaData), Of(I64), Of(I32), Of(I64), Of(I32), Of(EncryptionWithColumnKey), Of(Binary));

    private static ThriftShape RowGroup { get; } = new(ListOf(ColumnChunk), Of(I64), Of(I64), ListOf(new ThriftShape(Of(I32), Of(Bool), Of(Bool))), Of(I64), Of(I64), Of(I16));

    private static ThriftShape EncryptionAlgorithm { get; } = new(Of(new ThriftShape(Of(Binary), Of(Binary), Of(Bool))), Of(new ThriftShape(Of(Binary), Of(Binary), Of(Bool))));

    /// <summary>The footer.</summary>
    public static ThriftShape FileMetaData { get; } = new(
        Of(I32), ListOf(SchemaElement), Of(I64), ListOf(RowGroup), ListOf(KeyValue), Of(Binary), ListOf(new ThriftShape(Of(Empty))), Of(EncryptionAlgorithm), Of(Binary));

    /// <summary>The header of a page.</summary>
    public static ThriftShape PageHeader { get; } = new(
        Of(I32), Of(I32), Of(I32), Of(I32), Of(new ThriftShape(Of(I32), Of(I32), Of(I32), Of(I32), Of(Statistics))), Of(Empty), Of(new ThriftShape(Of(I32), Of(I32), Of(Bool))),
        Of(new ThriftShape(Of(I32), Of(I32), Of(I32), Of(I32), Of(I32), Of(I32), Of(Bool), Of(Statistics))));

    /// <summary>The field of a number, or <see langword="null"/> if this version knows none.</summary>
    /// <param name="id">The number, from 1.</param>
    public ThriftField? this[int id] => id <= _fields.Length ? _fields[id - 1] : null;

    private static ThriftField Of(int type) => new(type);

    private static ThriftField Of(ThriftShape shape) => new(Struct, shape);

    private static ThriftField ListOf(int element) => new(List, null, element);

    private static ThriftField ListOf(ThriftShape shape) => new(List, shape, Struct);
}

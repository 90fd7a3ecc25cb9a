using System.Text;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>An element of a Parquet schema: a group, or a leaf with values.</summary>
/// <remarks>The numbers are those of <c>SchemaElement</c> and <c>LogicalType</c> in <c>parquet.thrift</c>.</remarks>
internal sealed record ParquetElement
{
    private const int Optional = 1;
    private const int Repeated = 2;

    /// <summary>Its name.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>How a leaf's values are stored; <see langword="null"/> for a group.</summary>
    public ParquetPhysical? Physical { get; private set; }

    /// <summary>Bytes of a value, where all are as long.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>Elements within a group.</summary>
    public int Children { get; private set; }

    /// <summary>Number of the logical type; 0 where none is said.</summary>
    public int Logical { get; private set; }

    /// <summary>Number of the converted type, which older writers have in its place; −1 where none is said.</summary>
    public int Converted { get; private set; } = -1;

    /// <summary>Digits behind the point of a decimal number.</summary>
    public int Scale { get; private set; }

    /// <summary>Whether an integer has no sign.</summary>
    public bool IsUnsigned { get; private set; }

    /// <summary>Whether a timestamp is in UTC.</summary>
    public bool IsUtc { get; private set; }

    /// <summary>Unit of a timestamp: 1 for milliseconds, 2 for microseconds, 3 for nanoseconds.</summary>
    public int Unit { get; private set; }

    /// <summary>The bytes that declare it.</summary>
    public ReadOnlyMemory<byte> Raw { get; private set; }

    /// <summary>Whether it may be absent.</summary>
    public bool IsOptional => _repetition == Optional;

    /// <summary>Whether it may be there several times.</summary>
    public bool IsRepeated => _repetition == Repeated;

    /// <summary>Whether it is a group that stands for a list.</summary>
    public bool IsList => Physical is null && (Logical == 3 || Converted == 3);

    private int _repetition;

    /// <summary>Reads an element.</summary>
    /// <param name="footer">The footer.</param>
    /// <param name="thrift">Where the element begins; moved behind it.</param>
    public static ParquetElement Read(ReadOnlyMemory<byte> footer, ref CompactThrift thrift)
    {
        var element = new ParquetElement();
        var start = footer.Length - thrift.Rest;
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    element.Physical = (ParquetPhysical)thrift.Integer();
                    break;
                case 2:
                    element.LengthBytes = thrift.Integer();
                    break;
                case 3:
                    element._repetition = thrift.Integer();
                    break;
                case 4:
                    element.Name = Encoding.UTF8.GetString(thrift.Bytes());
                    break;
                case 5:
                    element.Children = thrift.Integer();
                    break;
                case 6:
                    element.Converted = thrift.Integer();
                    break;
                case 7:
                    element.Scale = thrift.Integer();
                    break;
                case 10:
                    element.ReadLogical(ref thrift);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        element.Raw = footer[start..^thrift.Rest];
        if (element.Logical == 0)
        {
            element.Convert();
        }

        return element;
    }

    // Timestamps of the older annotation are in UTC (LogicalTypes.md of Apache Parquet).
    private void Convert()
    {
        IsUnsigned = Converted is >= 11 and <= 14;
        Unit = Converted switch { 7 or 9 => 1, 8 or 10 => 2, _ => 0 };
        IsUtc = Unit > 0;
    }

    private void ReadLogical(ref CompactThrift thrift)
    {
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            Logical = id;
            if (type == CompactThrift.Struct)
            {
                ReadParameters(ref thrift, id);
            }
            else
            {
                thrift.Skip(type);
            }
        }
    }

    // DECIMAL: 1 is the scale. TIME and TIMESTAMP: 1 says whether UTC, 2 is the unit. INTEGER: 2 says whether there is a sign.
    private void ReadParameters(ref CompactThrift thrift, int logical)
    {
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (logical, id)
            {
                case (5, 1):
                    Scale = thrift.Integer();
                    break;
                case (7 or 8, 1):
                    IsUtc = type == CompactThrift.True;
                    break;
                case (7 or 8, 2):
                    ReadUnit(ref thrift);
                    break;
                case (10, 2):
                    IsUnsigned = type == CompactThrift.False;
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }
    }

    private void ReadUnit(ref CompactThrift thrift)
    {
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            Unit = id;
            thrift.Skip(type);
        }
    }
}

using System.Buffers.Binary;
using Sisa.Readers.Formats.Parquet;

namespace Sisa.Readers.Tests;

/// <summary>A column of one page, written byte by byte, so that it can say what no library writes.</summary>
internal sealed record ParquetByHand(string Name)
{
    /// <summary>Number of the type: 2 is INT64.</summary>
    public int Physical { get; init; } = 2;

    /// <summary>Bytes of a value, where all are as long.</summary>
    public int LengthBytes { get; init; }

    /// <summary>Number of the converted type; −1 for none.</summary>
    public int Converted { get; init; } = -1;

    /// <summary>Number of the codec.</summary>
    public int Codec { get; init; }

    /// <summary>Number of the encoding.</summary>
    public int Encoding { get; init; }

    /// <summary>The page as it lies in the file.</summary>
    public byte[] Page { get; init; } = [];

    /// <summary>Bytes that its header says it decodes to.</summary>
    public int FullBytes { get; init; }

    /// <summary>Values that it says to have.</summary>
    public int Values { get; init; }

    /// <summary>Its checksum, where it has one.</summary>
    public int? Checksum { get; init; }

    /// <summary>Number of the page's kind.</summary>
    public int Kind { get; init; }

    /// <summary>Whether the footer says that the column is encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>A column of 64-bit integers, not compressed.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Its values.</param>
    public static ParquetByHand Of(string name, params long[] values)
    {
        var page = new byte[8 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(8 * i), values[i]);
        }

        return new ParquetByHand(name) { Page = page, FullBytes = page.Length, Values = values.Length };
    }

    /// <summary>A file of one row group.</summary>
    /// <param name="columns">Its columns.</param>
    public static byte[] File(params ParquetByHand[] columns)
    {
        using var file = new MemoryStream();
        file.Write("PAR1"u8);
        var starts = new List<(long Start, long Bytes)>();
        foreach (var column in columns)
        {
            var start = file.Position;
            file.Write(column.Header());
            file.Write(column.Page);
            starts.Add((start, file.Position - start));
        }

        var footer = new ThriftWriter();
        footer.Int32(1, 1);
        footer.List(2, CompactThrift.Struct, columns.Length + 1);
        footer.Begin();
        footer.Text(4, "schema");
        footer.Int32(5, columns.Length);
        footer.End();
        Array.ForEach(columns, column => column.Declare(footer));
        footer.Int64(3, columns[0].Values);
        footer.List(4, CompactThrift.Struct, 1);
        footer.Begin();
        footer.List(1, CompactThrift.Struct, columns.Length);
        foreach (var (column, (start, bytes)) in columns.Zip(starts))
        {
            column.Place(footer, start, bytes);
        }

        footer.Int64(2, file.Length);
        footer.Int64(3, columns[0].Values);
        footer.End();
        footer.End();
        var written = footer.ToArray();
        file.Write(written);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, written.Length);
        file.Write(length);
        file.Write("PAR1"u8);
        return file.ToArray();
    }

    private byte[] Header()
    {
        var header = new ThriftWriter();
        header.Int32(1, Kind);
        header.Int32(2, FullBytes);
        header.Int32(3, Page.Length);
        if (Checksum is { } checksum)
        {
            header.Int32(4, checksum);
        }

        header.Begin(5);
        header.Int32(1, Values);
        header.Int32(2, Encoding);
        header.Int32(3, 3);
        header.Int32(4, 3);
        header.End();
        header.End();
        return header.ToArray();
    }

    private void Declare(ThriftWriter footer)
    {
        footer.Begin();
        footer.Int32(1, Physical);
        footer.Int32(2, LengthBytes);
        footer.Int32(3, 0);
        footer.Text(4, Name);
        if (Converted >= 0)
        {
            footer.Int32(6, Converted);
        }

        footer.End();
    }

    private void Place(ThriftWriter footer, long start, long bytes)
    {
        footer.Begin();
        footer.Int64(2, start);
        footer.Begin(3);
        footer.Int32(1, Physical);
        footer.List(2, CompactThrift.Int32, 0);
        footer.List(3, CompactThrift.Binary, 1);
        footer.Element(Name);
        footer.Int32(4, Codec);
        footer.Int64(5, Values);
        footer.Int64(6, bytes);
        footer.Int64(7, bytes);
        footer.Int64(9, start);
        footer.End();
        if (IsEncrypted)
        {
            footer.Begin(8);
            footer.Begin(1);
            footer.End();
            footer.End();
        }

        footer.End();
    }
}

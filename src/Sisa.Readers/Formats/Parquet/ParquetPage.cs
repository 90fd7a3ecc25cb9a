using System.Runtime.InteropServices;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>The header of a page; the numbers are those of <c>PageHeader</c> in <c>parquet.thrift</c>.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct ParquetPage
{
    private const int Data = 0;
    private const int Dictionary = 2;
    private const int DataOfVersion2 = 3;

    /// <summary>Bytes of the header.</summary>
    public int HeaderBytes { get; private set; }

    /// <summary>Bytes that the page decodes to, levels included.</summary>
    public int FullBytes { get; private set; }

    /// <summary>Bytes of the page in the file, behind its header.</summary>
    public int SizeBytes { get; private set; }

    /// <summary>Its values, nulls included.</summary>
    public int Values { get; private set; }

    /// <summary>Bytes of levels that stand before the values and are never compressed (version 2).</summary>
    public int LevelBytes { get; private set; }

    /// <summary>Checksum of its bytes in the file, where it has one.</summary>
    public uint? Crc { get; private set; }

    /// <summary>Whether it is not compressed, whatever the column's codec (version 2).</summary>
    public bool IsPlain { get; private set; }

    /// <summary>Whether it holds the column's dictionary.</summary>
    public bool IsDictionary { get; private set; }

    /// <summary>Encoding of its values.</summary>
    public ParquetEncoding Encoding { get; private set; }

    /// <summary>Reads a header.</summary>
    /// <param name="data">Bytes of the file from where the page begins.</param>
    /// <param name="at">That place, for messages.</param>
    /// <exception cref="MalformedException">There is no header.</exception>
    public static ParquetPage Read(ReadOnlySpan<byte> data, long at)
    {
        try
        {
            new CompactThrift(data).Check(ThriftShape.PageHeader);
        }
        catch (MalformedException e)
        {
            throw new MalformedException($"there is no page at byte {at}", e);
        }

        var thrift = new CompactThrift(data);
        var page = new ParquetPage { Encoding = ParquetEncoding.Plain };
        var (kind, kindOfHeader) = (-1, -1);
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    kind = thrift.Integer();
                    break;
                case 2:
                    page.FullBytes = thrift.Integer();
                    break;
                case 3:
                    page.SizeBytes = thrift.Integer();
                    break;
                case 4:
                    page.Crc = unchecked((uint)thrift.Integer());
                    break;
                case 5 or 7 or 8 when kindOfHeader < 0:
                    kindOfHeader = id switch { 5 => Data, 7 => Dictionary, _ => DataOfVersion2 };
                    page.ReadKind(ref thrift, kindOfHeader);
                    break;
                case 5 or 7 or 8:
                    throw new MalformedException($"the page at byte {at} has two headers");
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        if (kind != kindOfHeader)
        {
            throw new MalformedException($"the page at byte {at} is of kind {kind}, expected {Data}, {Dictionary} or {DataOfVersion2} with its own header");
        }

        page.IsDictionary = kind == Dictionary;
        page.HeaderBytes = data.Length - thrift.Rest;
        return page;
    }

    private void ReadKind(ref CompactThrift thrift, int kind)
    {
        var encodingId = kind == DataOfVersion2 ? 4 : 2;
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            if (id == 1)
            {
                Values = thrift.Integer();
            }
            else if (id == encodingId)
            {
                Encoding = (ParquetEncoding)thrift.Integer();
            }
            else if (kind == DataOfVersion2 && id is 5 or 6)
            {
                // Two lengths. If one is below zero, their sum is useless.
                var length = thrift.Integer();
                LevelBytes = LevelBytes < 0 || length < 0 || length > int.MaxValue - LevelBytes ? -1 : LevelBytes + length;
            }
            else if (kind == DataOfVersion2 && id == 7)
            {
                IsPlain = type == CompactThrift.False;
            }
            else
            {
                thrift.Skip(type);
            }
        }
    }
}

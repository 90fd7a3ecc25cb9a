using System.Buffers.Binary;
using System.Text;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>A row group: some of the file's rows, column by column.</summary>
/// <param name="RowCount">Its rows.</param>
/// <param name="Chunks">Its columns of values, in the schema's order.</param>
internal sealed record ParquetRowGroup(long RowCount, IReadOnlyList<ParquetChunk> Chunks);

/// <summary>The end of a Parquet file, which describes its columns and their places.</summary>
/// <remarks>The library never sees this footer: it gets a footer of a single column, which <see cref="Of"/> writes. An unmapped column therefore has no influence.</remarks>
internal sealed class ParquetFooter
{
    /// <summary>Bytes behind the footer: its length, and the letters PAR1.</summary>
    private const int TrailerBytes = 8;

    private readonly List<ParquetElement> _elements = [];
    private readonly List<ParquetRowGroup> _groups = [];
    private int _version = 1;
    private long _rowCount = -1;
    private string? _writer;

    private ParquetFooter(long start) => Start = start;

    /// <summary>Where it begins. The pages come before.</summary>
    public long Start { get; }

    /// <summary>The top-level columns.</summary>
    public IReadOnlyList<ParquetField> Fields { get; private set; } = [];

    /// <summary>The row groups.</summary>
    public IReadOnlyList<ParquetRowGroup> Groups => _groups;

    /// <summary>Reads and checks the footer.</summary>
    /// <param name="file">The file; its position is changed.</param>
    /// <exception cref="MalformedException">It is damaged; the message is a sentence about the file.</exception>
    public static ParquetFooter Read(Stream file)
    {
        if (file.Length < 4 + TrailerBytes)
        {
            throw new MalformedException($"It has {Counted.Of(file.Length, "byte")}, expected at least {4 + TrailerBytes}.");
        }

        var trailer = new byte[TrailerBytes];
        file.Position = file.Length - TrailerBytes;
        file.ReadExactly(trailer);
        if (!trailer.AsSpan(4).SequenceEqual("PAR1"u8))
        {
            throw new MalformedException(trailer.AsSpan(4).SequenceEqual("PARE"u8) ? "Its footer is encrypted." : "It does not end with the letters 'PAR1'.");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(trailer);
        if (length <= 0 || length > file.Length - TrailerBytes - 4)
        {
            throw new MalformedException($"Its footer would have {Counted.Of(length, "byte")}.");
        }

        var bytes = new byte[length];
        var footer = new ParquetFooter(file.Length - TrailerBytes - length);
        file.Position = footer.Start;
        file.ReadExactly(bytes);
        footer.Parse(bytes);
        footer.CheckCounts();
        return footer;
    }

    /// <summary>The footer of a file with the same pages and only one column.</summary>
    /// <param name="field">The column.</param>
    /// <returns>Its bytes, with the trailer.</returns>
    public byte[] Of(ParquetField field)
    {
        var thrift = new ThriftWriter();
        thrift.Int32(1, _version);
        thrift.List(2, CompactThrift.Struct, 1 + field.Elements.Count);
        thrift.Begin();
        thrift.Text(4, "schema");
        thrift.Int32(5, 1);
        thrift.End();
        foreach (var element in field.Elements)
        {
            thrift.Copy(element.Raw.Span);
        }

        thrift.Int64(3, _rowCount);
        thrift.List(4, CompactThrift.Struct, _groups.Count);
        foreach (var group in _groups)
        {
            var chunk = group.Chunks[field.FirstLeaf];
            thrift.Begin();
            thrift.List(1, CompactThrift.Struct, 1);
            thrift.Copy(chunk.Raw.Span);
            thrift.Int64(2, chunk.SizeBytes);
            thrift.Int64(3, group.RowCount);
            thrift.End();
        }

        if (_writer is not null)
        {
            thrift.Text(6, _writer);
        }

        thrift.End();
        var footer = thrift.ToArray();
        var whole = new byte[footer.Length + TrailerBytes];
        footer.CopyTo(whole, 0);
        BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(footer.Length), footer.Length);
        "PAR1"u8.CopyTo(whole.AsSpan(footer.Length + 4));
        return whole;
    }

    // The numbers of FileMetaData in parquet.thrift.
    private void Parse(ReadOnlyMemory<byte> footer)
    {
        var check = new CompactThrift(footer.Span);
        check.Check(ThriftShape.FileMetaData);
        if (check.Rest > 0)
        {
            throw new MalformedException("Its footer is damaged.");
        }

        var thrift = new CompactThrift(footer.Span);
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    _version = thrift.Integer();
                    break;
                case 2:
                    for (var count = thrift.ListLength(); count > 0; count--)
                    {
                        _elements.Add(ParquetElement.Read(footer, ref thrift));
                    }

                    break;
                case 3:
                    _rowCount = thrift.Long();
                    break;
                case 4:
                    for (var count = thrift.ListLength(); count > 0; count--)
                    {
                        _groups.Add(ReadGroup(footer, ref thrift));
                    }

                    break;
                case 6:
                    _writer = Encoding.UTF8.GetString(thrift.Bytes());
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        Fields = FieldsOf();
    }

    private static ParquetRowGroup ReadGroup(ReadOnlyMemory<byte> footer, ref CompactThrift thrift)
    {
        List<ParquetChunk> chunks = [];
        var rows = -1L;
        var id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            if (id == 1)
            {
                for (var count = thrift.ListLength(); count > 0; count--)
                {
                    chunks.Add(ParquetChunk.Read(footer, ref thrift));
                }
            }
            else if (id == 3)
            {
                rows = thrift.Long();
            }
            else
            {
                thrift.Skip(type);
            }
        }

        return new ParquetRowGroup(rows, chunks);
    }

    // The schema is a tree, written from the root, each group before its children.
    private List<ParquetField> FieldsOf()
    {
        List<ParquetField> fields = [];
        var (at, leaf) = (1, 0);
        while (at < _elements.Count)
        {
            var start = at;
            for (var open = 1L; open > 0; at++)
            {
                if (at == _elements.Count || _elements[at].Children < 0 || (_elements[at].Physical is not null && _elements[at].Children > 0))
                {
                    throw new MalformedException("Its schema is damaged.");
                }

                open += _elements[at].Children - 1;
            }

            var field = ParquetField.Of(_elements[start..at], leaf);
            fields.Add(field);
            leaf += field.LeafCount;
        }

        if (_elements.Count == 0 || _elements[0].Children != fields.Count)
        {
            throw new MalformedException("Its schema is damaged.");
        }

        return fields;
    }

    // Counts that Parquet says several times must agree.
    private void CheckCounts()
    {
        var leaves = Fields.Sum(field => field.LeafCount);
        var rows = 0L;
        foreach (var group in _groups)
        {
            if (group.RowCount < 0)
            {
                throw new MalformedException($"A row group would have {group.RowCount} rows.");
            }

            if (group.Chunks.Count != leaves)
            {
                throw new MalformedException($"A row group has {Counted.Of(group.Chunks.Count, "column")}, its schema {leaves}.");
            }

            rows = group.RowCount > long.MaxValue - rows ? long.MaxValue : rows + group.RowCount;
        }

        if (rows != _rowCount)
        {
            throw new MalformedException($"Its row groups hold {Counted.Of(rows, "row")}, its footer counts {_rowCount}.");
        }

        Fields = [.. Fields.Select(field => field.Problem is null ? field.With(ProblemOf(field)) : field)];
    }

    private string? ProblemOf(ParquetField field) =>
        _groups.Select(group => group.Chunks[field.FirstLeaf].Problem).FirstOrDefault(problem => problem is not null);
}

namespace Sisa.Readers.Formats.Parquet;

/// <summary>Apache Parquet: the mapped columns, one row group at a time.</summary>
/// <remarks>Columns of scalars, and lists of numbers for the vector feature. A number is taken as its shortest text, so that an id that is an integer
/// here equals the same id in JSON. A column that is not mapped is never looked at.</remarks>
internal sealed class ParquetSource : IRowSource
{
    private const string DamagedHint = "Copy or download the file again, or write it again with one of the common Parquet libraries.";

    /// <summary>Rows of a row group that no file is asked about.</summary>
    private const long ManyRows = 1 << 24;

    /// <summary>Rows that a byte of the mapped columns may stand for. A repeated value takes a few bytes, however often it is there.</summary>
    private const long RowsPerByte = 1000;

    private readonly string _name;
    private readonly Stream _file;
    private readonly ParquetFooter _footer;
    private readonly List<ParquetColumnFile> _columns = [];
    private int _group = -1;
    private long _rowsLeft;
    private long _row;

    /// <summary>Opens the source.</summary>
    /// <param name="file">The file.</param>
    /// <param name="map">The mapped fields.</param>
    /// <exception cref="CorpusException">Not Parquet, or without a mapped column, or a mapped column is one that no field can be.</exception>
    public ParquetSource(CorpusFile file, FieldMap map)
    {
        _name = file.Name;
        _file = file.Content;
        if (file.IsGzip)
        {
            throw new CorpusException("The Parquet file is compressed with gzip.", "Decompress it first with 'gunzip'. Parquet has compression of its own.", _name);
        }

        if (!file.Content.CanSeek)
        {
            throw new CorpusException("Parquet cannot be read from a pipe.", "Name the file itself.", _name);
        }

        try
        {
            _footer = ParquetFooter.Read(_file);
        }
        catch (MalformedException e)
        {
            throw new CorpusException($"The file cannot be read as Parquet. {e.Message}", DamagedHint, _name, innerException: e);
        }

        var slots = Columns.Match(map, [.. Fields.Select(field => field.Name)], _name, "The file has the columns");
        for (var column = 0; column < slots.Length; column++)
        {
            if (slots[column] < 0)
            {
                continue;
            }

            var field = Fields[column];
            if (field.Problem is not null)
            {
                throw new CorpusException($"Column {RowFault.Quote(field.Name)} {field.Problem}.", field.Remedy, _name);
            }

            _columns.Add(new ParquetColumnFile(_name, _file, _footer, field, slots[column]));
        }
    }

    /// <summary>The top-level columns.</summary>
    public IReadOnlyList<ParquetField> Fields => _footer.Fields;

    /// <inheritdoc/>
    public bool Next(FieldRow row)
    {
        while (_rowsLeft == 0)
        {
            foreach (var column in _group >= 0 ? _columns : [])
            {
                column.RequireEnd();
            }

            if (_group + 1 >= _footer.Groups.Count)
            {
                return false;
            }

            OpenGroup(++_group);
        }

        _rowsLeft--;
        row.Clear(++_row);
        foreach (var column in _columns)
        {
            column.Take(row);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var column in _columns)
        {
            column.Dispose();
        }

        _file.Dispose();
    }

    private void OpenGroup(int group)
    {
        var (memory, pages, rows) = (0L, 0L, _footer.Groups[group].RowCount);
        foreach (var column in _columns)
        {
            memory += column.Open(group);
            pages += column.SizeBytes;
            if (memory > ParquetPages.MemoryLimit(_file.Length))
            {
                throw new CorpusException(
                    $"Row group {group + 1} would take {memory >> 20} MB of memory, expected at most {ParquetPages.MemoryLimit(_file.Length) >> 20} for this file.",
                    "Write it with smaller row groups, for instance of 100,000 rows.",
                    _name);
            }
        }

        if (rows > ManyRows && rows / RowsPerByte > pages)
        {
            throw new CorpusException(
                $"Row group {group + 1} would have {Counted.Of(rows, "row")} in {Counted.Of(pages, "byte")}, expected at most {RowsPerByte} a byte.",
                "Write it with smaller row groups, for instance of 100,000 rows.",
                _name);
        }

        _rowsLeft = rows;
    }
}

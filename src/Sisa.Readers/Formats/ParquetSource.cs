using Parquet;
using Parquet.Schema;

namespace Sisa.Readers.Formats;

/// <summary>Apache Parquet: the mapped columns, one row group in memory at a time.</summary>
/// <remarks>Columns of scalars, and lists of numbers for the vector feature. A number is taken as its shortest text, so that an id that is an integer
/// here equals the same id in JSON.</remarks>
internal sealed class ParquetSource : IRowSource
{
    private const string DamagedHint = "Copy or download the file again, or write it anew with one of the common Parquet libraries.";

    private readonly string _name;
    private readonly Stream _file;
    private readonly ParquetReader _reader;
    private readonly List<(DataField Field, int Slot)> _mapped = [];
    private List<ParquetColumn> _columns = [];
    private int _group = -1;
    private long _rowsLeft;
    private long _row;

    /// <summary>Opens the source.</summary>
    /// <param name="file">The file.</param>
    /// <param name="map">The mapped fields.</param>
    /// <exception cref="CorpusException">Not Parquet, or without a mapped column.</exception>
    public ParquetSource(CorpusFile file, FieldMap map)
    {
        _name = file.Name;
        _file = file.Content;
        if (file.IsGzip)
        {
            throw new CorpusException("The Parquet file is gzip.", "Decompress it first with 'gunzip'; Parquet compresses inside.", _name);
        }

        if (!file.Content.CanSeek)
        {
            throw new CorpusException("Parquet cannot be read from a pipe.", "Name the file itself.", _name);
        }

        _reader = Guarded(() =>
        {
            ParquetCheck.Footer(file.Content);
            return ParquetReader.CreateAsync(file.Content, leaveStreamOpen: true).GetAwaiter().GetResult();
        });
        try
        {
            Names = Guarded(() =>
            {
                ParquetCheck.Counts(_reader.Metadata ?? throw new InvalidDataException("It has no metadata."), _reader.Schema.DataFields.Length);
                return _reader.Schema.Fields.Select(field => field.Name).ToList();
            });
            var slots = Columns.Match(map, Names, _name, "The file has the columns");
            for (var column = 0; column < slots.Length; column++)
            {
                if (slots[column] >= 0)
                {
                    _mapped.Add((DataOf(_reader.Schema.Fields[column]), slots[column]));
                }
            }
        }
        catch
        {
            _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Names of the top-level columns.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Names of the top-level columns that are lists of single values.</summary>
    public IReadOnlyList<string> ListNames => [.. _reader.Schema.Fields.Where(column => column is ListField { Item: DataField } or DataField { IsArray: true }).Select(column => column.Name)];

    /// <summary>Names of the top-level columns that no field can be.</summary>
    public IReadOnlyList<string> NestedNames => [.. _reader.Schema.Fields.Where(column => column is not (DataField or ListField { Item: DataField })).Select(column => column.Name)];

    /// <inheritdoc/>
    public bool Next(FieldRow row)
    {
        while (_rowsLeft == 0)
        {
            if (_group + 1 >= _reader.RowGroupCount)
            {
                return false;
            }

            Guarded(() => OpenGroup(++_group));
        }

        _rowsLeft--;
        row.Clear(++_row);
        Guarded(() =>
        {
            foreach (var column in _columns)
            {
                column.Take(row);
            }

            return true;
        });
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseGroup();
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _file.Dispose();
    }

    private bool OpenGroup(int group)
    {
        CloseGroup();
        using var rows = _reader.OpenRowGroupReader(group);
        var rowCount = checked((int)rows.RowCount);
        var memory = 0L;
        foreach (var (field, slot) in _mapped)
        {
            var chunk = rows.GetMetadata(field)?.MetaData ?? throw new InvalidDataException($"Column '{field.Name}' has no metadata.");
            if (field.MaxRepetitionLevel == 0 ? chunk.NumValues != rowCount : chunk.NumValues < rowCount)
            {
                throw new InvalidDataException($"Column '{field.Name}' has {chunk.NumValues} values for {rowCount} rows.");
            }

            memory += ParquetCheck.Pages(_file, chunk);
            if (memory > ParquetCheck.MemoryLimit(_file.Length))
            {
                throw new CorpusException(
                    $"Row group {group + 1} would take {memory >> 20} MB of memory, expected at most {ParquetCheck.MemoryLimit(_file.Length) >> 20} for this file.",
                    "Write it with smaller row groups, such as 100,000 rows.",
                    _name);
            }

            var raw = rows.ReadRawColumnDataBaseAsync(field).AsTask().GetAwaiter().GetResult();
            _columns.Add(ParquetColumn.Of(raw, field, slot, rowCount));
        }

        _rowsLeft = rowCount;
        return true;
    }

    private void CloseGroup()
    {
        foreach (var column in _columns)
        {
            column.Dispose();
        }

        _columns = [];
    }

    private DataField DataOf(Field field) => field switch
    {
        DataField data => data,
        ListField { Item: DataField item } => item,
        _ => throw new CorpusException($"Column '{field.Name}' is nested, expected one value or a list of numbers a row.", "Map another column, or flatten the file.", _name),
    };

    /// <summary>Parquet.Net meets damaged files with exceptions of many kinds; here each means the same.</summary>
    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (CorpusException or OperationCanceledException))
        {
            throw new CorpusException($"The file is not readable as Parquet: {e.Message}", DamagedHint, _name, _row > 0 ? _row : null, e);
        }
    }
}

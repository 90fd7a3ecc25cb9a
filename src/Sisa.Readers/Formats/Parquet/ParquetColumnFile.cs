using ParquetSharp;
using ParquetSharp.IO;

namespace Sisa.Readers.Formats.Parquet;

/// <summary>One mapped column of a Parquet file, which the library sees as a file of its own.</summary>
internal sealed class ParquetColumnFile : IDisposable
{
    private const string DamagedHint = "Copy or download the file again, or write it again with one of the common Parquet libraries. Without this column, the file may be readable.";

    private readonly string _file;
    private readonly Stream _content;
    private readonly ParquetFooter _footer;
    private readonly ParquetField _field;
    private readonly int _slot;
    private readonly ParquetView _view;
    private ManagedRandomAccessFile? _library;
    private ParquetFileReader? _reader;
    private RowGroupReader? _group;
    private ParquetColumn? _column;
    private IReadOnlyList<ParquetEncoding> _encodings = [];
    private int _groupNumber = -1;

    /// <summary>Creates the column; nothing is read yet.</summary>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="content">Its content.</param>
    /// <param name="footer">Its footer.</param>
    /// <param name="field">The column; a field can be it.</param>
    /// <param name="slot">Slot that it fills.</param>
    public ParquetColumnFile(string file, Stream content, ParquetFooter footer, ParquetField field, int slot)
    {
        (_file, _content, _footer, _field, _slot) = (file, content, footer, field, slot);
        _view = new ParquetView(content, footer.Start, footer.Of(field));
    }

    /// <summary>Bytes of its pages in this row group.</summary>
    public long SizeBytes => _footer.Groups[_groupNumber].Chunks[_field.FirstLeaf].SizeBytes;

    /// <summary>Goes to a row group.</summary>
    /// <param name="group">Its number.</param>
    /// <returns>Memory that the column takes while it is read, estimated, in bytes.</returns>
    /// <exception cref="CorpusException">The column cannot be read there.</exception>
    public long Open(int group) => Guarded(() =>
    {
        Close();
        _groupNumber = group;
        var (chunk, rows) = (_footer.Groups[group].Chunks[_field.FirstLeaf], _footer.Groups[group].RowCount);
        if (_field.IsList ? chunk.ValueCount < rows : chunk.ValueCount != rows)
        {
            throw new MalformedException($"it has {Counted.Of(chunk.ValueCount, "value")} for {Counted.Of(rows, "row")}");
        }

        (var memory, _encodings) = ParquetPages.Check(_content, _footer.Start, chunk, _field.Type!);
        return memory;
    });

    /// <summary>Fills the slot from the next row.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="CorpusException">It cannot be read.</exception>
    public void Take(FieldRow row)
    {
        try
        {
            (_column ??= Begin()).Take(row);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            throw Fault(e, row.Number);
        }
    }

    /// <summary>Checks that the column ends with its row group.</summary>
    /// <exception cref="CorpusException">It does not.</exception>
    public void RequireEnd() => Guarded(() =>
    {
        _column?.RequireEnd();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _reader?.Dispose();
        _library?.Dispose();
        _view.Dispose();
    }

    private ParquetColumn Begin()
    {
        try
        {
            _library ??= new ManagedRandomAccessFile(_view, leaveOpen: true);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException or EntryPointNotFoundException)
        {
            throw new EnvironmentException("The library that decodes Parquet (ParquetSharpNative) cannot be loaded.", "Reinstall the program, or write the file as CSV or JSONL. The library needs 64-bit Linux with glibc 2.17 or newer.", e);
        }

        _reader ??= new ParquetFileReader(_library);
        _group = _reader.RowGroup(_groupNumber);
        return ParquetColumn.Of(_group.Column(0), _field, _slot, _encodings.Contains(ParquetEncoding.DeltaByteArray) ? ParquetPages.PrefixedBatchSize : ParquetPages.BatchSize);
    }

    private void Close()
    {
        _column?.Dispose();
        _group?.Dispose();
        (_column, _group) = (null, null);
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            throw Fault(e, null);
        }
    }

    private static bool IsOfTheFile(Exception e) => e is not (OperationCanceledException or OutOfMemoryException or EnvironmentException);

    // The library's exceptions are of many kinds, and their words are for its developers.
    private Exception Fault(Exception e, long? row)
    {
        if ((_view.Failure ?? e) is IOException and not EndOfStreamException and { } device)
        {
            return device;
        }

        var chunk = _footer.Groups[_groupNumber].Chunks[_field.FirstLeaf];
        var encodings = string.Join(" and ", _encodings.Select(ParquetFormat.NameOf));
        var what = e is MalformedException
            ? e.Message
            : $"a page is damaged: it does not decode as {encodings} of {_field.Type!.Name}, {(chunk.Codec == ParquetFormat.Uncompressed ? "uncompressed" : $"compressed with {ParquetFormat.NameOfCodec(chunk.Codec)}")}";
        return new CorpusException($"Column {RowFault.Quote(_field.Name)} cannot be read in row group {_groupNumber + 1}: {what}.", DamagedHint, _file, row, e);
    }
}

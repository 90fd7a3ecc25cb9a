using System.Text.Unicode;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>Plain UTF-8 text: an item per non-blank line, or per file.</summary>
/// <remarks>Its fields: <c>text</c>, <c>file</c> (name without folder), <c>folder</c> (name of the folder that holds the file, which
/// many text corpora use as the label) and <c>row</c>.</remarks>
internal sealed class TextSource : IRowSource
{
    /// <summary>The text itself, which is mapped where the recipe maps no other.</summary>
    public const string TextField = "text";

    private static readonly string[] _fields = [TextField, "file", "folder", "row"];

    private readonly Stream _stream;
    private readonly LineReader? _lines;
    private readonly int _maxFieldBytes;
    private readonly string _file;
    private readonly string _folder;
    private readonly int[] _slots;
    private bool _isDone;

    /// <summary>Creates the source.</summary>
    /// <param name="stream">The content; owned from now on.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="map">The mapped fields.</param>
    /// <param name="options">Unit and limits.</param>
    /// <exception cref="CorpusException">A mapped field that plain text does not have.</exception>
    public TextSource(Stream stream, string name, FieldMap map, CorpusOptions options)
    {
        _stream = stream;
        _maxFieldBytes = options.MaxFieldBytes;
        _lines = options.TextUnit == TextUnit.Line ? new LineReader(stream, options.MaxFieldBytes) : null;
        _file = Path.GetFileName(name);
        _folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(name))) ?? string.Empty;
        _slots = Columns.Match(map, _fields, name, "Plain text has the fields");
    }

    /// <inheritdoc/>
    public bool Next(FieldRow row) => _lines is null ? NextFile(row) : NextLine(row, _lines);

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines?.Dispose();
        _stream.Dispose();
    }

    private bool NextLine(FieldRow row, LineReader lines)
    {
        while (lines.Next())
        {
            if (!lines.IsTooLong && lines.Current.IndexOfAnyExcept(" \t\r"u8) < 0)
            {
                continue;
            }

            row.Clear(lines.Line, lines.Line);
            if (lines.IsTooLong)
            {
                row.Fault = RowFault.TooLong("The line", _maxFieldBytes);
            }
            else
            {
                Take(row, lines.Buffer, lines.Start, lines.Length, "The line");
            }

            return true;
        }

        return false;
    }

    private bool NextFile(FieldRow row)
    {
        if (_isDone)
        {
            return false;
        }

        _isDone = true;
        using var content = new MemoryStream();
        var chunk = new byte[64 * 1024];
        int read;
        while ((read = _stream.Read(chunk)) > 0 && content.Length <= _maxFieldBytes)
        {
            content.Write(chunk, 0, read);
        }

        if (content.Length == 0)
        {
            return false;
        }

        row.Clear(1);
        if (content.Length > _maxFieldBytes)
        {
            row.Fault = RowFault.TooLong("The file", _maxFieldBytes);
            return true;
        }

        var bytes = content.ToArray();
        var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        Take(row, bytes, start, bytes.Length - start, "The file");
        return true;
    }

    private void Take(FieldRow row, byte[] buffer, int offset, int length, string what)
    {
        if (!Utf8.IsValid(buffer.AsSpan(offset, length)))
        {
            row.Fault = RowFault.InvalidUtf8(what);
            return;
        }

        for (var column = 0; column < _slots.Length; column++)
        {
            var slot = _slots[column];
            switch (column)
            {
                case var _ when slot < 0:
                    break;
                case 0:
                    row.Set(slot, FieldKind.Text, buffer, offset, length);
                    break;
                case 1:
                    row.Set(slot, FieldKind.Text, _file);
                    break;
                case 2:
                    row.Set(slot, FieldKind.Text, _folder);
                    break;
                default:
                    row.Set(slot, FieldKind.Number, row.Number.ToString());
                    break;
            }
        }
    }
}

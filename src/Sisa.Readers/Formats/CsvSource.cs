using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Sisa.Corpora;
using Sisa.Readers.Losses;
using Sisa.Training;

namespace Sisa.Readers.Formats;

/// <summary>Comma-separated values (RFC 4180) with any one-character delimiter, and tab-separated values.</summary>
/// <remarks>Fields are taken to the letter: spaces belong to them. A first line <c>sep=;</c> names the delimiter, whatever the recipe says. With a tab as delimiter quotation marks are ordinary characters, as the
/// registered media type has it, and as most corpora of texts are written.</remarks>
internal sealed class CsvSource : IRowSource
{
    private readonly Stream _content;
    private readonly Utf8WatchStream _watch;
    private readonly CsvParser _parser;
    private readonly string _name;
    private readonly string _delimiter;
    private readonly SwallowedRows? _swallowed;
    private readonly int _maxFieldBytes;
    private readonly int[] _slots;
    private readonly bool _hasWaitingRow;

    // Excel's line about the delimiter is none of the parser's.
    private readonly int _linesBefore;
    private bool _isFirst = true;
    private long _firstLine;
    private bool _hasBadQuotes;

    /// <summary>Opens the source and reads the header.</summary>
    /// <param name="stream">The content; owned from now on.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="map">The mapped fields.</param>
    /// <param name="options">Delimiter, header, limits.</param>
    /// <param name="swallowed">Looks at rows of several lines; <see langword="null"/> to take them as they are.</param>
    /// <exception cref="CorpusException">A header that does not fit.</exception>
    public CsvSource(Stream stream, string name, FieldMap map, CorpusOptions options, SwallowedRows? swallowed = null)
    {
        _name = name;
        _swallowed = swallowed;
        _maxFieldBytes = options.MaxFieldBytes;
        _content = stream;
        var (said, rest) = SpreadsheetLine.Take(stream);
        _linesBefore = said is null ? 0 : 1;
        _delimiter = said ?? Delimiter(name, options);
        _watch = new Utf8WatchStream(rest, new ColumnLimit(_delimiter, name));
        _parser = CreateParser(_watch, _delimiter, options.MaxFieldBytes, () => _hasBadQuotes = true);
        try
        {
            if (!Advance())
            {
                throw new CorpusException("The file holds no rows.", "Check that it was written or downloaded completely.", name);
            }

            if (_watch.TakeBadLine(_parser.RawRow) && options.Header)
            {
                var fault = RowFault.InvalidUtf8("The header");
                throw new CorpusException(fault.Message, fault.Hint, name, 1 + _linesBefore);
            }

            var first = _parser.Record ?? [];
            if (_hasBadQuotes && options.Header)
            {
                var fault = BadQuotes();
                throw new CorpusException(fault.Message, fault.Hint, name, 1 + _linesBefore);
            }

            Header = options.Header ? first : [.. first.Select((_, i) => $"c{i + 1}")];
            _slots = Columns.Match(map, Header, name, options.Header ? "The file has the columns" : "Without a header the columns are", 1 + _linesBefore);
            _hasWaitingRow = !options.Header;
        }
        catch
        {
            _parser.Dispose();
            throw;
        }
    }

    // The last line that the parser has taken.
    private long LastLine => _parser.RawRow + _linesBefore;

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <inheritdoc/>
    public bool Next(FieldRow row)
    {
        if (!_isFirst || !_hasWaitingRow)
        {
            if (!Advance())
            {
                return false;
            }
        }

        _isFirst = false;
        row.Clear(_firstLine, Math.Max(_firstLine, LastLine));
        row.Fault = Take(row);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parser.Dispose();
        _watch.Dispose();
        _content.Dispose();
    }

    private RowFault? Take(FieldRow row)
    {
        if (_watch.TakeBadLine(_parser.RawRow))
        {
            return RowFault.InvalidUtf8("The row");
        }

        // An open quotation mark swallows the following lines, whatever its column. The parser finds out when it
        // is asked for the field.
        var spansLines = LastLine > _firstLine;
        for (var column = 0; spansLines && column < _parser.Count; column++)
        {
            _ = _parser[column];
        }

        if (_hasBadQuotes)
        {
            return BadQuotes();
        }

        if (_parser.Count != _slots.Length)
        {
            return new RowFault(
                $"The row has {Counted.Of(_parser.Count, "column")}, expected {_slots.Length}.",
                "Correct the row. A field that holds the delimiter needs quotation marks around it.",
                RowFaultReason.Form);
        }

        if (spansLines && _swallowed?.Examine(_parser.RawRecord, _delimiter, _slots, new LineRange(_firstLine, LastLine)) is { } swallowed)
        {
            return swallowed;
        }

        for (var column = 0; column < _slots.Length; column++)
        {
            if (_slots[column] >= 0)
            {
                row.Set(_slots[column], FieldKind.Text, _parser[column]);
            }
        }

        return _hasBadQuotes ? BadQuotes() : null;
    }

    private RowFault BadQuotes() => new(
        $"A quotation mark stands within a field, or is not closed{(LastLine > _firstLine ? $"; the row takes lines {_firstLine} to {LastLine}" : string.Empty)}.",
        "Put quotation marks around the whole field and double those within it.",
        RowFaultReason.Quotation);

    /// <summary>Moves to the next line that is not blank.</summary>
    private bool Advance()
    {
        while (true)
        {
            _firstLine = LastLine + 1;
            _hasBadQuotes = false;
            try
            {
                if (!_parser.Read())
                {
                    return false;
                }
            }
            catch (MaxFieldSizeException e)
            {
                throw new CorpusException(
                    $"A field is longer than {_maxFieldBytes} bytes.",
                    "Check for a quotation mark that is not closed, or raise corpus.maxFieldBytes in the recipe.",
                    _name,
                    _firstLine,
                    e);
            }

            if (_parser.Count > 1 || (_parser.Count == 1 && _parser[0].Length > 0))
            {
                return true;
            }
        }
    }

    private static string Delimiter(string name, CorpusOptions options)
    {
        var bare = CorpusFile.WithoutGzip(name);
        return bare.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) || bare.EndsWith(".tab", StringComparison.OrdinalIgnoreCase) ? "\t" : options.Delimiter;
    }

    private static CsvParser CreateParser(Utf8WatchStream watch, string delimiter, int maxFieldBytes, Action onBadQuotes)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            Mode = delimiter == "\t" ? CsvMode.NoEscape : CsvMode.RFC4180,
            HasHeaderRecord = false,
            IgnoreBlankLines = false,
            MaxFieldSize = maxFieldBytes,
            BadDataFound = _ => onBadQuotes(),
            BufferSize = 64 * 1024,
        };

        // The preamble of this encoding is what makes the reader pass over a byte order mark.
        var text = new StreamReader(watch, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), detectEncodingFromByteOrderMarks: false, 64 * 1024, leaveOpen: true);
        return new CsvParser(text, configuration);
    }
}

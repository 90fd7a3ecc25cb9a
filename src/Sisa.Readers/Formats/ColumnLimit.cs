using System.Text;

namespace Sisa.Readers.Formats;

/// <summary>Refuses rows of absurdly many columns before the CSV parser makes fields of them, each of which takes many times its bytes.</summary>
/// <remarks>Counts delimiters since the last end of a line outside quotation marks, also those within a field: no text has so many in one line.
/// Bytes of a delimiter are counted by its first one. Not thread-safe.</remarks>
/// <param name="delimiter">The delimiter. With a tab, quotation marks are ordinary characters.</param>
/// <param name="name">Name of the file.</param>
internal sealed class ColumnLimit(string delimiter, string name)
{
    /// <summary>Most columns of a row.</summary>
    public const int Max = 250_000;

    private readonly byte _delimiter = Encoding.UTF8.GetBytes(delimiter)[0];
    private readonly bool _hasQuotes = delimiter != "\t";
    private bool _isQuoted;
    private long _columns;

    /// <summary>Counts on.</summary>
    /// <param name="data">The next bytes of the file.</param>
    /// <exception cref="CorpusException">A row has too many columns.</exception>
    public void Watch(ReadOnlySpan<byte> data)
    {
        if (_hasQuotes && (_isQuoted || data.Contains((byte)'"')))
        {
            CountOneByOne(data);
        }
        else
        {
            var end = data.LastIndexOfAny((byte)'\n', (byte)'\r');
            _columns = (end < 0 ? _columns : 0) + data[(end + 1)..].Count(_delimiter);
        }

        if (_columns >= Max)
        {
            throw new CorpusException($"A row has more than {Max} columns.", "Check for a missing line end, or for another delimiter (corpus.delimiter).", name);
        }
    }

    private void CountOneByOne(ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
        {
            _isQuoted ^= value == '"';
            _columns = value is (byte)'\n' or (byte)'\r' && !_isQuoted ? 0 : _columns + (value == _delimiter ? 1 : 0);
        }
    }
}

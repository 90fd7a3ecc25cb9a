using System.Buffers;

namespace Sisa.Readers.Formats;

/// <summary>Lines of a stream as bytes in a reused buffer.</summary>
/// <remarks>A line ends with a line feed, which a carriage return may precede; neither belongs to it. A line is handed out as soon as its
/// end has arrived, so that a pipe is answered while it is still open. Longer lines than the limit are passed over without being kept.
/// A byte order mark at the start is left out.</remarks>
internal sealed class LineReader : IDisposable
{
    private const int FirstBufferBytes = 256 * 1024;

    private readonly Stream _stream;
    private readonly int _maxLineBytes;
    private byte[] _buffer;
    private int _next;
    private int _end;
    private bool _isAtEnd;

    /// <summary>Creates the reader.</summary>
    /// <param name="stream">Source; owned from now on.</param>
    /// <param name="maxLineBytes">Longest line that is kept.</param>
    public LineReader(Stream stream, int maxLineBytes)
    {
        _stream = stream;
        _maxLineBytes = maxLineBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    }

    /// <summary>One-based number of the current line.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the current line was too long to keep.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The buffer; changes with <see cref="Next"/>.</summary>
    public byte[] Buffer => _buffer;

    /// <summary>Where the current line starts in <see cref="Buffer"/>.</summary>
    public int Start { get; private set; }

    /// <summary>Bytes of the current line.</summary>
    public int Length { get; private set; }

    /// <summary>The current line.</summary>
    public ReadOnlySpan<byte> Current => _buffer.AsSpan(Start, Length);

    /// <summary>Moves to the next line.</summary>
    /// <returns><see langword="false"/> at the end of the stream.</returns>
    public bool Next()
    {
        IsTooLong = false;
        var searchedBytes = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_next + searchedBytes, _end - _next - searchedBytes).IndexOf((byte)'\n');
            if (found >= 0)
            {
                Take(_next, searchedBytes + found, skip: 1);
                return true;
            }

            searchedBytes = _end - _next;
            if (searchedBytes > _maxLineBytes)
            {
                IsTooLong = true;
                _next = _end;
                searchedBytes = 0;
            }

            if (_isAtEnd || !Fill())
            {
                _isAtEnd = true;
                if (_next == _end && !IsTooLong)
                {
                    return false;
                }

                Take(_next, _end - _next, skip: 0);
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        _stream.Dispose();
    }

    private void Take(int start, int length, int skip)
    {
        _next = start + length + skip;
        if (Line++ == 0 && !IsTooLong && _buffer.AsSpan(start, length).StartsWith("\uFEFF"u8))
        {
            start += 3;
            length -= 3;
        }

        if (length > 0 && _buffer[start + length - 1] == '\r')
        {
            length--;
        }

        (Start, Length) = IsTooLong ? (0, 0) : (start, length);
        IsTooLong |= length > _maxLineBytes;
    }

    private bool Fill()
    {
        if (_next == _end)
        {
            _next = _end = 0;
        }
        else if (_end == _buffer.Length && _next > 0)
        {
            _buffer.AsSpan(_next, _end - _next).CopyTo(_buffer);
            (_next, _end) = (0, _end - _next);
        }

        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}

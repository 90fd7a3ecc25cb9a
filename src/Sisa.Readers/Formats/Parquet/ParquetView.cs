namespace Sisa.Readers.Formats.Parquet;

/// <summary>A Parquet file as its library sees it: the pages of the file, and a footer of another hand.</summary>
/// <param name="file">The file. It stays open, and its position changes.</param>
/// <param name="start">Where the footer begins.</param>
/// <param name="footer">The footer, with its trailer.</param>
internal sealed class ParquetView(Stream file, long start, byte[] footer) : Stream
{
    private long _position;

    /// <summary>The device's error, or <see langword="null"/>: the library does not name such faults.</summary>
    public IOException? Failure { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => start + footer.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => _position = Math.Clamp(value, 0, Length);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        if (_position < start)
        {
            try
            {
                file.Position = _position;
                read = file.Read(buffer[..(int)Math.Min(buffer.Length, start - _position)]);
            }
            catch (IOException e)
            {
                Failure = e;
                throw;
            }
        }
        else
        {
            var at = (int)(_position - start);
            read = Math.Min(buffer.Length, footer.Length - at);
            footer.AsSpan(at, read).CopyTo(buffer);
        }

        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = offset + (origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => Length,
    });

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

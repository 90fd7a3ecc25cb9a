using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sisa.Readers.Formats;

/// <summary>Passes bytes on and remembers the lines in which they are not UTF-8, since decoders replace such bytes without saying where.</summary>
/// <param name="source">The bytes; owned from now on.</param>
/// <param name="columns">Receives all bytes as well; <see langword="null"/> for none.</param>
internal sealed class Utf8WatchStream(Stream source, ColumnLimit? columns = null) : ReadOnlyStream
{
    private readonly Queue<long> _badLines = new();
    private readonly byte[] _pending = new byte[4];
    private int _pendingBytes;
    private long _line = 1;
    private bool _endsWithReturn;

    /// <summary>Whether one of the lines up to the given one is not UTF-8. Asked about lines in order.</summary>
    /// <param name="line">One-based line.</param>
    public bool TakeBadLine(long line)
    {
        var found = false;
        while (_badLines.TryPeek(out var bad) && bad <= line)
        {
            _badLines.Dequeue();
            found = true;
        }

        return found;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        if (read == 0 && buffer.Length > 0)
        {
            if (_pendingBytes > 0)
            {
                Blame();
            }
        }
        else
        {
            columns?.Watch(buffer[..read]);
            Watch(buffer[..read]);
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        source.Dispose();
        base.Dispose(disposing);
    }

    private void Watch(ReadOnlySpan<byte> data)
    {
        // A character that the piece before left unfinished.
        while (_pendingBytes > 0 && !data.IsEmpty)
        {
            _pending[_pendingBytes++] = data[0];
            var status = Rune.DecodeFromUtf8(_pending.AsSpan(0, _pendingBytes), out _, out var consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                data = data[1..];
                continue;
            }

            if (status == OperationStatus.InvalidData)
            {
                // The byte that broke the character begins something of its own.
                Blame();
            }
            else
            {
                data = data[1..];
            }

            _pendingBytes = 0;
        }

        var completeBytes = data.Length - UnfinishedBytes(data);
        var complete = data[..completeBytes];
        if (Utf8.IsValid(complete))
        {
            CountLines(complete);
        }
        else
        {
            WatchSlowly(complete);
        }

        data[completeBytes..].CopyTo(_pending.AsSpan(_pendingBytes));
        _pendingBytes += data.Length - completeBytes;

        // What is unfinished stands behind a carriage return: a line feed that follows it ends a line of its own.
        _endsWithReturn &= _pendingBytes == 0;
    }

    private void WatchSlowly(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(data, out _, out var consumed) != OperationStatus.Done)
            {
                Blame();
            }

            CountLines(data[..consumed]);
            data = data[consumed..];
        }
    }

    private void Blame()
    {
        // One entry a line is enough; nothing asks how many faults it has.
        if (_badLines.Count == 0 || _badLines.Last() != _line)
        {
            _badLines.Enqueue(_line);
        }
    }

    /// <summary>Counts as the CSV parser does: a line ends with a line feed, a carriage return, or both.</summary>
    private void CountLines(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        if (_endsWithReturn && data[0] == '\n')
        {
            _line--;
        }

        _line += data.Count((byte)'\n') + data.Count((byte)'\r') - data.Count("\r\n"u8);
        _endsWithReturn = data[^1] == '\r';
    }

    /// <summary>Bytes at the end that begin a character which the next piece may finish.</summary>
    private static int UnfinishedBytes(ReadOnlySpan<byte> data)
    {
        for (var back = 1; back <= Math.Min(3, data.Length); back++)
        {
            var b = data[^back];
            if ((b & 0xC0) == 0x80)
            {
                continue;
            }

            return Rune.DecodeFromUtf8(data[^back..], out _, out _) == OperationStatus.NeedMoreData ? back : 0;
        }

        return 0;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Sisa.Readers.Formats;

/// <summary>The content of a gzip stream (RFC 1952), one member or several, with every checksum checked.</summary>
/// <remarks>.NET's own <see cref="GZipStream"/> takes the end of a cut-off file for the end of the data, without a word, which would ingest
/// a part of a corpus as if it were the whole. Here the inflater sees the compressed data only; behind it stand the CRC and the length
/// of what was inflated, and since the inflater does not tell how far into its last piece of input it came, that pair is searched in
/// this piece: eight known bytes.</remarks>
internal sealed class GzipContent : ReadOnlyStream
{
    private const int TrailerBytes = 8;

    private readonly Feed _feed;
    private DeflateStream? _member;
    private uint _crc;
    private uint _lengthModulo;
    private bool _isFirst = true;
    private bool _isAtEnd;

    /// <summary>Creates the stream.</summary>
    /// <param name="source">The compressed bytes. The caller keeps the stream, and disposes of it.</param>
    public GzipContent(Stream source) => _feed = new Feed(source);

    /// <inheritdoc/>
    /// <exception cref="MalformedException">Cut off or damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (!_isAtEnd)
        {
            if (_member is null && !StartMember())
            {
                _isAtEnd = true;
                break;
            }

            var read = Inflate(_member!, buffer);
            if (read > 0)
            {
                _crc = Crc32.Append(_crc, buffer[..read]);
                _lengthModulo = unchecked(_lengthModulo + (uint)read);
                return read;
            }

            EndMember();
        }

        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _feed.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool StartMember()
    {
        // Tape and block devices pad with zeros behind the last member; gzip itself passes over them.
        int first;
        do
        {
            first = _feed.TakeByte();
        }
        while (first == 0 && !_isFirst);

        if (first < 0)
        {
            return _isFirst ? throw CutOff() : false;
        }

        if (first != 0x1F || Need() != 0x8B)
        {
            throw new MalformedException(_isFirst ? "The file is not gzip." : "The gzip data is followed by bytes that are not gzip.");
        }

        _isFirst = false;
        var method = Need();
        var flags = Need();
        if (method != 8 || (flags & 0xE0) != 0)
        {
            throw new MalformedException("The gzip header is of an unknown kind.");
        }

        for (var i = 0; i < 6; i++)
        {
            Need();
        }

        if ((flags & 4) != 0)
        {
            var extraBytes = Need() | (Need() << 8);
            for (var i = 0; i < extraBytes; i++)
            {
                Need();
            }
        }

        for (var texts = (flags >> 3 & 1) + (flags >> 4 & 1); texts > 0; texts--)
        {
            while (Need() != 0)
            {
            }
        }

        if ((flags & 2) != 0)
        {
            Need();
            Need();
        }

        (_crc, _lengthModulo) = (0, 0);
        _member = new DeflateStream(_feed, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    private static int Inflate(DeflateStream member, Span<byte> buffer)
    {
        try
        {
            return member.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new MalformedException("The gzip data is damaged.", e);
        }
    }

    private void EndMember()
    {
        _member!.Dispose();
        _member = null;
        if (_feed.WasAskedBeyondEnd)
        {
            throw CutOff();
        }

        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _lengthModulo);
        if (!_feed.SkipPast(trailer))
        {
            throw new MalformedException("The gzip data is damaged or truncated: its checksum does not match.");
        }
    }

    private int Need()
    {
        var value = _feed.TakeByte();
        return value >= 0 ? value : throw CutOff();
    }

    private static MalformedException CutOff() => new("The gzip data is truncated.");

    /// <summary>Hands the inflater its input and remembers the last piece.</summary>
    private sealed class Feed(Stream source) : ReadOnlyStream
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _lastStart;
        private int _next;
        private int _end;

        public bool WasAskedBeyondEnd { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (_next == _end && !Fill(keepFrom: _end))
            {
                WasAskedBeyondEnd = true;
                return 0;
            }

            var count = Math.Min(buffer.Length, _end - _next);
            _buffer.AsSpan(_next, count).CopyTo(buffer);
            _lastStart = _next;
            _next += count;
            return count;
        }

        /// <summary>The next byte, or −1 at the end.</summary>
        public int TakeByte()
        {
            if (_next == _end && !Fill(keepFrom: _end))
            {
                return -1;
            }

            _lastStart = _next + 1;
            return _buffer[_next++];
        }

        /// <summary>Finds the trailer in, or right behind, the last piece handed out, and goes on behind it.</summary>
        public bool SkipPast(ReadOnlySpan<byte> trailer)
        {
            while (_end - _next < trailer.Length && Fill(keepFrom: _lastStart))
            {
            }

            var found = _buffer.AsSpan(_lastStart, Math.Min(_next + trailer.Length, _end) - _lastStart).IndexOf(trailer);
            if (found < 0)
            {
                return false;
            }

            _next = _lastStart + found + trailer.Length;
            return true;
        }

        /// <summary>Reads more behind what is kept. The inflater takes at most a few kilobytes at a time, so there is room.</summary>
        private bool Fill(int keepFrom)
        {
            if (keepFrom > 0)
            {
                _buffer.AsSpan(keepFrom, _end - keepFrom).CopyTo(_buffer);
                _lastStart = Math.Max(0, _lastStart - keepFrom);
                _next -= keepFrom;
                _end -= keepFrom;
            }

            var read = source.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            return read > 0;
        }
    }
}

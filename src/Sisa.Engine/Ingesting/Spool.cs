using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sisa.Corpora;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.Storage.Slices;

namespace Sisa.Engine.Ingesting;

/// <summary>Items that have been read and checked but not yet sorted into slices: one scratch file, in the order of reading.</summary>
/// <remarks>Not thread-safe. Holds eight bytes an item in memory. A crash leaves an orphan in the scratch folder.</remarks>
internal sealed class Spool : IDisposable
{
    private const int PrefixBytes = 40;

    private readonly string _path;
    [SuppressMessage("Reliability", "CA2213", Justification = "DurableFile.Abandon disposes it, and the analyzer does not follow the call.")]
    private readonly FileStream _stream;
    private readonly Dictionary<Placement, List<long>> _offsets = [];
    private byte[] _buffer = new byte[64 * 1024];
    private MappedFile? _reader;
    private long _end;

    public Spool(string path)
    {
        _path = path;
        try
        {
            _stream = OwnerOnly.Open(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DurableFile.Failed("create", path, e);
        }
    }

    /// <summary>Number of items.</summary>
    public long Count { get; private set; }

    /// <summary>Places that got items, in order.</summary>
    public IReadOnlyList<Placement> Places => [.. _offsets.Keys.Order()];

    /// <summary>Appends an item.</summary>
    /// <param name="item">The item; copied.</param>
    /// <param name="place">Where it shall live.</param>
    /// <param name="riskClass">Position of its risk class, or −1.</param>
    /// <param name="file">Number of the corpus file that it comes from.</param>
    public void Add(Item item, Placement place, int riskClass, int file)
    {
        var size = PrefixBytes + ((item.Id.Length + item.Subject.Length) * 3) + item.Features.Length + item.Text.Length;
        if (_buffer.Length < size)
        {
            _buffer = new byte[size * 2];
        }

        var id = Encoding.UTF8.GetBytes(item.Id, _buffer.AsSpan(PrefixBytes));
        var subject = Encoding.UTF8.GetBytes(item.Subject, _buffer.AsSpan(PrefixBytes + id));
        var features = PrefixBytes + id + subject;
        item.Features.Span.CopyTo(_buffer.AsSpan(features));
        item.Text.Span.CopyTo(_buffer.AsSpan(features + item.Features.Length));
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, id);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(4), subject);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(8), item.Label);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(12), item.Features.Length);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(16), item.Text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(20), file);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(24), item.Row);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(32), riskClass);

        // Zero for a format without lines.
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(36), item.LastRow is { } last ? (int)Math.Min(last - item.Row + 1, int.MaxValue) : 0);
        var length = features + item.Features.Length + item.Text.Length;
        try
        {
            _stream.Write(_buffer.AsSpan(0, length));
        }
        catch (IOException e)
        {
            throw DurableFile.Failed("write", _path, e);
        }

        if (!_offsets.TryGetValue(place, out var offsets))
        {
            _offsets.Add(place, offsets = []);
        }

        offsets.Add(_end);
        _end += length;
        Count++;
    }

    /// <summary>The items of a place. No more items may be added.</summary>
    /// <param name="place">One of <see cref="Places"/>.</param>
    public SpoolRecords Records(Placement place)
    {
        if (_reader is null)
        {
            Flush();
            _reader = new MappedFile(_path);
        }

        return new SpoolRecords(_reader, _offsets[place]);
    }

    public void Dispose()
    {
        _reader?.Dispose();
        DurableFile.Abandon(_stream, _path);
    }

    private void Flush()
    {
        try
        {
            _stream.Flush();
        }
        catch (IOException e)
        {
            throw DurableFile.Failed("write", _path, e);
        }
    }

    /// <summary>The items of one place, by number.</summary>
    internal sealed class SpoolRecords(MappedFile file, List<long> offsets) : IRecordSet
    {
        public int Count => offsets.Count;

        public SliceRecord this[int index]
        {
            get
            {
                var at = offsets[index];
                var prefix = file.Span(at, PrefixBytes);
                var id = BinaryPrimitives.ReadInt32LittleEndian(prefix);
                var subject = BinaryPrimitives.ReadInt32LittleEndian(prefix[4..]);
                var features = BinaryPrimitives.ReadInt32LittleEndian(prefix[12..]);
                var text = BinaryPrimitives.ReadInt32LittleEndian(prefix[16..]);
                var body = file.Span(at + PrefixBytes, id + subject + features + text);
                return new SliceRecord
                {
                    Id = body[..id],
                    Subject = body.Slice(id, subject),
                    Label = BinaryPrimitives.ReadInt32LittleEndian(prefix[8..]),
                    RiskClass = BinaryPrimitives.ReadInt32LittleEndian(prefix[32..]),
                    Features = body.Slice(id + subject, features),
                    Text = body[(id + subject + features)..],
                };
            }
        }

        /// <summary>File number, row and last line that an item comes from, for messages.</summary>
        public (int File, long Row, long? LastRow) Origin(int index)
        {
            var prefix = file.Span(offsets[index], PrefixBytes);
            var row = BinaryPrimitives.ReadInt64LittleEndian(prefix[24..]);
            var lines = BinaryPrimitives.ReadInt32LittleEndian(prefix[36..]);
            return (BinaryPrimitives.ReadInt32LittleEndian(prefix[20..]), row, lines == 0 ? null : row + lines - 1);
        }
    }
}

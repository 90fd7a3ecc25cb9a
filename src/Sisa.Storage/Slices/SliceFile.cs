using System.Buffers.Binary;
using System.Security.Cryptography;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Storage.Slices;

/// <summary>The items of one slice, sorted by id, read by memory map without parsing. Layout: docs/store-format.md.</summary>
/// <remarks>Immutable; thread-safe for reading; spans and memory are valid until <see cref="Dispose"/>. A slice without items has
/// no file.</remarks>
public sealed class SliceFile : IRecordSet, IDisposable
{
    internal const int HeaderBytes = 128;
    internal const int EntryBytes = 96;
    internal const int SectionAlignment = 64;

    private readonly MappedFile _file;
    private readonly string _path;
    private readonly long _strings;
    private readonly long _features;
    private readonly long _texts;
    private readonly long _end;
    private readonly ReadOnlyMemory<byte> _stringBytes;
    private readonly Lazy<ReadOnlyMemory<byte>[]> _ids;

    private SliceFile(MappedFile file, string path)
    {
        (_file, _path) = (file, path);
        if (file.LengthBytes < HeaderBytes + Digest.SizeBytes || !file.Span(0, 8).SequenceEqual(Magic))
        {
            throw Damaged(path, $"it has {Counted.Of(file.LengthBytes, "byte")} and does not begin like a slice file");
        }

        var header = file.Span(0, HeaderBytes);
        var count = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        _strings = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        _features = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        _texts = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        _end = file.LengthBytes - Digest.SizeBytes;
        if (count is < 0 or > int.MaxValue || HeaderBytes + (count * EntryBytes) > _strings || _strings > _features || _features > _texts || _texts > _end
            || _features - _strings > int.MaxValue)
        {
            throw Damaged(path, "a section lies outside the file");
        }

        Count = (int)count;
        Root = new SliceRoot(new Digest(header[64..96]), Count);
        _stringBytes = file.Memory(_strings, (int)(_features - _strings));
        _ids = new Lazy<ReadOnlyMemory<byte>[]>(() => [.. Enumerable.Range(0, Count).Select(Id)]);
    }

    /// <summary>First bytes of every slice file.</summary>
    internal static ReadOnlySpan<byte> Magic => "SISASLC1"u8;

    /// <inheritdoc/>
    public int Count { get; }

    /// <summary>Root and number of the items, as the file says and <see cref="Open"/> has checked.</summary>
    public SliceRoot Root { get; }

    /// <summary>UTF-8 ids in ascending byte order, all at once: sixteen bytes an item.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Ids => _ids.Value;

    /// <inheritdoc/>
    public SliceRecord this[int index]
    {
        get
        {
            var entry = Entry(index);
            return new SliceRecord
            {
                Id = IdOf(entry),
                Subject = SubjectOf(entry),
                Label = BinaryPrimitives.ReadInt32LittleEndian(entry[16..]),
                RiskClass = BinaryPrimitives.ReadInt32LittleEndian(entry[44..]),
                Features = FeaturesOf(entry),
                Text = Part(_texts, _end, BinaryPrimitives.ReadInt64LittleEndian(entry[32..]), BinaryPrimitives.ReadInt32LittleEndian(entry[40..])),
            };
        }
    }

    /// <summary>Opens a slice file and checks it: magic, checksum over every byte, root over the leaves.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="expected">Root and number of items that the manifest records.</param>
    /// <exception cref="StoreException">The file is missing, damaged, or another one.</exception>
    public static SliceFile Open(string path, SliceRoot expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var file = new MappedFile(path);
        try
        {
            var slice = new SliceFile(file, path);
            CheckBytes(file, path);
            var builder = new MerkleBuilder();
            for (var i = 0; i < slice.Count; i++)
            {
                slice.CheckEntry(i);
                builder.Add(slice.Leaf(i));
            }

            var root = new SliceRoot(builder.Root(), slice.Count);
            if (root != slice.Root || root != expected)
            {
                throw new StoreException(
                    $"Slice file {path} holds {Counted.Of(root.ItemCount, "item")} with root {root.Root.ToShortString()}…, the manifest records {expected.ItemCount} with {expected.Root.ToShortString()}….",
                    "The file was exchanged or altered. Restore it from a backup, or ingest into a new store.");
            }

            return slice;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a slice file without knowing its root: for reports, and for what is about to be destroyed. Never for training.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="StoreException">The file is missing or damaged.</exception>
    public static SliceFile OpenUnverified(string path)
    {
        var file = new MappedFile(path);
        try
        {
            return new SliceFile(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a slice file whose root is not recorded any more but in its name: checks magic, checksum and name.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="StoreException">The file is missing or damaged.</exception>
    public static SliceFile OpenOld(string path)
    {
        using (var file = new MappedFile(path))
        {
            CheckBytes(file, path);
        }

        var slice = OpenUnverified(path);
        if (Path.GetFileNameWithoutExtension(path).EndsWith(slice.Root.Root.ToString()[..16], StringComparison.Ordinal))
        {
            return slice;
        }

        slice.Dispose();
        throw Damaged(path, "its content does not match its name");
    }

    /// <summary>UTF-8 id of an item.</summary>
    /// <param name="index">From 0, in id order.</param>
    public ReadOnlyMemory<byte> Id(int index)
    {
        var entry = Entry(index);
        var id = IdOf(entry);
        return _stringBytes.Slice((int)BinaryPrimitives.ReadInt64LittleEndian(entry), id.Length);
    }

    /// <summary>Index of the label of an item.</summary>
    /// <param name="index">From 0, in id order.</param>
    public int Label(int index) => BinaryPrimitives.ReadInt32LittleEndian(Entry(index)[16..]);

    /// <summary>Encoded features of an item, aligned to 4 bytes.</summary>
    /// <param name="index">From 0, in id order.</param>
    public ReadOnlySpan<byte> Features(int index) => FeaturesOf(Entry(index));

    /// <summary>Leaf of an item, as it was computed with the assignment key when the file was written.</summary>
    /// <param name="index">From 0, in id order.</param>
    public Digest Leaf(int index) => new(Entry(index)[64..96]);

    /// <summary>128 bits over the payload of an item.</summary>
    /// <param name="index">From 0, in id order.</param>
    public ReadOnlySpan<byte> ContentHash(int index) => Entry(index)[48..64];

    /// <summary>Looks an item up by binary search.</summary>
    /// <param name="id">UTF-8 id.</param>
    /// <returns>Its index, or a negative number.</returns>
    public int Find(ReadOnlySpan<byte> id)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var order = IdOf(Entry(middle)).SequenceCompareTo(id);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Whoever can alter a file can make its checksum fit: what an entry says is checked by itself.
    private void CheckEntry(int index)
    {
        var record = this[index];
        if (index > 0 && IdOf(Entry(index - 1)).SequenceCompareTo(record.Id) >= 0)
        {
            throw Damaged(_path, $"the ids of items {index - 1} and {index} are not in order");
        }
    }

    private static void CheckBytes(MappedFile file, string path)
    {
        var body = file.LengthBytes - Digest.SizeBytes;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        const int Step = 1 << 24;
        for (long offset = 0; offset < body; offset += Step)
        {
            hash.AppendData(file.Span(offset, (int)Math.Min(Step, body - offset)));
        }

        if (!file.Span(body, Digest.SizeBytes).SequenceEqual(hash.GetHashAndReset()))
        {
            throw Damaged(path, "its checksum does not match its bytes");
        }
    }

    private static StoreException Damaged(string path, string how) =>
        new($"Slice file {path} is damaged: {how}.", "Restore it from a backup, or ingest into a new store.");

    private ReadOnlySpan<byte> Entry(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return _file.Span(HeaderBytes + ((long)index * EntryBytes), EntryBytes);
    }

    private ReadOnlySpan<byte> IdOf(ReadOnlySpan<byte> entry) =>
        Part(_strings, _features, BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[8..]));

    private ReadOnlySpan<byte> SubjectOf(ReadOnlySpan<byte> entry)
    {
        var id = IdOf(entry);
        var subjectBytes = BinaryPrimitives.ReadInt32LittleEndian(entry[12..]);
        return subjectBytes == -1 ? id : Part(_strings, _features, BinaryPrimitives.ReadInt64LittleEndian(entry) + id.Length, subjectBytes);
    }

    private ReadOnlySpan<byte> FeaturesOf(ReadOnlySpan<byte> entry) =>
        Part(_features, _texts, BinaryPrimitives.ReadInt64LittleEndian(entry[24..]), BinaryPrimitives.ReadInt32LittleEndian(entry[20..]));

    /// <summary>A part of a section, which must be within it.</summary>
    private ReadOnlySpan<byte> Part(long start, long end, long offset, int length) => offset >= 0 && length >= 0 && length <= end - start && offset <= end - start - length
        ? _file.Span(start + offset, length)
        : throw Damaged(_path, "a record lies outside its section");
}

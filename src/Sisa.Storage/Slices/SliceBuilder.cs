using System.Buffers.Binary;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Storage.Files;

namespace Sisa.Storage.Slices;

/// <summary>Gathers records from any sources, sorts them by id and writes a slice file.</summary>
/// <remarks>Not thread-safe. Holds sixteen bytes an item; the records stay where they are until they are written. The same
/// records give the same bytes in whatever order they were added.</remarks>
public sealed class SliceBuilder
{
    private readonly List<(IRecordSet Source, int Index)> _records = [];

    /// <summary>Number of records added.</summary>
    public int Count => _records.Count;

    /// <summary>Adds a record.</summary>
    /// <param name="source">The holder of the records. It must stay open until <see cref="Write"/> returns.</param>
    /// <param name="index">Its number there.</param>
    public void Add(IRecordSet source, int index) => _records.Add((source, index));

    /// <summary>Sorts the records by id.</summary>
    /// <returns>Pairs of records with equal ids, the one added earlier first; the builder keeps the first of each.</returns>
    public IReadOnlyList<((IRecordSet Source, int Index) First, (IRecordSet Source, int Index) Second)> Sort()
    {
        // What comes from one slice is in order already, and most of what is rewritten does.
        if (IsSorted())
        {
            return [];
        }

        var order = new int[_records.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        // The position added breaks ties: List.Sort is not stable.
        Array.Sort(order, (a, b) =>
        {
            var byId = Record(a).Id.SequenceCompareTo(Record(b).Id);
            return byId != 0 ? byId : a.CompareTo(b);
        });

        var duplicates = new List<((IRecordSet, int), (IRecordSet, int))>();
        var sorted = new List<(IRecordSet, int)>(order.Length);
        var previous = -1;
        foreach (var i in order)
        {
            if (previous >= 0 && Record(previous).Id.SequenceEqual(Record(i).Id))
            {
                duplicates.Add((_records[previous], _records[i]));
            }
            else
            {
                sorted.Add(_records[i]);
                previous = i;
            }
        }

        _records.Clear();
        _records.AddRange(sorted);
        return duplicates;
    }

    /// <summary>Writes the file, durably. <see cref="Sort"/> must have been called since the last <see cref="Add"/>.</summary>
    /// <param name="path">Path of the file; its folder exists.</param>
    /// <param name="leafKey"><see cref="Sharding.AssignmentKey.LeafBytes"/>.</param>
    /// <returns>Root and number of the items.</returns>
    /// <exception cref="StorageIoException">It could not be written; nothing is left behind.</exception>
    public SliceRoot Write(string path, ReadOnlySpan<byte> leafKey)
    {
        var entries = new byte[checked(_records.Count * SliceFile.EntryBytes)];
        var (strings, features, texts) = FillEntries(entries, leafKey, out var root);
        var header = new byte[SliceFile.HeaderBytes];
        long stringsAt = SliceFile.HeaderBytes + entries.Length;
        var featuresAt = RoundUp(stringsAt + strings);
        var textsAt = RoundUp(featuresAt + features);
        SliceFile.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), _records.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), stringsAt);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), featuresAt);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), textsAt);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(48), textsAt + texts + Digest.SizeBytes);
        root.CopyTo(header.AsSpan(64));

        using var writer = new HashingWriter(path + DurableFile.TemporarySuffix);
        writer.Write(header);
        writer.Write(entries);
        for (var i = 0; i < _records.Count; i++)
        {
            var record = Record(i);
            writer.Write(record.Id);
            if (!record.Subject.SequenceEqual(record.Id))
            {
                writer.Write(record.Subject);
            }
        }

        writer.Align(SliceFile.SectionAlignment);
        for (var i = 0; i < _records.Count; i++)
        {
            writer.Write(Record(i).Features);
            writer.Align(sizeof(int));
        }

        writer.Align(SliceFile.SectionAlignment);
        for (var i = 0; i < _records.Count; i++)
        {
            writer.Write(Record(i).Text);
        }

        writer.WriteUnhashed(writer.CurrentDigest().ToBytes());
        writer.Finish(path);
        return new SliceRoot(root, _records.Count);
    }

    private bool IsSorted()
    {
        for (var i = 1; i < _records.Count; i++)
        {
            if (Record(i - 1).Id.SequenceCompareTo(Record(i).Id) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private (long Strings, long Features, long Texts) FillEntries(Span<byte> entries, ReadOnlySpan<byte> leafKey, out Digest root)
    {
        var merkle = new MerkleBuilder();
        long strings = 0;
        long features = 0;
        long texts = 0;
        for (var i = 0; i < _records.Count; i++)
        {
            var record = Record(i);
            var entry = entries.Slice(i * SliceFile.EntryBytes, SliceFile.EntryBytes);
            var ownSubject = record.Subject.SequenceEqual(record.Id);
            BinaryPrimitives.WriteInt64LittleEndian(entry, strings);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], record.Id.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], ownSubject ? -1 : record.Subject.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[16..], record.Label);
            BinaryPrimitives.WriteInt32LittleEndian(entry[20..], record.Features.Length);
            BinaryPrimitives.WriteInt64LittleEndian(entry[24..], features);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], texts);
            BinaryPrimitives.WriteInt32LittleEndian(entry[40..], record.Text.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry[44..], record.RiskClass);
            record.ContentHash(entry[48..64]);
            var leaf = record.Leaf(leafKey);
            leaf.CopyTo(entry[64..]);
            merkle.Add(leaf);
            strings += record.Id.Length + (ownSubject ? 0 : record.Subject.Length);
            features += (record.Features.Length + sizeof(int) - 1) / sizeof(int) * sizeof(int);
            texts += record.Text.Length;
        }

        root = merkle.Root();
        return (strings, features, texts);
    }

    private static long RoundUp(long offset) => (offset + SliceFile.SectionAlignment - 1) / SliceFile.SectionAlignment * SliceFile.SectionAlignment;

    private SliceRecord Record(int index) => _records[index].Source[_records[index].Index];
}

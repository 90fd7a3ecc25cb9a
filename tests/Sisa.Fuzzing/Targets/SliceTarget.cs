using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Fuzzing.Engine;
using Sisa.Storage.Slices;

namespace Sisa.Fuzzing.Targets;

/// <summary>Slice files whose checksum, root and root in the manifest were made to fit, as whoever alters a file would: then everything that is read
/// must lie within the file, and records written again are the same records.</summary>
internal sealed class SliceTarget() : FuzzTarget("slice")
{
    private const int HeaderBytes = 128;
    private const int EntryBytes = 96;

    private static readonly byte[] LeafKey = new byte[Digest.SizeBytes];

    private readonly ScratchFolder _folder = new();

    public override IEnumerable<byte[]> LargeInputs() => [File.ReadAllBytes(Write("large", Records(50_000, textBytes: 3)))];

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var count in (int[])[1, 3, 9])
        {
            yield return File.ReadAllBytes(Write("seed", Records(count)));
        }
    }

    protected override void Run(byte[] input)
    {
        var (bytes, expected) = Fitting(input);
        var path = _folder.Write("slice", bytes);
        using var slice = SliceFile.Open(path, expected);
        var records = new Copy[slice.Count];
        for (var i = 0; i < slice.Count; i++)
        {
            records[i] = Copy.Of(slice[i]);
            Check(slice.Find(records[i].Id) == i, "every item is found by its id");
            Check(slice.Id(i).Span.SequenceEqual(records[i].Id) && slice.Ids[i].Span.SequenceEqual(records[i].Id), "an id is the same in every way");
            Check(slice.Features(i).SequenceEqual(records[i].Features) && slice.Label(i) == records[i].Label, "features are the same in every way");
            Check(slice.ContentHash(i).Length == 16, "content has a hash");
        }

        Rewrite(records);
    }

    protected override bool IsDocumented(Exception e) => e is StoreException;

    protected override void Dispose(bool disposing)
    {
        _folder.Dispose();
        base.Dispose(disposing);
    }

    private void Rewrite(Copy[] records)
    {
        using var again = SliceFile.OpenUnverified(Write("again", records));
        Check(again.Count == records.Length, "as many records again");
        for (var i = 0; i < again.Count; i++)
        {
            Check(Copy.Of(again[i]).Equals(records[i]), "records written again read the same");
        }
    }

    private string Write(string name, Copy[] records)
    {
        var builder = new SliceBuilder();
        var set = new RecordSet(records);
        for (var i = 0; i < records.Length; i++)
        {
            builder.Add(set, i);
        }

        builder.Sort();
        var path = Path.Combine(_folder.Root, name);
        builder.Write(path, LeafKey);
        return path;
    }

    /// <summary>The file with the root of the leaves that it holds, and its checksum.</summary>
    private static (byte[] Bytes, SliceRoot Expected) Fitting(byte[] input)
    {
        var bytes = input.Length < HeaderBytes + Digest.SizeBytes ? new byte[HeaderBytes + Digest.SizeBytes] : input.ToArray();
        input.AsSpan(0, Math.Min(input.Length, HeaderBytes)).CopyTo(bytes);
        "SISASLC1"u8.CopyTo(bytes);
        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16));
        var merkle = new MerkleBuilder();
        for (var i = 0; i < count && HeaderBytes + ((i + 1) * EntryBytes) <= bytes.Length; i++)
        {
            merkle.Add(new Digest(bytes.AsSpan(HeaderBytes + (i * EntryBytes) + 64, Digest.SizeBytes)));
        }

        var root = merkle.Root();
        root.CopyTo(bytes.AsSpan(64));
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - Digest.SizeBytes), bytes.AsSpan(bytes.Length - Digest.SizeBytes));
        return (bytes, new SliceRoot(root, count));
    }

    private static Copy[] Records(int count, int textBytes = int.MaxValue) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Copy(
            Encoding.UTF8.GetBytes($"item-{i}"), Encoding.UTF8.GetBytes(i % 2 == 0 ? $"item-{i}" : "author"), i % 3, i % 2 - 1, new byte[i % 4 * 3], Encoding.UTF8.GetBytes(new string('x', Math.Min(i, textBytes))))),
    ];

    private sealed record Copy(byte[] Id, byte[] Subject, int Label, int RiskClass, byte[] Features, byte[] Text)
    {
        public static Copy Of(SliceRecord record) =>
            new(record.Id.ToArray(), record.Subject.ToArray(), record.Label, record.RiskClass, record.Features.ToArray(), record.Text.ToArray());

        public bool Equals(Copy? other) => other is not null && (Label, RiskClass) == (other.Label, other.RiskClass) && Id.AsSpan().SequenceEqual(other.Id)
            && Subject.AsSpan().SequenceEqual(other.Subject) && Features.AsSpan().SequenceEqual(other.Features) && Text.AsSpan().SequenceEqual(other.Text);

        public override int GetHashCode() => HashCode.Combine(Label, RiskClass, Id.Length);
    }

    private sealed class RecordSet(Copy[] records) : IRecordSet
    {
        public int Count => records.Length;

        public SliceRecord this[int index] => new()
        {
            Id = records[index].Id,
            Subject = records[index].Subject,
            Label = records[index].Label,
            RiskClass = records[index].RiskClass,
            Features = records[index].Features,
            Text = records[index].Text,
        };
    }
}

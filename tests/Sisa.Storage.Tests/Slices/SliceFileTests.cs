using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Storage.Slices;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Slices;

public sealed class SliceFileTests : IDisposable
{
    private static readonly MemoryRecord[] Three = [new("b", "alice", "second", 1), new("a", "a", "first", 2, 3), new("日本-🙂", "bob", "ユニコード", 0)];

    private readonly TempFolder _folder = new();

    [Fact]
    public void Records_come_back_in_the_order_of_their_ids()
    {
        using var file = Open(Three);

        Assert.Equal(["a", "b", "日本-🙂"], file.Ids.Select(id => Encoding.UTF8.GetString(id.Span)));
        Assert.Equal(3, file.Count);
        var record = file[1];
        Assert.Equal("b|alice|second|second!|1|-1", Describe(record));
        Assert.Equal("a|a|first|first!|2|3", Describe(file[0]));
        Assert.Equal("日本-🙂|bob|ユニコード|ユニコード!|0|-1", Describe(file[2]));
        Assert.Equal((2, "first!"), (file.Label(0), Encoding.UTF8.GetString(file.Features(0))));
        Assert.True(file.ContentHash(0).SequenceEqual(SHA256.HashData("first"u8).AsSpan(0, 16)));
        Assert.Equal(record.Leaf(Key.LeafBytes), file.Leaf(1));
    }

    [Fact]
    public void The_root_is_the_merkle_root_over_the_leaves()
    {
        using var file = Open(Three);

        Assert.Equal(MerkleTree.Root(Enumerable.Range(0, 3).Select(file.Leaf)), file.Root.Root);
    }

    [Fact]
    public void The_order_of_arrival_leaves_no_trace()
    {
        var gen = Gen.Select(Gen.Int[0, 99].HashSet[0, 30], Gen.Int[0, 1000]);
        gen.Sample(
            (numbers, seed) =>
            {
                MemoryRecord[] records = [.. numbers.Select(n => new MemoryRecord($"id {n}", $"subject {n % 7}", $"text {n}", n % 3))];
                MemoryRecord[] shuffled = [.. records.OrderBy(r => SHA256.HashData(Encoding.UTF8.GetBytes(r.Id + seed))[0])];
                return Write("x", records).SequenceEqual(Write("y", shuffled));
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public void Every_id_is_found_and_no_other() => Gen.String[Gen.Char['a', 'd'], 1, 4].HashSet[0, 40].Sample(
        ids =>
        {
            using var file = Open([.. ids.Select(id => new MemoryRecord(id, id, id))]);
            string[] sorted = [.. ids.Order(StringComparer.Ordinal)];
            return sorted.Select((id, i) => file.Find(Encoding.UTF8.GetBytes(id)) == i).All(found => found)
                && new[] { string.Empty, "0", "e", "aaaaa", "bb_" }.All(id => file.Find(Encoding.UTF8.GetBytes(id)) < 0);
        },
        iter: 60,
        threads: 1);

    [Fact]
    public void Duplicates_are_reported_and_the_first_is_kept()
    {
        var first = new MemoryRecords(new MemoryRecord("a", "s", "first"), new MemoryRecord("b", "s", "only"));
        var second = new MemoryRecords(new MemoryRecord("a", "s", "second"), new MemoryRecord("a", "s", "third"));
        var builder = first.ToBuilder();
        builder.Add(second, 0);
        builder.Add(second, 1);

        var duplicates = builder.Sort();

        Assert.Equal([(0, 0), (0, 1)], duplicates.Select(d => (d.First.Index, d.Second.Index)));
        Assert.All(duplicates, d => Assert.Same(first, d.First.Source));
        Assert.Equal(2, builder.Count);
        using var file = SliceFile.Open(_folder["x"], builder.Write(_folder["x"], Key.LeafBytes));
        Assert.Equal("first", Encoding.UTF8.GetString(file[0].Text));
    }

    [Fact]
    public void An_empty_slice_can_be_written_and_read()
    {
        using var file = Open([]);

        Assert.Equal(SliceRoot.Empty, file.Root);
        Assert.Empty(file.Ids);
        Assert.True(file.Find("a"u8) < 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Label(0));
    }

    [Fact]
    public void Large_records_and_empty_parts_come_back()
    {
        var large = new MemoryRecord("large", "s", new string('é', 50_000));
        using var file = Open([large, new MemoryRecord("none", "s", string.Empty) { Features = [] }, new MemoryRecord("odd", "s", "x") { Features = [1, 2, 3] }]);

        Assert.Equal(large.Text, Encoding.UTF8.GetString(file[0].Text));
        Assert.True(file[1].Features.IsEmpty && file[1].Text.IsEmpty);
        Assert.Equal([1, 2, 3], file.Features(2).ToArray());
    }

    [Fact]
    public void Every_part_of_a_record_is_under_its_leaf()
    {
        var record = new MemoryRecord("id", "subject", "text", 1);
        MemoryRecord[] others =
        [
            record with { Id = "ie" }, record with { Subject = "subjecu" }, record with { Text = "texu", Features = record.Features }, record with { Label = 2 }, record with { Features = [1] },
            record with { Id = "ids", Subject = "ubject" },
        ];
        var leaf = new MemoryRecords(record)[0].Leaf(Key.LeafBytes);

        Assert.All(others, other => Assert.NotEqual(leaf, new MemoryRecords(other)[0].Leaf(Key.LeafBytes)));
        Assert.NotEqual(leaf, new MemoryRecords(record)[0].Leaf(SmallRecipes.Key(2).LeafBytes));
    }

    [Fact]
    public void Every_flipped_byte_is_refused()
    {
        var good = Write("good", Three);
        var root = new MemoryRecords(Three).ToBuilder().SortAndWrite(_folder["again"]);
        for (var i = 0; i < good.Length; i++)
        {
            var bad = good.ToArray();
            bad[i] ^= 1;
            File.WriteAllBytes(_folder["bad"], bad);
            Assert.True(Record.Exception(() => SliceFile.Open(_folder["bad"], root)) is StoreException, $"byte {i}");
        }
    }

    [Fact]
    public void A_truncated_or_prolonged_file_is_refused()
    {
        var good = Write("good", Three);
        using var opened = Open(Three);
        foreach (var length in Enumerable.Range(0, good.Length))
        {
            File.WriteAllBytes(_folder["bad"], good[..length]);
            Assert.True(Record.Exception(() => SliceFile.Open(_folder["bad"], opened.Root)) is StoreException, $"{length} bytes");
            Assert.True(Record.Exception(() => SliceFile.OpenUnverified(_folder["bad"]).Dispose()) is null or StoreException, $"{length} bytes, unverified");
        }

        File.WriteAllBytes(_folder["bad"], [.. good, 0]);
        Assert.Throws<StoreException>(() => SliceFile.Open(_folder["bad"], opened.Root));
    }

    [Fact]
    public void A_good_file_of_another_slice_is_refused()
    {
        using var mine = Open(Three);
        Write("other", Three[..2]);

        Assert.Contains("exchanged", Assert.Throws<StoreException>(() => SliceFile.Open(_folder["other"], mine.Root)).Remedy?.ToString(), StringComparison.Ordinal);
        Assert.Throws<StoreException>(() => SliceFile.Open(_folder["x"], mine.Root with { ItemCount = 2 }));
    }

    [Fact]
    public void A_forged_file_with_a_fitting_checksum_is_refused_by_its_root()
    {
        var bytes = Write("forged", Three);
        using var mine = Open(Three);
        foreach (var position in new[] { 16, 24, 32, 40, 64, 128 + 64 })
        {
            var forged = bytes.ToArray();
            BinaryPrimitives.WriteInt64LittleEndian(forged.AsSpan(position), BinaryPrimitives.ReadInt64LittleEndian(forged.AsSpan(position)) + (1L << 40));
            SHA256.HashData(forged.AsSpan(0, forged.Length - 32)).CopyTo(forged.AsSpan(forged.Length - 32));
            File.WriteAllBytes(_folder["forged"], forged);
            var error = Record.Exception(() => SliceFile.Open(_folder["forged"], mine.Root).Dispose());

            // Where texts begin is under the checksum alone; what trains does not read them.
            Assert.True(error is StoreException || (error is null && position == 40), $"position {position}: {error}");
        }
    }

    [Fact]
    public void A_file_that_is_none_is_refused_unverified_too()
    {
        File.WriteAllBytes(_folder["none"], new byte[500]);

        Assert.Throws<StoreException>(() => SliceFile.OpenUnverified(_folder["none"]));
        Assert.Throws<StoreException>(() => SliceFile.OpenUnverified(_folder["missing"]));
    }

    [Fact]
    public void A_slice_that_cannot_be_written_leaves_nothing()
    {
        var builder = new MemoryRecords(Three).ToBuilder();
        builder.Sort();

        Assert.Throws<StorageIoException>(() => builder.Write(_folder["none/x"], Key.LeafBytes));
        Directory.CreateDirectory(_folder["taken/inner"]);
        Assert.Throws<StorageIoException>(() => builder.Write(_folder["taken"], Key.LeafBytes));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static Sharding.AssignmentKey Key => SmallRecipes.Key();

    private static string Describe(SliceRecord r) =>
        $"{Encoding.UTF8.GetString(r.Id)}|{Encoding.UTF8.GetString(r.Subject)}|{Encoding.UTF8.GetString(r.Text)}|{Encoding.UTF8.GetString(r.Features)}|{r.Label}|{r.RiskClass}";

    [Fact]
    public void A_full_device_leaves_no_temporary_file_and_its_first_refusal_is_reported()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full, the device that is always full.");
        File.CreateSymbolicLink(_folder["x.tmp"], "/dev/full");

        var fault = Assert.Throws<StorageIoException>(() => new MemoryRecords(Three).ToBuilder().SortAndWrite(_folder["x"]));

        Assert.Contains("x.tmp", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private byte[] Write(string name, IReadOnlyList<MemoryRecord> records)
    {
        new MemoryRecords(records).ToBuilder().SortAndWrite(_folder[name]);
        return File.ReadAllBytes(_folder[name]);
    }

    private SliceFile Open(IReadOnlyList<MemoryRecord> records) => SliceFile.Open(_folder["x"], new MemoryRecords(records).ToBuilder().SortAndWrite(_folder["x"]));
}

internal static class SliceBuilderExtensions
{
    public static SliceRoot SortAndWrite(this SliceBuilder builder, string path)
    {
        builder.Sort();
        return builder.Write(path, SmallRecipes.Key().LeafBytes);
    }
}

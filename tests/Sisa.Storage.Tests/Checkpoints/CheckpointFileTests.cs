using System.Security.Cryptography;
using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Checkpoints;

public sealed class CheckpointFileTests : IDisposable
{
    private static readonly CheckpointHeader Header = new()
    {
        Recipe = Digest.Of("recipe"u8),
        Shard = new ShardId(1),
        Lineage = new Lineage([new SliceRoot(Digest.Of("a"u8), 3), SliceRoot.Empty]),
        Environment = new FakeTrainer().Fingerprint,
    };

    private static readonly TensorEntry[] Tensors =
    [
        new("layer.weight", "F32", [2, 2], new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }),
        new("none", "F32", [0], ReadOnlyMemory<byte>.Empty),
        new("optimizer.step", "I64", [], new byte[] { 7, 0, 0, 0, 0, 0, 0, 0 }),
    ];

    private readonly TempFolder _folder = new();

    [Fact]
    public void A_checkpoint_comes_back()
    {
        var info = Write();
        using var content = CheckpointFile.Read(Path.Combine(_folder["c"], info.FileName), info.Digest);

        Assert.Equal(Header, content.Header);
        Assert.Equal(["layer.weight", "none", "optimizer.step"], content.Tensors.Select(t => t.Name));
        Assert.Equal(Tensors[0].Data.ToArray(), content.Data("layer.weight").ToArray());
        Assert.True(content.Data("none").IsEmpty);
        Assert.Contains("layer.weight", Assert.Throws<StoreException>(() => content.Data("other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_named_by_its_digest_and_nothing_else_is_left()
    {
        var info = Write();
        var path = Assert.Single(Directory.EnumerateFiles(_folder["c"]));
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

        Assert.Equal(digest, info.Digest.ToString());
        Assert.Equal($"slice-02-{digest[..16]}.safetensors", info.FileName);
        Assert.Equal(new FileInfo(path).Length, info.SizeBytes);
        Assert.Equal(info.Tensors, new Digest(SHA256.HashData([.. Tensors.SelectMany(t => t.Data.ToArray())])));
        Assert.Equal(info.Digest, CheckpointFile.HashOf(path));
    }

    // Below and above the size from which on hashing goes on beside writing.
    [Theory]
    [InlineData(1000, 1000)]
    [InlineData(3, 1 << 20)]
    [InlineData(700_000, 800_000)]
    [InlineData(5_000_000, 1)]
    public void Both_digests_are_those_of_the_bytes_on_disk(int first, int second)
    {
        TensorEntry[] tensors = [Bytes("a", first), Bytes("none", 0), Bytes("b", second)];
        var info = CheckpointFile.Write(_folder.Path, "x-", [], tensors);
        var written = File.ReadAllBytes(_folder[info.FileName]);

        Assert.Equal(new Digest(SHA256.HashData(written)), info.Digest);
        Assert.Equal(new Digest(SHA256.HashData(written.AsSpan(written.Length - first - second))), info.Tensors);
        Assert.Equal([.. tensors[0].Data.Span, .. tensors[2].Data.Span], written[^(first + second)..]);
        Assert.Equal(written.Length, info.SizeBytes);
    }

    [Fact]
    public void The_same_content_gives_the_same_file() => Assert.Equal(Write(), Write());

    [Fact]
    public void Every_flipped_byte_is_refused_before_it_is_parsed()
    {
        var info = Write();
        var path = Path.Combine(_folder["c"], info.FileName);
        var good = File.ReadAllBytes(path);
        for (var i = 0; i < good.Length; i += 3)
        {
            var bad = good.ToArray();
            bad[i] ^= 0x10;
            File.WriteAllBytes(path, bad);
            Assert.Contains("has digest", Assert.Throws<StoreException>(() => CheckpointFile.Read(path, info.Digest)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        Assert.Throws<StoreException>(() => CheckpointFile.Read(_folder["none"], default));
        Assert.Throws<StoreException>(() => CheckpointFile.HashOf(_folder["none"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("long enough, and yet not a safetensors file")]
    public void Another_file_with_the_right_digest_is_no_checkpoint(string text)
    {
        var path = _folder.Write("other", text);

        Assert.Contains("not a safetensors file", Assert.Throws<StoreException>(() => CheckpointFile.Read(path, CheckpointFile.HashOf(path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_safetensors_file_without_a_header_of_ours_is_no_checkpoint()
    {
        var info = CheckpointFile.Write(_folder.Path, "weights-", [], Tensors);
        using var content = CheckpointFile.Read(_folder[info.FileName], info.Digest);

        Assert.Empty(content.Metadata);
        Assert.Throws<StoreException>(() => content.Header);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_nothing()
    {
        Assert.Throws<StorageIoException>(() => CheckpointFile.Write(_folder["none"], "x-", [], Tensors));

        _folder.Write("file", "x");
        Assert.Throws<StorageIoException>(() => CheckpointFile.Write(_folder["file"], Header, Tensors));
        Assert.Equal([_folder["file"]], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_large_checkpoint_that_gets_no_name_leaves_nothing()
    {
        Assert.Throws<StoreException>(() => CheckpointFile.Write(_folder.Path, (Digest _) => throw new StoreException("No name.", null), [], [Bytes("a", 3_000_000)]));
        Assert.Throws<StorageIoException>(() => CheckpointFile.Write(_folder["none"], "x-", [], [Bytes("a", 3_000_000)]));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static TensorEntry Bytes(string name, int length) => new(name, "U8", [length], Enumerable.Range(0, length).Select(i => (byte)(i * 31 / 7)).ToArray());

    private CheckpointInfo Write() => CheckpointFile.Write(_folder["c"], Header, Tensors);
}

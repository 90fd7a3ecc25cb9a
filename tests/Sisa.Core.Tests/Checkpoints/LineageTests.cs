using System.Text.Json;
using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Checkpoints;

public sealed class LineageTests
{
    private static readonly EnvironmentFingerprint Environment = new FakeTrainer().Fingerprint;

    [Fact]
    public void Any_other_root_count_or_order_is_another_lineage()
    {
        Lineage[] lineages =
        [
            new([]), new([Slice("a", 1)]), new([Slice("a", 2)]), new([Slice("b", 1)]), new([Slice("a", 1), Slice("b", 1)]), new([Slice("b", 1), Slice("a", 1)]),
            new([Slice("a", 1), SliceRoot.Empty]), new([SliceRoot.Empty, Slice("a", 1)]),
        ];

        Assert.Equal(lineages.Length, lineages.Select(l => l.Digest).Distinct().Count());
        Assert.Equal(lineages[4], new Lineage([Slice("a", 1), Slice("b", 1)]));
        Assert.Equal(lineages[4].GetHashCode(), new Lineage([Slice("a", 1), Slice("b", 1)]).GetHashCode());
        Assert.False(lineages[4].Equals((object)"a lineage"));
    }

    [Fact]
    public void It_knows_its_stage_and_its_items()
    {
        var lineage = new Lineage([Slice("a", 3), SliceRoot.Empty, Slice("b", 4)]);

        Assert.Equal((new SliceIndex(3), 7L), (lineage.Stage, lineage.ItemCount));
    }

    // The root of no leaves is SHA-256 of nothing (RFC 6962, section 2.1).
    [Fact]
    public void A_slice_without_items_has_the_root_of_an_empty_tree() =>
        Assert.Equal(("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0L), (SliceRoot.Empty.Root.ToString(), SliceRoot.Empty.ItemCount));

    [Fact]
    public void Those_of_every_stage_are_those_made_one_by_one()
    {
        SliceRoot[] slices = [Slice("a", 3), SliceRoot.Empty, Slice("b", 4)];
        var stages = Lineage.OfEveryStage(slices);

        Assert.Equal(Enumerable.Range(1, 3).Select(k => new Lineage(slices.Take(k))), stages);
        Assert.Equal(Enumerable.Range(1, 3).Select(k => slices.Take(k)), stages.Select(lineage => lineage.Slices.AsEnumerable()));
        Assert.Equal([3L, 3L, 7L], stages.Select(lineage => lineage.ItemCount));
        Assert.Equal([1, 2, 3], stages.Select(lineage => lineage.Stage.Value));
        Assert.Empty(Lineage.OfEveryStage([]));
    }

    [Fact]
    public void A_header_comes_back_from_its_metadata()
    {
        var header = Header();
        var again = CheckpointHeader.FromMetadata(header.ToMetadata().ToDictionary(), "file");

        Assert.Equal(header, again);
        Assert.Equal(new SliceIndex(2), again.Stage);
        Assert.Equal(["format", "recipe", "shard", "stage", "lineage", "environment"], header.ToMetadata().Select(m => m.Key));
    }

    [Theory]
    [InlineData("format", "sisa-checkpoint-9")]
    [InlineData("format", null)]
    [InlineData("recipe", "abc")]
    [InlineData("recipe", null)]
    [InlineData("shard", "x")]
    [InlineData("shard", "99999999999")]
    [InlineData("stage", "3")]
    [InlineData("stage", null)]
    [InlineData("lineage", "[")]
    [InlineData("lineage", "null")]
    [InlineData("lineage", "[null,null]")]
    [InlineData("lineage", """[{"root":"00","itemCount":1}]""")]
    [InlineData("environment", "null")]
    [InlineData("environment", "{}")]
    public void Malformed_metadata_is_refused_with_the_name_of_the_file(string key, string? value)
    {
        var metadata = Header().ToMetadata().ToDictionary();
        if (value is null)
        {
            metadata.Remove(key);
        }
        else
        {
            metadata[key] = value;
        }

        Assert.Contains("shard-000/file", Assert.Throws<StoreException>(() => CheckpointHeader.FromMetadata(metadata, "shard-000/file")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fingerprint_is_named_by_everything_in_it()
    {
        EnvironmentFingerprint[] others =
        [
            Environment, Environment with { Cpu = null }, Environment with { Threads = 2 }, Environment with { Gpu = "g" }, Environment with { GpuDriver = "d" },
            Environment with { Device = "cuda" }, Environment with { Libtorch = "1" }, Environment with { TorchSharp = "1" }, Environment with { CpuCapability = "avx2" },
            Environment with { Numerics = NumericProfile.Portable }, Environment with { Architecture = "arm64" }, Environment with { OperatingSystem = "macos" },
        ];

        Assert.Equal(others.Length, others.Select(e => e.ToDigest()).Distinct().Count());
        Assert.All(others, e => Assert.Equal(e, EnvironmentFingerprint.FromJson(e.ToJson())));
        Assert.ThrowsAny<JsonException>(() => EnvironmentFingerprint.FromJson("null"));
    }

    private static CheckpointHeader Header() => new()
    {
        Recipe = Digest.Of("recipe"u8),
        Shard = new ShardId(3),
        Lineage = new Lineage([Slice("a", 1), Slice("b", 2)]),
        Environment = Environment,
    };

    private static SliceRoot Slice(string name, long items) => new(Digest.Of(System.Text.Encoding.UTF8.GetBytes(name)), items);
}

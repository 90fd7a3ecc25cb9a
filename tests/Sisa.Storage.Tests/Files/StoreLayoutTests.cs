using Sisa.Sharding;
using Sisa.Storage.Files;

namespace Sisa.Storage.Tests.Files;

public sealed class StoreLayoutTests
{
    private static readonly StoreLayout Layout = new("some/store");

    [Fact]
    public void Paths_are_recorded_relative_to_the_store_and_come_back()
    {
        var path = Path.Combine(Layout.CheckpointsOf(new ShardId(7)), "slice-02-abc.safetensors");

        Assert.Equal("checkpoints/shard-007/slice-02-abc.safetensors", Layout.Relative(path));
        Assert.Equal(path, Layout.Absolute(Layout.Relative(path)));
    }

    [Fact]
    public void Every_folder_lies_in_the_store()
    {
        string[] paths =
        [
            Layout.Manifest, Layout.Lock, Layout.AssignmentKey, Layout.TombstoneKey, Layout.Scratch, Layout.SlicesOf(new ShardId(1)), Layout.EventFile(new ShardId(1), new SliceIndex(2)),
        ];

        Assert.All(paths, p => Assert.StartsWith(Layout.Root + Path.DirectorySeparatorChar, p, StringComparison.Ordinal));
        Assert.True(Path.IsPathFullyQualified(Layout.Root));
        Assert.EndsWith(Path.Combine("shard-001", "events.out.tfevents.00002"), Layout.EventFile(new ShardId(1), new SliceIndex(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_separator_at_the_end_of_the_folder_changes_nothing()
    {
        var slashed = new StoreLayout("some/store/");

        Assert.Equal(Layout.Root, slashed.Root);
        Assert.Equal(Layout.Absolute("slices/a"), slashed.Absolute("slices/a"));
        Assert.Throws<StoreException>(() => slashed.Absolute("../store2/file"));
    }

    [Theory]
    [InlineData("../other")]
    [InlineData("slices/../../other")]
    [InlineData("/etc/passwd")]
    [InlineData("../store2/file")]
    [InlineData("")]
    [InlineData(".")]
    public void A_path_that_leads_out_of_the_store_is_refused(string relative) => Assert.Throws<StoreException>(() => Layout.Absolute(relative));
}

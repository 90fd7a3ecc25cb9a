using Sisa.Engine.Recovering;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Stores;

/// <summary>A store whose manifest or folders somebody altered: what they name outside the store is neither read nor removed.</summary>
public sealed class AlteredStoreTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 3));
    private readonly string _victim;

    public AlteredStoreTests()
    {
        _store.Ingest(TestRow.Many(30, authors: 12));
        _store.Train();
        Directory.CreateDirectory(_store.Beside("outside"));
        _victim = Path.Combine(_store.Beside("outside"), "victim");
        File.WriteAllText(_victim, "not the store's");
        Directory.CreateSymbolicLink(Path.Combine(_store.Store.Layout.Slices, "linked"), _store.Beside("outside"));
    }

    [Theory]
    [InlineData("../outside/victim")]
    [InlineData("slices/../../outside/victim")]
    [InlineData("slices/linked/victim")]
    [InlineData("keys/assignment.key")]
    [InlineData("manifest.db")]
    [InlineData("ABSOLUTE")]
    public void Garbage_that_lies_outside_the_slices_and_checkpoints_is_not_removed(string named)
    {
        _store.Store.Manifest.Write(() => _store.Store.Manifest.Garbage.Add(named == "ABSOLUTE" ? _victim : named));

        Assert.Throws<StoreException>(() => new Recovery(_store.Store).Run(TimeSpan.Zero));
        Assert.True(File.Exists(_victim));
        Assert.True(File.Exists(_store.Store.Layout.AssignmentKey) && File.Exists(_store.Store.Layout.Manifest));
    }

    [Theory]
    [InlineData("UPDATE slice SET file = '../outside/victim' WHERE file IS NOT NULL")]
    [InlineData("UPDATE slice SET file = 'slices/linked/victim' WHERE file IS NOT NULL")]
    [InlineData("UPDATE checkpoint SET file = '../outside/victim'")]
    [InlineData("UPDATE checkpoint SET file = 'slices/linked/victim'")]
    public void Rows_that_name_files_outside_are_refused_and_remove_nothing(string statement)
    {
        _store.Store.Manifest.Connection().Run(statement);

        Assert.Throws<StoreException>(() => new Recovery(_store.Store).Run(TimeSpan.Zero));
        Assert.Equal("not the store's", File.ReadAllText(_victim));
    }

    [Fact]
    public void What_links_in_the_store_lead_to_is_no_litter()
    {
        var layout = _store.Store.Layout;
        Directory.CreateSymbolicLink(Path.Combine(layout.Checkpoints, "linked"), _store.Beside("outside"));
        Directory.CreateSymbolicLink(Path.Combine(layout.Scratch, "linked"), _store.Beside("outside"));
        File.WriteAllText(Path.Combine(layout.SlicesOf(new ShardId(0)), "slice-01.new.tmp"), "x");

        Assert.Equal(1, new Recovery(_store.Store).Run(TimeSpan.Zero).FilesRemoved);
        Assert.Equal("not the store's", File.ReadAllText(_victim));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/tmp/evil")]
    [InlineData("a/b")]
    [InlineData("..")]
    public void A_request_whose_name_is_a_path_gets_no_file(string request) => Assert.Throws<StoreException>(() => _store.Store.Layout.Certificate(request));

    public void Dispose() => _store.Dispose();
}

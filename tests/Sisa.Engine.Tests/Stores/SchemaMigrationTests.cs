using System.IO.Compression;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Engine.Training;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Stores;

/// <summary>A store that an earlier version made is brought to this one when it is opened, as a whole or not at all.</summary>
/// <remarks>The store was made by version 3: twelve items of four subjects, and a request for one of them that waits for its retraining.</remarks>
public sealed class SchemaMigrationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _path;

    public SchemaMigrationTests()
    {
        _path = _folder["store"];
        using var archive = new ZipArchive(typeof(SchemaMigrationTests).Assembly.GetManifestResourceStream("Sisa.Engine.Tests.Fixtures.store-version-3.zip")!);
        archive.ExtractToDirectory(_path);
    }

    [Fact]
    public void Its_requests_go_on_and_its_numbers_are_those_of_its_rows()
    {
        using (var store = Store.Open(_path))
        {
            Assert.Equal((12L, 4L), (store.Manifest.Items.KeptRowCount, store.Manifest.Items.KeptSubjectCount));
            Assert.Equal(store.Manifest.Requests.TombstoneCount, StatusReport.Of(store).Forgotten);
            Assert.Equal(1, store.Manifest.Requests.TombstoneCount);
            var request = Assert.Single(StatusReport.Of(store).Requests);
            Assert.Equal(("r-1", RequestState.FallbackPublished, request.Received), (request.Id, request.State, request.Recorded));
            new Reconciler(store, new FakeTrainer()).BringUpToDate(TimeSpan.Zero);
            Assert.Equal((11L, 4L), (store.Manifest.Items.KeptRowCount, store.Manifest.Items.KeptSubjectCount));
            Assert.Empty(new StoreCheck(store).Run(TimeSpan.Zero));
        }

        StoreInvariants.Check(_path, isAtRest: true);
        using var again = Store.Open(_path);
        Assert.Equal(RequestState.Purged, again.Manifest.Requests.Find("r-1")!.State);
    }

    [Fact]
    public void Its_tables_become_those_of_a_new_store()
    {
        Store.Open(_path).Dispose();
        using var made = new TestStore(SmallRecipes.Text());

        Assert.Equal(Schema(made.Path), Schema(_path));
        Assert.Equal(4L, Version());
    }

    [Fact]
    public void It_stays_as_it_is_while_another_process_holds_it()
    {
        using (StoreLock.Acquire(new StoreLayout(_path), TimeSpan.Zero))
        {
            Assert.Throws<StoreBusyException>(() => Store.Open(_path));
        }

        Assert.Equal(3L, Version());
        Store.Open(_path).Dispose();
        Assert.Equal(4L, Version());
    }

    [Fact]
    public void Rows_that_another_program_altered_are_not_sealed_anew()
    {
        StoreFiles.Execute(_path, "UPDATE request SET due = '2030-01-01T00:00:00Z'");

        Assert.Contains("its rows in request", Assert.Throws<StoreException>(() => Store.Open(_path)).Message, StringComparison.Ordinal);
        Assert.Equal(3L, Version());
    }

    [Fact]
    public void A_version_from_before_is_refused()
    {
        StoreFiles.Execute(_path, "PRAGMA user_version = 2");

        Assert.Contains($"has version 2, this program reads version {SqliteManifest.SchemaVersion}", Assert.Throws<StoreException>(() => Store.Open(_path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private long Version() => (long)StoreFiles.Rows(_path, "PRAGMA user_version").Single()[0];

    private static IEnumerable<string> Schema(string store) => StoreFiles.Rows(store, "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").Select(r => string.Join(' ', r));
}

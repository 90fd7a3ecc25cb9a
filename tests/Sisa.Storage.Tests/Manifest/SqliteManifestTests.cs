using System.Text;
using Sisa.Storage.Files;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Manifest;

public sealed class SqliteManifestTests : IDisposable
{
    private readonly ManifestFixture _fixture = new();

    private SqliteManifest Manifest => _fixture.Manifest;

    [Fact]
    public void A_manifest_that_was_made_can_be_opened()
    {
        using var again = SqliteManifest.Open(_fixture.Layout);

        Assert.Equal("0", again.Settings["epoch"]);
        Assert.True(SqliteManifest.IsFinished(_fixture.Layout));
        Assert.Empty(again.CheckIntegrity());
    }

    [Fact]
    public void Nothing_there_is_said_with_the_remedy()
    {
        using var folder = new TempFolder();

        Assert.False(SqliteManifest.IsFinished(new StoreLayout(folder.Path)));
        Assert.Contains("'init'", Assert.Throws<NotFoundException>(() => SqliteManifest.Open(new StoreLayout(folder.Path))).Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "newer")]
    [InlineData(0, "whole folder")]
    public void Another_version_is_refused(int version, string hint)
    {
        StoreFiles.Execute(_fixture.Layout.Root, $"PRAGMA user_version = {version}");

        var fault = Assert.Throws<StoreException>(() => SqliteManifest.Open(_fixture.Layout));
        Assert.Contains($"version {version}", fault.Message, StringComparison.Ordinal);
        Assert.Contains(hint, fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE setting SET value = '7' WHERE name = 'epoch'", "setting")]
    [InlineData("DELETE FROM setting WHERE name = 'seal'", "setting")]
    [InlineData("INSERT INTO garbage VALUES ('slices/x')", "garbage")]
    [InlineData("UPDATE request SET due = '2035-01-01T00:00:00Z'", "request")]
    [InlineData("DROP INDEX item_by_subject", "sqlite_schema")]
    public void Rows_that_are_not_those_that_were_recorded_are_refused_by_the_name_of_their_table(string sql, string table)
    {
        Manifest.Write(() => Manifest.Requests.Add(RequestTableTests.Row("r1")));
        SqliteManifest.Open(_fixture.Layout).Dispose();
        StoreFiles.Execute(_fixture.Layout.Root, sql);

        Assert.Contains(table, Assert.Throws<StoreException>(() => SqliteManifest.Open(_fixture.Layout)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_database_is_refused()
    {
        using var folder = new TempFolder();
        folder.Write("manifest.db", new string('x', 5000));
        var layout = new StoreLayout(folder.Path);

        Assert.Contains("manifest.db", Assert.Throws<StoreException>(() => SqliteManifest.Open(layout)).Message, StringComparison.Ordinal);
        Assert.Throws<StoreException>(() => SqliteManifest.IsFinished(layout));
    }

    [Fact]
    public void A_manifest_whose_first_rows_failed_does_not_count_as_made()
    {
        using var folder = new TempFolder();
        var layout = new StoreLayout(folder.Path);

        Assert.Throws<InjectedException>(() => SqliteManifest.Create(layout, _ => throw new InjectedException()));
        Assert.False(SqliteManifest.IsFinished(layout));
        Assert.Throws<StoreException>(() => SqliteManifest.Open(layout));
    }

    [Fact]
    public void An_exception_undoes_the_whole_transaction()
    {
        Assert.Throws<InjectedException>(() => Manifest.Write(() =>
        {
            Manifest.Settings["a"] = "1";
            Manifest.Garbage.Add("file");
            throw new InjectedException();
        }));

        Assert.Null(Manifest.Settings["a"]);
        Assert.Empty(Manifest.Garbage.All());
        Manifest.Write(() => Manifest.Settings["a"] = "2");
        Assert.Equal("2", Manifest.Settings["a"]);
    }

    [Fact]
    public void A_checkpoint_is_recorded_under_the_seal_of_all_others_or_not_at_all()
    {
        var (first, second) = (ManifestFixture.Checkpoint(0, 1), ManifestFixture.Checkpoint(0, 2));
        Manifest.Write(() => Manifest.Checkpoints.AddEnvironment(ManifestFixture.Environment));
        Assert.Throws<InjectedException>(() => Manifest.Record(first, () => throw new InjectedException()));
        Assert.False(Manifest.Record(first, () => true));
        Assert.True(Manifest.Record(first, () => false));
        Assert.True(Manifest.Record(second, () => false));
        Assert.True(Manifest.Record(second, () => false));

        using var again = SqliteManifest.Open(_fixture.Layout);
        Assert.Equal([first.Digest, second.Digest], again.Checkpoints.All().Select(c => c.Digest));
    }

    [Fact]
    public void A_full_disk_is_an_input_output_fault_and_changes_nothing()
    {
        Manifest.Connection().Run("PRAGMA max_page_count = 1");

        Assert.Throws<StorageIoException>(() => Manifest.Write(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                Manifest.Garbage.Add($"file {i} {new string('x', 500)}");
            }
        }));
        Assert.Empty(Manifest.Garbage.All());
    }

    [Fact]
    public void A_store_that_another_writes_to_is_busy()
    {
        using var other = StoreFiles.Open(_fixture.Layout.Root);
        StoreFiles.Rows(other, "BEGIN IMMEDIATE");
        Manifest.Connection().DefaultTimeout = 1;

        Assert.Throws<StoreBusyException>(() => Manifest.Write(() => Manifest.Settings["a"] = "1"));
        Assert.Equal("0", Manifest.Settings["epoch"]);
    }

    [Fact]
    public void Deleted_rows_leave_no_bytes_once_the_log_is_emptied()
    {
        const string Secret = "somebody-nobody-shall-remember";
        _fixture.Insert((Secret, Secret + "-subject", ManifestFixture.Place(0, 1)), ("other", "other", ManifestFixture.Place(0, 1)));
        Assert.True(Contains(Secret));
        Manifest.Write(() => Manifest.Items.Delete([Secret]));

        Assert.True(Manifest.TruncateLog());
        Assert.False(Contains(Secret));
    }

    [Fact]
    public void The_log_is_not_empty_while_another_reads()
    {
        using var reader = StoreFiles.Open(_fixture.Layout.Root);
        StoreFiles.Rows(reader, "BEGIN");
        StoreFiles.Rows(reader, "SELECT * FROM setting");
        Manifest.Write(() => Manifest.Settings["a"] = "1");

        Assert.False(Manifest.TruncateLog());
        StoreFiles.Rows(reader, "COMMIT");
        Assert.True(Manifest.TruncateLog());
    }

    [Fact]
    public void A_copy_of_the_live_rows_has_the_bytes_of_the_rebuilt_database_and_none_of_deleted_rows()
    {
        _fixture.Insert([.. Enumerable.Range(0, 2000).Select(i => ($"item {i:0000}", "retained-subject", ManifestFixture.Place(0, 1)))]);
        Manifest.Write(() => Manifest.Items.Delete([.. Enumerable.Range(500, 700).Select(i => $"item {i:0000}")]));
        Assert.True(Manifest.Rebuild());
        Assert.True(Manifest.TruncateLog());
        var copy = _fixture.Layout.Manifest + ".copy";
        Manifest.CopyLiveRows(copy);

        var (mine, theirs) = (StoreFiles.Read(_fixture.Layout.Manifest), StoreFiles.Read(copy));
        Assert.True(theirs.AsSpan().IndexOf("item 0499"u8) >= 0 && theirs.AsSpan().IndexOf("retained-subject"u8) >= 0);
        Assert.True(theirs.AsSpan().IndexOf("item 0777"u8) < 0);

        // But for the counters in the header.
        Assert.Equal(mine[100..], theirs[100..]);
        Assert.Throws<StorageIoException>(() => Manifest.CopyLiveRows(copy));
    }

    [Fact]
    public void Temporary_files_of_a_rebuilding_and_of_a_new_index_lie_in_the_store_alone()
    {
        _fixture.Insert([.. Enumerable.Range(0, 20000).Select(i => ($"item {i:00000}", "retained-subject", ManifestFixture.Place(0, 1)))]);
        var connection = Manifest.Connection();
        connection.Run("PRAGMA cache_size = 1");
        var seen = new HashSet<string>();
        connection.OnProgress(() => seen.UnionWith(Directory.GetFiles("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget).OfType<string>().Where(path => path.Contains("etilqs_", StringComparison.Ordinal))));
        Assert.True(Manifest.Rebuild());
        Manifest.Write(() => Manifest.Items.IndexSubjects(false));
        Manifest.Write(() => Manifest.Items.IndexSubjects(true));
        connection.OnProgress(null);

        // Other tests of this process have files of their own stores.
        Assert.Contains(seen, path => path.StartsWith(_fixture.Layout.Scratch + "/", StringComparison.Ordinal));
        Assert.All(seen, path => Assert.Equal("scratch", Path.GetFileName(Path.GetDirectoryName(path))));
        Assert.Empty(Directory.GetFiles(_fixture.Layout.Scratch));
        Assert.Equal([2L], Assert.Single(StoreFiles.Rows(connection, "PRAGMA temp_store")));
    }

    [Fact]
    public void A_damaged_database_is_noticed()
    {
        var path = _fixture.Layout.Manifest;
        _fixture.Insert([.. Enumerable.Range(0, 2000).Select(i => ($"item {i:0000}", "s", ManifestFixture.Place(0, 1)))]);
        Assert.True(Manifest.TruncateLog());
        using (var file = File.OpenWrite(path))
        {
            // A page of items, which the seal leaves to the check.
            file.Position = file.Length - 4096;
            file.Write(new byte[4096]);
        }

        using var again = SqliteManifest.Open(_fixture.Layout);
        Assert.NotEmpty(again.CheckIntegrity());
    }

    [Fact]
    public void Times_are_utc_to_the_second()
    {
        var time = new DateTimeOffset(2025, 3, 1, 13, 4, 5, 678, TimeSpan.FromHours(2));

        Assert.Equal("2025-03-01T11:04:05Z", Timestamp.Format(time));
        Assert.Equal(new DateTimeOffset(2025, 3, 1, 11, 4, 5, TimeSpan.Zero), Timestamp.Parse("2025-03-01T11:04:05Z"));
        Assert.Throws<FormatException>(() => Timestamp.Parse("2025-03-01 11:04:05"));
    }

    public void Dispose() => _fixture.Dispose();

    private bool Contains(string text) => Directory.EnumerateFiles(_fixture.Layout.Root)
        .Any(path => Encoding.Latin1.GetString(StoreFiles.Read(path)).Contains(text, StringComparison.Ordinal));
}

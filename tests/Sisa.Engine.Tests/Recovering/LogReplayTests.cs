using Sisa.Engine.Ingesting;
using Sisa.Engine.Recovering;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Recovering;

/// <summary>An old manifest is put back under a log that knows more.</summary>
public sealed class LogReplayTests : IDisposable
{
    private static readonly TestRow[] Rows = TestRow.Many(40, authors: 8);

    private readonly TestStore _store = new(SmallRecipes.Text(3, 2));
    private readonly TempFolder _backup = new();

    public LogReplayTests()
    {
        _store.Ingest(Rows);
        _store.Train();
        Copy(_store.Path, _backup.Path);
    }

    [Fact]
    public void A_store_that_went_backwards_is_refused_until_what_was_forgotten_is_forgotten_again()
    {
        _store.Receive(new ForgetRequest { Id = "one", Items = [Rows[3].Id] });
        _store.Receive(new ForgetRequest { Id = "all", Subjects = ["author-005"] });
        _store.Receive(new ForgetRequest { Id = "part", Spans = [new ItemSpan(Rows[6].Id, new TextSpan(2, 9))] });
        _store.Train();
        var (expected, epoch) = (_store.Checkpoints(), _store.Store.Manifest.Settings.Epoch);
        PutBackupBack();

        var refusal = Assert.Throws<StoreException>(() => _store.Reopen());
        Assert.Contains("was rolled back", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("replay-log", refusal.Remedy?.ToString(), StringComparison.Ordinal);

        var report = LogReplay.Run(_store.Path);
        _store.Reopen();

        Assert.Equal((3, 7), (report.Requests, report.Targets));
        Assert.All(_store.Store.Manifest.Requests.All(), r => Assert.Equal(RequestState.FallbackPublished, r.State));
        Assert.True(_store.Store.Manifest.Settings.Epoch > epoch);
        _store.CheckInvariants(isAtRest: false);
        _store.Train();
        _store.CheckInvariants();
        Assert.Empty(StoreAssert.Differences(expected, _store.Checkpoints()));
        Assert.Contains("was forgotten", Assert.Throws<CorpusException>(() => _store.Ingest([Rows[3]])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_taken_back_later_is_not_forgotten_again()
    {
        _store.Forget(Rows[3].Id, Rows[4].Id);
        _store.Ingest([Rows[3]], new IngestOptions { Readmit = new TargetList([Rows[3].Id], [], []) });
        PutBackupBack();

        LogReplay.Run(_store.Path);
        _store.Reopen();
        _store.Train();

        Assert.Contains(Rows[3].Id, _store.ItemIds());
        Assert.DoesNotContain(Rows[4].Id, _store.ItemIds());
    }

    [Fact]
    public void An_old_manifest_is_known_by_an_ingestion_and_a_training_alone()
    {
        _store.Ingest(TestRow.Many(5, from: 40));
        _store.Train();
        PutBackupBack();

        Assert.Contains("2 entries ahead", Assert.Throws<StoreException>(() => _store.Reopen()).Message, StringComparison.Ordinal);
        Assert.Equal(1, LogReplay.Run(_store.Path).Ingestions);
        _store.Reopen();
    }

    [Fact]
    public void A_store_that_did_not_go_backwards_has_nothing_to_replay()
    {
        _store.Forget(Rows[3].Id);
        var before = StoreFiles.Rows(_store.Path, "SELECT * FROM request");

        Assert.Equal(new ReplayReport(0, 0, 0), LogReplay.Run(_store.Path));
        Assert.Equal(before, StoreFiles.Rows(_store.Path, "SELECT * FROM request"));
    }

    public void Dispose()
    {
        _store.Dispose();
        _backup.Dispose();
    }

    // Everything but the evidence, which is kept apart on purpose.
    private void PutBackupBack()
    {
        var log = File.ReadAllBytes(_store.Store.Layout.LogFile);
        var path = _store.Store.Layout.LogFile;
        _store.Store.Dispose();
        foreach (var folder in new[] { "slices", "checkpoints" })
        {
            Directory.Delete(Path.Combine(_store.Path, folder), recursive: true);
        }

        File.Delete(Path.Combine(_store.Path, "manifest.db-wal"));
        File.Delete(Path.Combine(_store.Path, "manifest.db-shm"));
        Copy(_backup.Path, _store.Path);
        File.WriteAllBytes(path, log);
    }

    private static void Copy(string from, string to) => StoreFiles.CopyAsAfterCrash(from, to);
}

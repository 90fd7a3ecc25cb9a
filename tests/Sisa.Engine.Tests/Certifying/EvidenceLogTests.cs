using System.Globalization;
using Sisa.Engine.Certifying;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Recovering;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Certifying;

public sealed class EvidenceLogTests : IDisposable
{
    private const string Item = "item-00003";

    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));

    public EvidenceLogTests()
    {
        _store.Ingest(TestRow.Many(30));
        _store.Train();
    }

    private string LogPath => _store.Store.Layout.LogFile;

    [Fact]
    public void Every_state_of_a_request_is_recorded_in_order_and_no_id_is()
    {
        _store.Receive(new ForgetRequest { Id = "r1", Items = [Item], Reason = ForgetReason.Copyright });
        _store.Train();

        var lines = File.ReadAllLines(LogPath);
        var entries = lines.Select(LogEntry.Read).ToArray();
        Assert.Equal([LogEvent.Opened, LogEvent.Ingested, LogEvent.BundlePublished, LogEvent.Received, LogEvent.FallbackPublished, LogEvent.Published, LogEvent.Purged], entries.Select(e => e.Event));
        Assert.Equal([0, 0, 1, 1, 2, 3, 3], entries.Select(e => e.Epoch));
        Assert.All(entries[3..], e => Assert.Equal("r1", e.Request));
        Assert.Equal(ForgetReason.Copyright, entries[3].Reason);
        Assert.Equal([new LogMark("item", _store.Store.Marks.Item(Item))], entries[3].Marks);
        Assert.DoesNotContain(lines, l => l.Contains(Item, StringComparison.Ordinal));
        Assert.Equal(lines, _store.Store.Log.Lines);
    }

    [Fact]
    public void Taking_back_and_failing_are_recorded_too()
    {
        _store.Forget(Item);
        _store.Ingest([TestRow.One(3, "author-003")], new IngestOptions { Readmit = new TargetList([Item], [], []) });
        File.WriteAllText(Path.Combine(_store.Store.Layout.Events, "left-over"), "here is item-00005 again");
        _store.Receive(_store.Request("item-00005"));
        Assert.Throws<StoreException>(() => _store.Train());

        var entries = File.ReadAllLines(LogPath).Select(LogEntry.Read).ToArray();
        Assert.Equal(_store.Store.Marks.Item(Item), Assert.Single(entries.Single(e => e.Event == LogEvent.Readmitted).Marks!).Mark);
        Assert.Equal("StoreException while Published", entries.Single(e => e.Event == LogEvent.Failed).Note);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public void Entries_that_a_crash_kept_from_the_file_are_appended_at_the_next_open(int cutBytes)
    {
        _store.Forget(Item);
        var whole = File.ReadAllBytes(LogPath);
        File.WriteAllBytes(LogPath, whole[..^cutBytes]);

        _store.Reopen();

        Assert.Equal(whole, File.ReadAllBytes(LogPath));
    }

    [Fact]
    public void A_log_that_is_missing_is_written_again()
    {
        _store.Forget(Item);
        var whole = File.ReadAllBytes(LogPath);
        File.Delete(LogPath);

        _store.Reopen();

        Assert.Equal(whole, File.ReadAllBytes(LogPath));
    }

    [Fact]
    public void An_altered_entry_is_refused_by_whatever_relies_on_the_log()
    {
        _store.Forget(Item);
        File.WriteAllText(LogPath, File.ReadAllText(LogPath).Replace("privacy", "quality", StringComparison.Ordinal));

        // Opening compares what is new; the altered entry is an old one.
        Action[] reliant =
        [
            () => new Recovery(_store.Store).Run(TimeSpan.Zero),
            () => new StoreCheck(_store.Store).Run(TimeSpan.Zero),
            () => _store.Receive(_store.Request("item-00004")),
            () => _store.Ingest(TestRow.Many(2)),
        ];
        Assert.All(reliant, act =>
        {
            _store.Reopen();
            Assert.Contains("differs from the one", Assert.Throws<StoreException>(act).Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void An_altered_entry_of_the_last_transaction_is_refused_at_the_opening()
    {
        _store.Forget(Item);
        var lines = File.ReadAllLines(LogPath);
        File.WriteAllLines(LogPath, [.. lines[..^1], lines[^1].Replace("purged", "received", StringComparison.Ordinal)]);

        Assert.Contains("differs from the one", Assert.Throws<StoreException>(_store.Reopen).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Opening_reads_the_entries_behind_the_place_that_the_manifest_remembers()
    {
        _store.Forget(Item);
        var lines = File.ReadAllLines(LogPath);
        _store.Store.Manifest.Write(_store.Store.RecordExport);
        var remembered = _store.Store.Manifest.Settings["logAgreed"]!.Split(' ');

        Assert.Equal(lines.Length, int.Parse(remembered[0], CultureInfo.InvariantCulture));
        Assert.Equal(string.Concat(lines.Select(line => line + "\n")).Length, int.Parse(remembered[1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_store_that_signed_more_entries_than_it_has_went_backwards()
    {
        var copy = _store.Beside("backup");
        _store.Store.Dispose();
        StoreFiles.CopyAsAfterCrash(_store.Path, copy);
        _store.Reopen();
        _store.Forget(Item);
        using (var keys = KeyRing.Create(_store.Store, string.Empty))
        {
            new Certifier(_store.Store, keys, TimeSpan.Zero).Run();
        }

        // Manifest and log come from the old backup, the signed head and its keys do not.
        foreach (var kept in new[] { _store.Store.Layout.Keys, System.IO.Path.GetDirectoryName(_store.Store.Layout.LogHead)! })
        {
            foreach (var file in Directory.EnumerateFiles(kept).Where(file => !File.Exists(System.IO.Path.Combine(copy, System.IO.Path.GetRelativePath(_store.Path, file)))))
            {
                File.Copy(file, System.IO.Path.Combine(copy, System.IO.Path.GetRelativePath(_store.Path, file)));
            }
        }

        Assert.Contains("signed a head over", Assert.Throws<StoreException>(() => _store.PutBack(copy)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_append_meanwhile_is_compared_and_a_file_that_was_cut_off_is_made_whole()
    {
        using var other = _store.OpenAgain();
        TestStore.Receive(other, new ForgetRequest { Id = "theirs", Items = [Item] });
        _store.Receive(new ForgetRequest { Id = "mine", Items = ["item-00004"] });
        Assert.Equal(_store.Store.Log.Lines, File.ReadAllLines(LogPath));

        File.WriteAllText(LogPath, string.Empty);
        TestStore.Receive(other, new ForgetRequest { Id = "theirs-too", Items = ["item-00005"] });
        Assert.Equal(_store.Store.Log.Lines, File.ReadAllLines(LogPath));

        File.AppendAllText(LogPath, "foreign\n");
        Assert.Contains("ahead of the manifest", Assert.Throws<StoreException>(() => _store.Receive(new ForgetRequest { Id = "late", Items = ["item-00006"] })).Message, StringComparison.Ordinal);
        Assert.Null(_store.Store.Manifest.Requests.Find("late"));
    }

    [Fact]
    public void A_head_is_signed_over_the_entries_that_there_are()
    {
        using var key = EvidenceKey.Create();
        var first = LogCheckpoint.Open(_store.Store.Log.Seal(key).Head, key)!;
        _store.Forget(Item);
        var log = _store.Store.Log.Seal(key);
        var second = LogCheckpoint.Open(SignedNote.Parse(log.Head.ToString()), key)!;
        var leaves = log.Leaves;

        Assert.Equal((3L, 7L), (first.Size, second.Size));
        Assert.True(MerkleProof.IsConsistent(first.Size, first.Root, second.Size, second.Root, MerkleProof.Consistency(leaves, first.Size)));
        Assert.Equal(second.ToText(), SignedNote.Parse(File.ReadAllText(_store.Store.Layout.LogHead)).Text);
    }

    public void Dispose() => _store.Dispose();
}

using Sisa.Engine.Certifying;
using Sisa.Engine.Verifying;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Engine.Tests.Verifying;

/// <summary>Damage that no other step notices.</summary>
public sealed class StoreCheckTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly KeyRing _keys;

    public StoreCheckTests()
    {
        _keys = KeyRing.Create(_store.Store, string.Empty);
        _store.Ingest(TestRow.Many(20));
        _store.Train();
        _store.Receive(new ForgetRequest { Id = "first", Items = ["item-00003"], Spans = [new ItemSpan("item-00004", new TextSpan(1, 3))] });
        _store.Train();
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();
    }

    [Fact]
    public void A_store_that_is_whole_has_no_fault() => Assert.Empty(Faults());

    [Fact]
    public void A_request_that_waits_is_no_fault()
    {
        _store.Receive(_store.Request("item-00005"));

        Assert.Empty(Faults());
    }

    [Fact]
    public void A_request_that_is_received_while_tombstones_are_compared_with_the_log_is_no_fault()
    {
        using var other = _store.OpenAgain();
        var received = 0;
        _store.Store.OnStatement(sql =>
        {
            if (sql.Contains("FROM tombstone LEFT JOIN", StringComparison.Ordinal) && received++ == 0)
            {
                TestStore.Receive(other, new ForgetRequest { Id = "late", Items = ["item-00005"] });
            }
        });

        Assert.Empty(Faults());
        Assert.Equal(1, received);
    }

    [Theory]
    [InlineData("UPDATE item SET subject = 'author-999' WHERE id = 'item-00007'", "another subject")]
    [InlineData("DELETE FROM item WHERE id = 'item-00007'", "the manifest lists")]
    [InlineData("DELETE FROM tombstone WHERE kind = 'item'", "tombstones")]
    [InlineData("UPDATE tombstone SET kind = 'subject' WHERE kind = 'span'", "tombstones")]
    [InlineData("UPDATE certificate SET envelope = replace(envelope, '=', 'A') WHERE form = 'public'", "not signed")]
    public void A_row_that_says_something_else_is_told(string sql, string fault)
    {
        StoreFiles.Execute(_store.Path, sql);

        Assert.Contains(Faults(), f => f.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evidence/checkpoint")]
    [InlineData("certificates/first.dsse.json")]
    [InlineData("certificates/first.auditor.dsse.json")]
    [InlineData("keys/certificate.pub.pem")]
    [InlineData("keys/log.key")]
    public void A_file_that_is_damaged_or_gone_is_told(string file)
    {
        var path = Path.Combine(_store.Path, file);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);
        Assert.NotEmpty(Faults());

        File.Delete(path);
        Assert.NotEmpty(Faults());
    }

    [Fact]
    public void An_earlier_head_of_the_log_is_a_true_one()
    {
        var head = File.ReadAllBytes(_store.Store.Layout.LogHead);
        _store.Receive(_store.Request("item-00006"));
        _store.Train();
        new Certifier(_store.Store, _keys, TimeSpan.Zero).Run();
        File.WriteAllBytes(_store.Store.Layout.LogHead, head);

        Assert.Empty(Faults());
    }

    public void Dispose()
    {
        _keys.Dispose();
        _store.Dispose();
    }

    private IReadOnlyList<string> Faults() => new StoreCheck(_store.Store).Run(TimeSpan.Zero);
}

using System.Reflection;
using Sisa.Checker;
using Sisa.Engine.Certifying;
using Sisa.TestKit;

namespace Sisa.Engine.Tests;

/// <summary>The checker notices what it is there for: a store is harmed behind the product's back, once for each invariant.</summary>
public sealed class CheckerTests : IDisposable
{
    private readonly TestStore _store = new(SmallRecipes.Text(2, 2));
    private readonly StoreMemory _memory = new();

    public CheckerTests()
    {
        _store.Ingest(TestRow.Many(16));
        _store.Train();
        using var keys = KeyRing.Create(_store.Store, string.Empty);
        _store.Forget("item-00003");
        new Certifier(_store.Store, keys, TimeSpan.Zero).Run();
        _store.Receive(_store.Request("item-00004"));
        _memory.Learn(_store.Path);
    }

    [Fact]
    public void It_refers_to_nothing_of_the_product()
    {
        var references = Assembly.Load("Sisa.Checker").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.All(references, name => Assert.Matches(@"^(System\..+|netstandard|Microsoft\.Data\.Sqlite)$", name));
    }

    [Fact]
    public void It_finds_nothing_in_a_sound_store() => Assert.Empty(Faults());

    [Fact]
    public void A_lineage_with_a_forgotten_id_is_noticed()
    {
        var mark = _store.Store.Marks.Item(_store.ItemIds()[0]);
        StoreFiles.Execute(_store.Path, $"INSERT INTO tombstone SELECT x'{mark}', 'item', number FROM request WHERE state = 'certified'");

        Assert.Contains("I1", Faults());
    }

    [Theory]
    [InlineData("checkpoint")]
    [InlineData("slice")]
    public void A_file_with_another_digest_is_noticed(string table)
    {
        Flip((string)StoreFiles.Rows(_store.Path, $"SELECT file FROM {table} WHERE file IS NOT NULL LIMIT 1").Single()[0], -40);

        Assert.Contains("I2", Faults());
    }

    [Fact]
    public void A_file_that_is_gone_is_noticed()
    {
        File.Delete(Path.Combine(_store.Path, (string)StoreFiles.Rows(_store.Path, "SELECT file FROM checkpoint LIMIT 1").Single()[0]));

        Assert.Contains("I2", Faults());
    }

    [Theory]
    [InlineData("UPDATE request SET state = 'purged' WHERE state = 'fallback-published'", "I3")]
    [InlineData("UPDATE request SET state = 'published' WHERE state = 'certified'", "I3")]
    [InlineData("UPDATE request SET epoch = epoch + 100 WHERE state = 'certified'", "I3")]
    [InlineData("UPDATE setting SET value = '1' WHERE name = 'epoch'", "I7")]
    [InlineData("DELETE FROM log_entry WHERE number = (SELECT max(number) FROM log_entry)", "I6")]
    [InlineData("UPDATE log_entry SET line = replace(line, 'privacy', 'quality')", "I6")]
    [InlineData("DELETE FROM target; DELETE FROM commitment; DELETE FROM tombstone; DELETE FROM request WHERE state = 'fallback-published'", "I4")]
    [InlineData("DELETE FROM tombstone", "I6")]
    [InlineData("UPDATE tombstone SET kind = 'subject'", "I6")]
    [InlineData("DELETE FROM item WHERE id = 'item-00009'", "I4")]
    [InlineData("PRAGMA foreign_keys = OFF; DELETE FROM environment", "I8")]
    [InlineData("INSERT INTO garbage VALUES ('slices/nothing')", "I9")]
    public void Rows_that_lie_are_noticed(string sql, string invariant)
    {
        StoreFiles.Execute(_store.Path, sql);

        Assert.Contains(invariant, Faults());
    }

    [Fact]
    public void A_certificate_with_another_byte_is_noticed()
    {
        Flip("certificates/r1.dsse.json", 300);

        Assert.Contains("I5", Faults());
    }

    [Fact]
    public void A_head_that_the_log_never_had_is_noticed()
    {
        _memory.Heads[3] = new string('0', 64);

        Assert.Contains("I6", Faults());
    }

    [Theory]
    [InlineData("slices/shard-000/slice-01-0000.slice.tmp")]
    [InlineData("evidence/checkpoint.tmp")]
    [InlineData("certificates/r9.dsse.json.tmp")]
    [InlineData("anything")]
    public void A_file_that_is_left_over_is_noticed(string file)
    {
        File.WriteAllText(Path.Combine(_store.Path, file), "x");

        Assert.Contains("I9", Faults());
    }

    [Fact]
    public void Checkpoints_that_do_not_stand_on_their_slices_are_noticed_where_all_must_be_up_to_date()
    {
        _store.Ingest(TestRow.Many(20)[16..]);
        Assert.Contains("I1", StoreChecker.Check(_store.Path, new CheckOptions { IsUpToDate = true }).Faults.Select(f => f.Invariant));

        _store.Train();

        Assert.Empty(StoreChecker.Check(_store.Path, new CheckOptions { IsUpToDate = true, IsAtRest = true }).Faults);
    }

    public void Dispose() => _store.Dispose();

    private string[] Faults() => [.. StoreChecker.Check(_store.Path, new CheckOptions { IsAtRest = true, Memory = _memory }).Faults.Select(f => f.Invariant)];

    private void Flip(string file, int at)
    {
        var path = Path.Combine(_store.Path, file);
        var bytes = File.ReadAllBytes(path);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}

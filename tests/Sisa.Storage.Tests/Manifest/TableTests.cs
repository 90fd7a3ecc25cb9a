using System.Text;
using Sisa.Checkpoints;
using Sisa.Sharding;
using Sisa.Storage.Manifest;
using Sisa.TestKit;

namespace Sisa.Storage.Tests.Manifest;

public sealed class TableTests : IDisposable
{
    private readonly ManifestFixture _fixture = new();

    private SqliteManifest Manifest => _fixture.Manifest;

    [Fact]
    public void Items_are_found_by_id_and_by_subject_as_exact_text()
    {
        _fixture.Insert(("17", "alice", Place(0, 1)), ("a\"b'c", "alice", Place(1, 2)), ("日本", "Alice", Place(0, 2)), ("own", "own", Place(0, 3)));

        Assert.Equal([new ItemRow("17", "alice", Place(0, 1)), new ItemRow("日本", "Alice", Place(0, 2))], Manifest.Items.FindById(["日本", "17", "none", "017"]));
        Assert.Equal(["17", "a\"b'c"], Manifest.Items.FindBySubject(["alice"]).Select(r => r.Id));
        Assert.Equal([new ItemRow("own", "own", Place(0, 3))], Manifest.Items.FindById(["own"]));
        Assert.Equal(3, Manifest.Items.SubjectCount);
        Assert.Empty(Manifest.Items.FindById([]));
    }

    [Fact]
    public void An_item_that_is_its_own_subject_is_found_beside_those_of_others_and_no_others_item_by_its_id()
    {
        _fixture.Insert(("a", "alice", Place(0, 1)), ("alice", "bob", Place(1, 1)), ("own", "own", Place(0, 3)));

        Assert.Equal(["a", "own"], Manifest.Items.FindBySubject(["own", "alice"]).Select(r => r.Id));
    }

    // Otherwise each of millions of items would be compared with each of thousands of values.
    [Fact]
    public void Every_value_is_looked_up_by_a_key()
    {
        _fixture.Insert(("a", "alice", Place(0, 1)), ("own", "own", Place(0, 3)));
        var statements = new List<string>();
        var connection = Manifest.Connection();
        connection.OnStatement(statements.Add);
        Manifest.Items.FindBySubject(["alice", "own"]);
        Manifest.Items.FindById(["a", "own"]);
        connection.OnStatement(null);
        statements.RemoveAll(sql => !sql.Contains("json_each", StringComparison.Ordinal));

        var steps = statements.SelectMany(sql => StoreFiles.Rows(connection, "EXPLAIN QUERY PLAN " + sql)).Select(row => string.Join(' ', ((string)row[3]).Split(' ').Take(2)));

        // By subject; by id where the item is its own subject, if there is any; by id.
        Assert.Equal(["SCAN wanted", "SEARCH item", "SCAN wanted", "SEARCH item", "SEARCH item", "SCAN wanted", "SEARCH item"], steps.Where(step => step.StartsWith('S') && !step.StartsWith("SCALAR", StringComparison.Ordinal)));
    }

    [Fact]
    public void Those_of_some_marks_that_were_forgotten_are_told_apart()
    {
        Assert.False(Manifest.Requests.HasTombstones);
        var marks = Enumerable.Range(0, 100).Select(i => Digest.Of([(byte)i])).ToArray();
        Manifest.Write(() => Manifest.Requests.AddTombstones(marks.Where((_, i) => i % 3 == 0).Select(mark => (mark, "item", 1L))));

        Assert.True(Manifest.Requests.HasTombstones);
        Assert.Equal(marks.Where((_, i) => i is > 10 and < 20 && i % 3 == 0).ToHashSet(), Manifest.Requests.Tombstones(marks[11..20]));
    }

    [Fact]
    public void An_id_that_is_asked_for_twice_is_answered_once()
    {
        _fixture.Insert(("a", "s", Place(0, 1)));

        Assert.Single(Manifest.Items.FindById(["a", "a"]));
        Assert.Single(Manifest.Items.FindBySubject(["s", "s"]));
    }

    [Fact]
    public void Without_subjects_the_id_is_the_subject()
    {
        using var fixture = new ManifestFixture(hasSubjects: false);
        fixture.Insert(("a", "a", Place(0, 1)), ("b", "b", Place(0, 1)));

        Assert.Equal([new ItemRow("a", "a", Place(0, 1))], fixture.Manifest.Items.FindBySubject(["a", "none"]));
        Assert.Equal(2, fixture.Manifest.Items.SubjectCount);
    }

    [Fact]
    public void An_id_that_is_there_is_not_inserted_again()
    {
        _fixture.Insert(("a", "s", Place(0, 1)));
        using var inserter = Manifest.Items.Insert();

        Assert.False(inserter.Add("a"u8, "t"u8, Place(0, 2), null));
        Assert.True(inserter.Add("b"u8, "t"u8, Place(0, 2), "high"));
        Assert.Equal(["b"], Manifest.Items.IdsOf(Place(0, 2)));
    }

    [Fact]
    public void A_subject_of_several_classes_is_found()
    {
        using (var inserter = Manifest.Items.Insert())
        {
            inserter.Add("a"u8, "s"u8, Place(0, 1), "high");
            inserter.Add("b"u8, "s"u8, Place(0, 1), "high");
            inserter.Add("c"u8, "t"u8, Place(0, 1), "low");
            Assert.Null(Manifest.Items.SubjectOfSeveralClasses());
            inserter.Add("d"u8, "s"u8, Place(0, 1), "low");
        }

        Assert.Equal("s", Manifest.Items.SubjectOfSeveralClasses());
    }

    [Fact]
    public void Slices_are_counted_and_replaced()
    {
        Manifest.Slices.Set(new SliceRow(Place(0, 1), null, SliceRoot.Empty));
        Manifest.Slices.Set(new SliceRow(Place(0, 1), "slices/a", new SliceRoot(Digest.Of("a"u8), 3)));
        Manifest.Slices.Set(new SliceRow(Place(1, 1), "slices/b", new SliceRoot(Digest.Of("b"u8), 4)));

        Assert.Equal(7, Manifest.Items.Count);
        Assert.Equal(new SliceRow(Place(0, 1), "slices/a", new SliceRoot(Digest.Of("a"u8), 3)), Manifest.Slices.Get(Place(0, 1)));
        Assert.Equal([Place(0, 1), Place(1, 1)], Manifest.Slices.All().Select(s => s.Place));
        Assert.Contains("shard-009", Assert.Throws<StoreException>(() => Manifest.Slices.Get(Place(9, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoints_and_environments_come_back()
    {
        var environment = new FakeTrainer().Fingerprint;
        var row = Checkpoint(environment, "a", loss: null);
        Manifest.Checkpoints.AddEnvironment(environment);
        Manifest.Checkpoints.AddEnvironment(environment);
        Manifest.Checkpoints.AddEnvironment(environment with { Threads = 2 });
        Manifest.Checkpoints.Add(row);
        Manifest.Checkpoints.Add(row with { File = "other" });
        Manifest.Checkpoints.Add(Checkpoint(environment, "b", loss: 0.5));

        Assert.Equal([row, Checkpoint(environment, "b", 0.5)], Manifest.Checkpoints.All().OrderBy(c => c.File, StringComparer.Ordinal));
        Assert.Equal([environment], Manifest.Checkpoints.Environments().Values);
        Manifest.Checkpoints.Delete(row.Digest);
        Assert.Single(Manifest.Checkpoints.All());
    }

    [Fact]
    public void The_bundle_serves_only_what_is_recorded()
    {
        var environment = new FakeTrainer().Fingerprint;
        var row = Checkpoint(environment, "a", null);
        Manifest.Checkpoints.AddEnvironment(environment);
        Manifest.Checkpoints.Add(row);
        Manifest.Bundle.Set(new ShardId(1), row.Digest);
        Manifest.Bundle.Set(new ShardId(2), null);

        Assert.Equal([KeyValuePair.Create(new ShardId(1), row.Digest)], Manifest.Bundle.Served());
        Assert.ThrowsAny<Exception>(() => Manifest.Bundle.Set(new ShardId(3), Digest.Of("unknown"u8)));
        Assert.ThrowsAny<Exception>(() => Manifest.Checkpoints.Delete(row.Digest));
        Manifest.Bundle.Set(new ShardId(1), null);
        Assert.Empty(Manifest.Bundle.Served());
    }

    [Fact]
    public void Settings_and_the_epoch_come_back()
    {
        Assert.Null(Manifest.Settings["a"]);
        Manifest.Settings["a"] = "1";
        Manifest.Settings["a"] = "2";
        Assert.Equal("2", Manifest.Settings["a"]);
        Manifest.Settings["a"] = null;
        Assert.Null(Manifest.Settings["a"]);
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => Manifest.Settings.NextEpoch()));
        Assert.Equal(3, Manifest.Settings.Epoch);
    }

    [Fact]
    public void Garbage_is_listed_once_and_forgotten()
    {
        Manifest.Garbage.Add("b");
        Manifest.Garbage.Add("a");
        Manifest.Garbage.Add("b");
        Assert.Equal(["a", "b"], Manifest.Garbage.All());
        Manifest.Garbage.Remove("a");
        Assert.Equal(["b"], Manifest.Garbage.All());
    }

    [Fact]
    public void Exports_that_hold_a_slice_are_recalled()
    {
        var now = new TestClock().GetUtcNow();
        Manifest.Exports.Add("/a", 3, now, [Place(0, 2), Place(1, 4)]);
        Manifest.Exports.Add("/b", 4, now, [Place(0, 1)]);

        Manifest.Exports.Recall(Place(0, 2));

        Assert.Equal([new ExportRow(1, "/a", 3, now, true), new ExportRow(2, "/b", 4, now, false)], Manifest.Exports.All());
    }

    public void Dispose() => _fixture.Dispose();

    private static Placement Place(int shard, int slice) => ManifestFixture.Place(shard, slice);

    private static CheckpointRecord Checkpoint(EnvironmentFingerprint environment, string name, double? loss) => new()
    {
        Digest = Digest.Of(Encoding.UTF8.GetBytes(name)),
        Place = Place(1, 2),
        File = $"checkpoints/{name}",
        Tensors = Digest.Of("t"u8),
        Lineage = Digest.Of("l"u8),
        Recipe = Digest.Of("r"u8),
        Environment = environment.ToDigest(),
        ItemCount = 3,
        SizeBytes = 4,
        Visits = 5,
        Seconds = 6.5,
        Loss = loss,
    };
}

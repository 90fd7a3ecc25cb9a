using Sisa.Engine.Certifying;
using Sisa.Engine.Reporting;
using Sisa.Engine.Stores;
using Sisa.Sharding;
using Sisa.Storage.Files;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Stores;

public sealed class StoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_store_comes_back_with_its_recipe_and_its_key()
    {
        using (var made = Store.Create(_folder["s"], SmallRecipes.Text(), SmallRecipes.Key()))
        {
            Assert.Equal(9, made.Manifest.Slices.All().Count);
        }

        using var store = Store.Open(_folder["s"]);
        Assert.Equal(RecipeJson.Write(SmallRecipes.Text()), RecipeJson.Write(store.Recipe));
        Assert.Equal(SmallRecipes.Key().Commitment, store.Key.Commitment);
        StoreInvariants.Check(_folder["s"], isAtRest: true);
    }

    [Fact]
    public void Every_store_draws_keys_of_its_own()
    {
        using var one = Store.Create(_folder["1"], SmallRecipes.Text());
        using var other = Store.Create(_folder["2"], SmallRecipes.Text());

        Assert.NotEqual(one.Key.Commitment, other.Key.Commitment);
        Assert.NotEqual(one.Marks.Item("a"), other.Marks.Item("a"));
    }

    [Fact]
    public void A_store_is_not_made_over_another_and_so_its_recipe_never_changes()
    {
        Store.Create(_folder["s"], SmallRecipes.Text()).Dispose();
        var before = File.ReadAllBytes(_folder["s/keys/assignment.key"]);

        Assert.Throws<StoreException>(() => Store.Create(_folder["s"], SmallRecipes.Mlp()));
        Assert.Equal(before, File.ReadAllBytes(_folder["s/keys/assignment.key"]));
    }

    [Fact]
    public void A_half_made_store_is_made_again()
    {
        Store.Create(_folder["s"], SmallRecipes.Text()).Dispose();
        StoreFiles.Execute(_folder["s"], "PRAGMA user_version = 0");

        using var store = Store.Create(_folder["s"], SmallRecipes.Mlp());
        Assert.Equal("mlp", RecipeJson.Write(store.Recipe).Contains("\"kind\":\"mlp\"", StringComparison.Ordinal) ? "mlp" : "other");
    }

    [Fact]
    public void Keys_are_for_the_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        Store.Create(_folder["s"], SmallRecipes.Text()).Dispose();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["s/keys/tombstone.key"]));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["s/keys"]));
        }
    }

    [Theory]
    [InlineData("assignment.key", "")]
    [InlineData("assignment.key", "00")]
    [InlineData("tombstone.key", "")]
    [InlineData("tombstone.key", "not a key")]
    [InlineData("tombstone.key", null)]
    [InlineData("assignment.key", null)]
    public void A_damaged_or_missing_key_is_refused_by_name(string name, string? content)
    {
        Store.Create(_folder["s"], SmallRecipes.Text()).Dispose();
        var path = _folder[$"s/keys/{name}"];
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllText(path, content);
        }

        Assert.Contains(name, Assert.Throws<StoreException>(() => Store.Open(_folder["s"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("scratch/notes.txt")]
    [InlineData("slices/shard-000/slice-01-0000000000000000.slice")]
    [InlineData("keys/certificate.key")]
    public void A_folder_that_holds_anything_else_is_not_made_a_store(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[$"s/{file}"])!);
        File.WriteAllText(_folder[$"s/{file}"], "mine");

        Assert.Contains(file, Assert.Throws<StoreException>(() => Store.Create(_folder["s"], SmallRecipes.Text())).Message, StringComparison.Ordinal);
        Assert.Equal([file], StoreFiles.All(_folder["s"]));
    }

    [Fact]
    public void A_store_whose_manifest_was_emptied_keeps_its_keys_and_slices()
    {
        using var made = new TestStore();
        made.Ingest(TestRow.Many(10));
        made.Store.Dispose();
        File.WriteAllBytes(Path.Combine(made.Path, "manifest.db"), []);
        var before = StoreFiles.All(made.Path);

        Assert.Contains("whole folder", Assert.Throws<StoreException>(() => Store.Create(made.Path, SmallRecipes.Text())).Remedy?.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, StoreFiles.All(made.Path));
    }

    [Fact]
    public void What_an_interrupted_init_left_of_the_signing_keys_is_replaced()
    {
        Store.Create(_folder["s"], SmallRecipes.Text(), passphrase: "one").Dispose();
        File.WriteAllBytes(_folder["s/manifest.db"], []);
        File.Delete(_folder["s/keys/certificate.key"]);
        File.WriteAllText(_folder["s/keys/certificate.key.tmp"], "half");

        using var store = Store.Create(_folder["s"], SmallRecipes.Text(), passphrase: "two");

        KeyRing.Open(store.Layout, () => "two").Dispose();
        StoreInvariants.Check(_folder["s"], isAtRest: true);
    }

    [Fact]
    public void A_new_store_is_usable_without_being_opened_again()
    {
        using var store = Store.Create(_folder["s"], SmallRecipes.Text());

        Assert.Equal(0, store.Log.Behind);
        Assert.Equal(store.Log.Lines, File.ReadAllLines(store.Layout.LogFile));
    }

    [Fact]
    public void Another_tombstone_key_is_refused()
    {
        Store.Create(_folder["s"], SmallRecipes.Text()).Dispose();
        DurableFile.Write(_folder["s/keys/tombstone.key"], AssignmentKey.Create().ToFileBytes());

        Assert.Contains("does not belong to this store", Assert.Throws<StoreException>(() => Store.Open(_folder["s"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_of_another_store_is_refused()
    {
        Store.Create(_folder["s"], SmallRecipes.Text()).Dispose();
        DurableFile.Write(_folder["s/keys/assignment.key"], SmallRecipes.Key(2).ToFileBytes());

        Assert.Contains("commitment", Assert.Throws<StoreException>(() => Store.Open(_folder["s"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_store_is_an_answer_with_a_remedy() => Assert.Equal(FaultKind.NotFound, Assert.Throws<NotFoundException>(() => Store.Open(_folder["none"])).Kind);

    [Fact]
    public void The_status_tells_what_is_there()
    {
        using var store = new TestStore(SmallRecipes.Text(2, 2));
        store.Ingest(TestRow.Many(20));
        var before = StatusReport.Of(store.Store);
        Assert.Equal((20L, 5L, 0L, false), (before.Items, before.Subjects, before.Epoch, before.UpToDate));
        Assert.All(before.Shards, s => Assert.Null(s.Served));
        store.Train();
        store.Forget("item-00003");
        var place = store.Store.Assignment.Assign("author-003");

        var after = StatusReport.Of(store.Store);

        Assert.Equal((19L, 1L, true, false), (after.Items, after.Forgotten, after.UpToDate, after.Suspended));
        Assert.Equal(4, after.Checkpoints.Count);
        Assert.All(after.Checkpoints, c => Assert.Equal(c.Digest, Digest.Of(store.Checkpoints()[new Placement(new ShardId(c.Shard), new SliceIndex(c.Slice))])));
        Assert.Equal(19, after.Shards.Sum(s => s.Items.Sum()));
        Assert.Equal(store.Store.Histories()[place.Shard.Value].Slices[place.Slice.Value - 1].ItemCount, after.Shards[place.Shard.Value].Items[place.Slice.Value - 1]);
        Assert.Equal(["r1"], after.Requests.Select(r => r.Id));
        Assert.Single(after.Environments);
    }

    public void Dispose() => _folder.Dispose();
}

using Sisa.Engine.Auditing;
using Sisa.Engine.Ingesting;
using Sisa.Engine.Publishing;
using Sisa.Engine.Recovering;
using Sisa.Engine.Stores;
using Sisa.Engine.Verifying;
using Sisa.Evidence;
using Sisa.Readers.OpenWeights;
using Sisa.Readers.Tokenizers;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Engine.Tests.Stores;

/// <summary>A store has its own copy of a base, and needs the folder that it came from no more.</summary>
public sealed class BaseCopyTests : IDisposable
{
    private static readonly string[] Names = ["base/config.json", "base/merges.txt", "base/model.safetensors", "base/tokenizer_config.json", "base/vocab.json"];

    private readonly TempFolder _folder = new();
    private readonly Recipe _recipe;

    public BaseCopyTests()
    {
        _recipe = SmallRecipes.Adapter(SmallBase.Write(_folder["source"]));
        _folder.Write("source/README.md", "not used");
    }

    public static TheoryData<string> Files() => [.. Names];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_copies_the_files_that_are_used_and_needs_their_source_no_more()
    {
        using var store = new TestStore(_recipe);
        Directory.Delete(_folder["source"], recursive: true);
        store.Reopen();

        Assert.Equal(Names, BaseOf(store.Path));
        Assert.Equal(store.Store.Layout.Base, store.Store.Recipe.BaseFolder);
        Assert.NotEmpty(Tokenizer.Create(store.Store.Recipe).Bytes(65).ToArray());
        store.Ingest(TestRow.Many(20));
        store.Train();
        store.Forget("item-00003");
        new Recovery(store.Store).Run(TimeSpan.Zero);

        Assert.Equal(Names, BaseOf(store.Path));
        Assert.All(store.Trainer.Jobs, job => Assert.Equal(store.Store.Layout.Base, job.BaseFolder));
        Assert.Empty(new StoreCheck(store.Store).Run(TimeSpan.Zero));
        store.CheckInvariants();
    }

    [Fact]
    public void The_recipe_of_a_store_is_the_same_wherever_its_base_came_from()
    {
        using var one = new TestStore(_recipe);
        using var two = new TestStore(SmallRecipes.Adapter(SmallBase.Write(_folder["copy"])));
        using var other = new TestStore(SmallRecipes.Adapter(SmallBase.Write(_folder["other"], config => config["rope_theta"] = 20_000)));

        Assert.Equal(one.Store.RecipeDigest, two.Store.RecipeDigest);
        Assert.NotEqual(one.Store.RecipeDigest, other.Store.RecipeDigest);
    }

    [Fact]
    public void Links_in_the_source_become_files_in_the_store()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights on Windows.");
        SmallBase.Write(_folder["blobs"]);
        Directory.CreateDirectory(_folder["snapshot"]);
        foreach (var file in Directory.EnumerateFiles(_folder["blobs"]))
        {
            File.CreateSymbolicLink(_folder[$"snapshot/{Path.GetFileName(file)}"], file);
        }

        using var store = new TestStore(SmallRecipes.Adapter(_folder["snapshot"]));

        Assert.All(Directory.EnumerateFiles(store.Store.Layout.Base), path => Assert.Null(new FileInfo(path).LinkTarget));
        Assert.Equal(5, Directory.EnumerateFiles(store.Store.Layout.Base).Count());
    }

    [Fact]
    public void A_source_that_changed_since_it_was_looked_at_makes_no_store()
    {
        _folder.Write("source/model.safetensors", "other");

        Assert.Contains("when they were first read", Assert.Throws<StoreException>(() => Store.Create(_folder["s"], _recipe)).Message, StringComparison.Ordinal);
        Assert.Throws<NotFoundException>(() => Store.Open(_folder["s"]));
        SmallBase.Write(_folder["source"]);
        Store.Create(_folder["s"], _recipe).Dispose();
    }

    [Fact]
    public void What_an_interrupted_init_left_of_a_base_is_replaced()
    {
        Store.Create(_folder["s"], _recipe).Dispose();
        File.WriteAllBytes(_folder["s/manifest.db"], []);
        _folder.Write("s/base/model.safetensors.tmp", "half");
        _folder.Write("s/base/model-00001-of-00002.safetensors", "of another base");
        File.Delete(_folder["s/base/config.json"]);

        using var store = Store.Create(_folder["s"], _recipe);

        Assert.Equal(Names, BaseOf(_folder["s"]));
        Assert.Empty(new StoreCheck(store).Run(TimeSpan.Zero));
    }

    [Fact]
    public void A_folder_of_that_name_that_somebody_made_is_left_alone()
    {
        Directory.CreateDirectory(_folder["s/base"]);
        _folder.Write("s/base/model.safetensors", "mine");

        Assert.Contains("base/model.safetensors", Assert.Throws<StoreException>(() => Store.Create(_folder["s"], _recipe)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder["s/base/model.safetensors"]));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_damaged_or_missing_file_is_found_before_anything_is_trained_on_it(string name)
    {
        using var store = new TestStore(_recipe);
        store.Ingest(TestRow.Many(20));
        store.Train();
        var path = Path.Combine(store.Path, name);
        var whole = File.ReadAllBytes(path);
        foreach (var damage in new byte[]?[] { [.. whole, (byte)'\n'], null })
        {
            File.Delete(path);
            if (damage is not null)
            {
                File.WriteAllBytes(path, damage);
            }

            Assert.Contains("base", Assert.Single(new StoreCheck(store.Store).Run(TimeSpan.Zero)), StringComparison.Ordinal);
            var report = new Rerun(store.Store, new FakeTrainer()).Run(RerunSource.Slices, _folder["scratch"], TimeSpan.Zero);
            Assert.Contains("base", Assert.Single(report.Faults), StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, [.. whole, (byte)'\n']);
        store.Receive(store.Request("item-00003"));
        var jobs = store.Trainer.Jobs.Count;
        Assert.Contains("the recipe records", Assert.Throws<StoreException>(() => store.Train()).Message, StringComparison.Ordinal);
        Assert.Equal(jobs, store.Trainer.Jobs.Count);

        File.WriteAllBytes(path, whole);
        store.Train();
        Assert.Empty(new StoreCheck(store.Store).Run(TimeSpan.Zero));
    }

    [Fact]
    public void A_rerun_from_source_files_finds_the_base_without_copying_it()
    {
        using var store = new TestStore(_recipe);
        var corpus = store.Corpus(TestRow.Many(20));
        new Ingestor(store.Store).Ingest([corpus], new IngestOptions());
        store.Train();
        var trainer = new FakeTrainer { BeforeStage = (_, _) => Assert.Empty(Directory.EnumerateFiles(_folder["scratch"], "vocab.json", SearchOption.AllDirectories)) };

        var report = new Rerun(store.Store, trainer).Run(new RerunSource { Files = [corpus] }, _folder["scratch"], TimeSpan.Zero);

        Assert.True(report.IsVerified, string.Join('\n', report.Faults));
        Assert.All(trainer.Jobs, job => Assert.Equal(store.Store.Layout.Base, job.BaseFolder));
    }

    [Fact]
    public void An_audit_bundle_carries_the_base_and_repeats_the_training_with_it()
    {
        using var store = new TestStore(_recipe);
        store.Ingest(TestRow.Many(20));
        store.Train();
        AuditExport.Write(store.Store, _folder["bundle"], AuditContent.Records, new HandoutGuide("program", "program check THIS_FOLDER"), TimeSpan.Zero);

        var bundle = AuditBundle.Open(_folder["bundle"]);
        var trainer = new FakeTrainer();
        var report = new AuditRerun(bundle, trainer, TimeProvider.System).Run(RerunSource.Slices, _folder["scratch"]);

        Assert.True(report.IsVerified, string.Join('\n', report.Faults));
        Assert.Empty(bundle.CheckItems([]));
        Assert.All(trainer.Jobs, job => Assert.Equal(_folder["bundle/base"], job.BaseFolder));
        Assert.Contains("`base/`", File.ReadAllText(_folder["bundle/README.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_whose_base_was_altered_or_leads_elsewhere_is_refused()
    {
        using var store = new TestStore(_recipe);
        store.Ingest(TestRow.Many(20));
        store.Train();
        AuditExport.Write(store.Store, _folder["bundle"], AuditContent.Records, new HandoutGuide("program", "program check THIS_FOLDER"), TimeSpan.Zero);
        var weights = _folder["bundle/base/model.safetensors"];
        var whole = File.ReadAllBytes(weights);

        File.WriteAllBytes(weights, [.. whole[1..], 0]);
        Assert.Contains("holds a recipe and a key with digest", Assert.Throws<EvidenceException>(() => AuditBundle.Open(_folder["bundle"])).Message, StringComparison.Ordinal);
        File.Delete(weights);
        Assert.Contains("holds no model.safetensors", Assert.Throws<EvidenceException>(() => AuditBundle.Open(_folder["bundle"])).Message, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(weights, _folder["source/model.safetensors"]);
            Assert.Contains("is a link", Assert.Throws<EvidenceException>(() => AuditBundle.Open(_folder["bundle"])).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_crash_at_any_file_of_the_copy_leaves_what_the_next_init_replaces()
    {
        // The copy goes file by file in this order; the manifest comes after the last.
        for (var copied = 0; copied <= Names.Length; copied++)
        {
            var store = $"crashed-{copied}";
            Directory.CreateDirectory(_folder[$"{store}/keys"]);
            Directory.CreateDirectory(_folder[$"{store}/base"]);
            File.WriteAllBytes(_folder[$"{store}/keys/assignment.key"], SmallRecipes.Key().ToFileBytes());
            foreach (var name in Names.Take(copied))
            {
                File.Copy(_folder[name.Replace("base/", "source/", StringComparison.Ordinal)], _folder[$"{store}/{name}"]);
            }

            if (copied < Names.Length)
            {
                _folder.Write($"{store}/{Names[copied]}.tmp", "half");
            }

            using var made = Store.Create(_folder[store], _recipe);
            Assert.Equal(Names, BaseOf(_folder[store]));
            OpenWeightsFolder.Check(made.Recipe);
        }
    }

    private static List<string> BaseOf(string store) => [.. StoreFiles.All(store).Where(file => file.StartsWith("base/", StringComparison.Ordinal))];
}

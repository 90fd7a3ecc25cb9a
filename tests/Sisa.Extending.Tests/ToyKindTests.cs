using System.Security.Cryptography;
using Sisa.Cli;
using Sisa.Extending.Tests.Toy;
using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Serving;
using Sisa.TestKit;
using Sisa.Torch;
using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Extending.Tests;

public sealed class ToyKindTests
{
    private const string Yaml = """
        labels: [red, green, blue]
        corpus: { fields: { id: id, label: label } }
        features: { numbers: { x: { min: 0, max: 1 }, y: { min: 0, max: 1 } } }
        ensemble: { shards: 2, slices: 2 }
        model: { kind: toy, waist: 3 }
        training: { epochs: 2, batchSize: 4 }
        """;

    // The first recipe pins the process, before anything else touches libtorch.
    static ToyKindTests() => new TorchShardTrainer().Environment(Toy());

    private static Recipe Toy(int waist = 3) => SmallRecipes.Mlp(2, 2) with { Model = new ToyOptions { Waist = waist } };

    [Fact]
    public void A_recipe_names_the_kind_and_its_keys()
    {
        var recipe = RecipeReader.Parse(Yaml);

        Assert.Equal(new ToyOptions { Waist = 3 }, recipe.Model);
        Assert.Equal(recipe.Model, RecipeReader.Parse(RecipeWriter.Write(recipe)).Model);
        Assert.Contains("For toy. Width of the narrow layer.", RecipeWriter.Print(), StringComparison.Ordinal);
        Assert.Equal(5, Assert.IsType<ToyOptions>(RecipeReader.Parse(Yaml, ["model.waist=5"]).Model).Waist);
    }

    [Fact]
    public void Its_rules_and_limits_are_told_as_those_of_built_in_kinds()
    {
        Assert.Contains("allowed: a whole number from 1 to 64", Assert.Throws<RecipeException>(() => RecipeReader.Parse(Yaml, ["model.waist=99"])).Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'waist'", Assert.Throws<RecipeException>(() => RecipeReader.Parse(Yaml, ["model.wiast=9"])).Message, StringComparison.Ordinal);
        var other = Assert.Throws<RecipeException>(() => RecipeReader.Parse(Yaml, ["features={vector: {field: v, length: 3}}"]));
        Assert.Contains("found toy without numbers", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_of_a_recipe_holds_it_and_comes_back()
    {
        var json = RecipeJson.Write(Toy());

        Assert.Contains("""{"kind":"toy","waist":3}""", json, StringComparison.Ordinal);
        Assert.Equal(Toy().Model, RecipeJson.Read(json).Model);
        Assert.Equal(json, System.Text.Json.JsonSerializer.Serialize(Toy(), RecipeJson.Options));
    }

    [Fact]
    public void The_digest_of_a_recipe_covers_the_assembly_that_holds_the_kind()
    {
        var assembly = new Digest(SHA256.HashData(File.ReadAllBytes(typeof(ToyOptions).Assembly.Location)));

        Assert.Equal(assembly, ToyRegistration.Kind.Code);
        Assert.All(ModelKinds.BuiltIn.All, kind => Assert.Null(kind.Code));
    }

    [Fact]
    public void The_sizes_that_it_tells_are_those_that_it_lays_out()
    {
        using var architecture = Architecture.Create(Toy(), torch.CPU);

        Assert.Equal(architecture.Parameters.Sum(parameter => parameter.Count), Toy().Model.ParameterCount(Toy()));
        Assert.Equal(architecture.Parameters.Count, Toy().Model.TensorCount(Toy()));
    }

    [Fact]
    public void A_name_or_a_type_is_registered_once()
    {
        Assert.Throws<ArgumentException>(() => ModelKinds.Add<ToyOptions>("other"));
        Assert.Throws<ArgumentException>(() => ModelKinds.Add<OtherOptions>("toy"));
        Assert.Throws<ArgumentException>(() => ModelKinds.Add<OtherOptions>("Not a name"));
        Assert.Throws<ArgumentException>(() => Readers.Recipes.Models.ModelKeys.Add(new ToyKeys(ToyRegistration.Kind)));
        Assert.Throws<ArgumentException>(() => ArchitectureKind.Add(ToyArchitecture.Describe(ToyRegistration.Kind)));
    }

    [Fact]
    public void It_trains_and_forgets_to_the_bytes_of_a_store_that_never_held_the_items()
    {
        var (recipe, trainer, rows) = (Toy(), new TorchShardTrainer(), TestRow.Many(24));
        using var store = new TestStore(recipe) { RealTrainer = trainer };
        store.Ingest(rows);
        store.Train();
        var before = store.Checkpoints();

        store.Forget(rows[3].Id, rows[17].Id);

        var scratch = FromScratch.Checkpoints(recipe, SmallRecipes.Key(), [.. rows.Where((_, i) => i is not (3 or 17))], realTrainer: trainer);
        Assert.NotEmpty(StoreAssert.Differences(before, store.Checkpoints()));
        Assert.Empty(StoreAssert.Differences(scratch, store.Checkpoints()));
    }

    [Fact]
    public void The_verbs_of_the_command_line_know_it()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["sisa.yaml"], Yaml);
        TestRow.Write(folder["rows.jsonl"], TestRow.Many(8));
        int Run(params string[] arguments) => SisaProgram.Create([.. arguments, "--store", folder["store"]]).Run(SisaCommandLine.Run);

        Assert.Equal(0, Run("init", "--recipe", folder["sisa.yaml"]));
        Assert.Equal(0, Run("ingest", folder["rows.jsonl"]));
        Assert.Equal(0, Run("status"));
        using var store = Engine.Stores.Store.Open(folder["store"]);
        Assert.Equal((8, new ToyOptions { Waist = 3 }), (store.Manifest.Items.Count, store.Recipe.Model));
    }

    private sealed record OtherOptions : ModelOptions
    {
        public override long ParameterCount(Recipe recipe) => 0;

        public override long TensorCount(Recipe recipe) => 0;

        public override string Describe() => "other";
    }
}

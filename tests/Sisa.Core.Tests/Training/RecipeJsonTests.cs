using System.Text.Json.Nodes;
using Sisa.Aggregation;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Training;

public sealed class RecipeJsonTests
{
    private static readonly Digest Key = SmallRecipes.Key().Commitment;

    public static TheoryData<string, Func<Recipe, Recipe>> Influences() => new()
    {
        { "labels", r => r with { Labels = ["red", "green"] } },
        { "order of labels", r => r with { Labels = ["green", "red", "blue"] } },
        { "task", r => r with { Task = TaskKind.LanguageModel } },
        { "fields", r => r with { Corpus = r.Corpus with { Fields = r.Corpus.Fields with { Subject = ["other"] } } } },
        { "text unit", r => r with { Corpus = r.Corpus with { TextUnit = TextUnit.File } } },
        { "features", r => r with { Features = new FeatureOptions { Text = new TextFeature(Buckets: 8) } } },
        { "shards", r => r with { Ensemble = r.Ensemble with { Shards = 5 } } },
        { "slices", r => r with { Ensemble = r.Ensemble with { Slices = 5 } } },
        { "assignment", r => r.ByBatch() },
        { "risk classes", r => r.ByRisk() },
        { "slices of risk classes", r => r.ByLateRisk() },
        { "model", r => r with { Model = new MlpOptions() } },
        { "size of the model", r => r with { Model = new TextClassifierOptions { Width = 16 } } },
        { "epochs", r => r with { Training = r.Training with { Epochs = 5 } } },
        { "batch size", r => r with { Training = r.Training with { BatchSize = 5 } } },
        { "optimizer", r => r with { Training = r.Training with { Optimizer = OptimizerKind.Sgd } } },
        { "learning rate", r => r with { Training = r.Training with { LearningRate = 0.5 } } },
        { "momentum", r => r with { Training = r.Training with { Momentum = 0.5 } } },
        { "weight decay", r => r with { Training = r.Training with { WeightDecay = 0.5 } } },
        { "beta 1", r => r with { Training = r.Training with { Beta1 = 0.5 } } },
        { "beta 2", r => r with { Training = r.Training with { Beta2 = 0.5 } } },
        { "epsilon", r => r with { Training = r.Training with { Epsilon = 0.5 } } },
        { "schedule", r => r with { Training = r.Training with { Schedule = ScheduleKind.Constant } } },
        { "warm-up", r => r with { Training = r.Training with { Warmup = 0.5 } } },
        { "seed", r => r with { Training = r.Training with { Seed = 5 } } },
        { "init", r => r with { Training = r.Training with { Init = InitKind.Shared } } },
        { "threads", r => r with { Training = r.Training with { Threads = 5 } } },
        { "numerics", r => r with { Numerics = NumericProfile.Portable } },
    };

    public static TheoryData<string, Func<Recipe, Recipe>> Others() => new()
    {
        { "name", r => r with { Name = "other" } },
        { "aggregation", r => r with { Aggregation = AggregationRule.LogMean } },
        { "evaluation", r => r with { Evaluation = new EvaluationOptions { File = "other.jsonl" } } },
        { "requests", r => r with { Requests = new RequestOptions { DueDays = 5, Window = 5 } } },
        { "format", r => r with { Corpus = r.Corpus with { Format = CorpusFormat.Csv } } },
        { "what was declared after a look", r => r with { DeclaredAfterInspection = ["labels"] } },
    };

    [Fact]
    public void Names_of_risk_classes_come_in_ordinal_order_and_stay_out_of_the_JSON()
    {
        var classes = new Dictionary<string, RiskClass>(StringComparer.Ordinal) { ["low"] = new([0]), ["Zero"] = new([1]), ["high"] = new([2]) };
        var recipe = new Recipe { Ensemble = new EnsembleOptions { RiskClasses = classes } };

        Assert.Equal(["Zero", "high", "low"], recipe.Ensemble.RiskClassNames);
        Assert.DoesNotContain("riskClassNames", RecipeJson.Write(recipe), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Influences), DisableDiscoveryEnumeration = true)]
    public void What_influences_weights_changes_the_digest(string key, Func<Recipe, Recipe> change) =>
        Assert.True(DigestOf(SmallRecipes.Text()) != DigestOf(change(SmallRecipes.Text())), key);

    [Theory]
    [MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public void What_does_not_leaves_it(string key, Func<Recipe, Recipe> change) =>
        Assert.True(DigestOf(SmallRecipes.Text()) == DigestOf(change(SmallRecipes.Text())), key);

    // Computed under version 2 of the training code. A key that is new and has its default changes no recipe: stores made before it stay good.
    [Theory]
    [InlineData("text", "c4162b8e0798406a1e353e282ad5545e9d996e22d1252a12e72cf61967a68fd5")]
    [InlineData("table by batch", "645fc6039548b849ed207027763e47a87cce8b6cf7428efc634155e6d1d4995a")]
    [InlineData("text by risk", "6f3499029b7a72d61bcef865545a0d8b1337b5dbb139eb3f0bfe76e8741260cb")]
    [InlineData("images", "67892c75005552e2fe90aa0768e39859dab6445cd8d64d65201c34161b92e7ae")]
    [InlineData("encoder", "826a1f6fa4477eb918b17825e6ce705c319399e2fa2705959b2ad73d7d8adbda")]
    public void Recipes_keep_the_digest_that_they_had_before_there_were_more_keys(string name, string digest)
    {
        var recipe = name switch
        {
            "text" => SmallRecipes.Text(),
            "table by batch" => SmallRecipes.Mlp().ByBatch(),
            "text by risk" => SmallRecipes.Text().ByRisk(),
            "images" => SmallRecipes.Mlp() with { Features = new FeatureOptions { Pixels = new PixelFeature(4, 4) }, Model = new CnnOptions { Channels = [2] } },
            _ => SmallRecipes.Text() with { Model = new TextClassifierOptions { Architecture = TextArchitecture.Encoder } },
        };

        Assert.Equal(digest, RecipeJson.DigestUnder(recipe, Key, trainingCode: 2).ToString());
        Assert.NotEqual(digest, DigestOf(recipe).ToString());
    }

    [Fact]
    public void The_json_of_a_model_of_tokens_holds_what_is_declared_and_found_and_nothing_that_follows_from_it()
    {
        var files = new BaseFiles(Digest.Of([]), new TokenNumbers(300, null, 299), new DecoderShape { Vocabulary = 300, Layers = 1, Width = 8, Heads = 2, KeyValueHeads = 1, HeadWidth = 4, Hidden = 8 });
        foreach (var model in new SequenceModelOptions[] { new DecoderOptions(), new AdapterOptions { Base = "base", TrainedOn = DataOrigin.Public, Files = files } })
        {
            var json = JsonNode.Parse(RecipeJson.Write(SmallRecipes.Text() with { Model = model }))!["model"]!.AsObject().Select(member => member.Key).ToList();

            Assert.Equal(model.Files is not null, json.Contains("files"));
            Assert.DoesNotContain("shape", json);
            Assert.DoesNotContain("tokenizerKind", json);
            Assert.DoesNotContain("needsFiles", json);
        }
    }

    [Fact]
    public void Another_assignment_key_is_another_recipe() =>
        Assert.NotEqual(DigestOf(SmallRecipes.Text()), RecipeJson.RecipeDigest(SmallRecipes.Text(), SmallRecipes.Key(2).Commitment));

    [Fact]
    public void Slices_of_a_risk_class_enter_the_digest_apart_from_whether_there_are_classes()
    {
        Assert.NotEqual(DigestOf(SmallRecipes.Text().ByRisk()), DigestOf(SmallRecipes.Text().ByLateRisk()));
        Assert.DoesNotContain("\"slices\":null", RecipeJson.Write(SmallRecipes.Text().ByRisk()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_in_which_risk_classes_are_declared_does_not_matter()
    {
        var recipe = SmallRecipes.Text().ByRisk();
        var reversed = recipe.Ensemble.RiskClasses.Reverse().ToDictionary();

        Assert.Equal(DigestOf(recipe), DigestOf(recipe with { Ensemble = recipe.Ensemble with { RiskClasses = reversed } }));
    }

    [Fact]
    public void A_recipe_comes_back_from_its_json()
    {
        Recipe[] recipes =
        [
            SmallRecipes.Text(),
            SmallRecipes.Mlp().ByBatch(),
            SmallRecipes.Text().ByRisk(),
            SmallRecipes.Text().ByLateRisk(),
            SmallRecipes.Mlp() with { Features = new FeatureOptions { Categories = new CategoryFeature(["a"], 4), Vector = new VectorFeature("v", 3, -1, 1) } },
            SmallRecipes.Mlp() with { Features = new FeatureOptions { Pixels = new PixelFeature(4, 4) }, Model = new CnnOptions { Channels = [2] } },
            SmallRecipes.Text() with { Features = new FeatureOptions(), Task = TaskKind.LanguageModel, Labels = [], Model = new DecoderOptions { KeyValueHeads = 2, Tokenizer = TokenizerKind.O200kBase } },
            SmallRecipes.Text() with { Features = new FeatureOptions(), Model = new AdapterOptions { Base = "base", TrainedOn = DataOrigin.Public, Rank = 0, Targets = [AdapterTarget.Up] } },
        ];

        Assert.All(recipes, recipe =>
        {
            var again = RecipeJson.Read(RecipeJson.Write(recipe));
            Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(again));
            Assert.Equal(DigestOf(recipe), DigestOf(again));
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{\"unknown\":1}")]
    [InlineData("{\"task\":0}")]
    [InlineData("{\"model\":{\"kind\":\"other\"}}")]
    [InlineData("{\"ensemble\":{\"riskClasses\":{\"high\":{\"shards\":[]}}}}")]
    [InlineData("{\"ensemble\":{\"riskClasses\":{\"high\":{\"shards\":[0],\"slices\":[]}}}}")]
    public void Anything_else_is_refused(string json) => Assert.Throws<StoreException>(() => RecipeJson.Read(json));

    [Fact]
    public void Layouts_follow_the_features()
    {
        var text = FeatureLayout.Of(SmallRecipes.Text());
        var dense = FeatureLayout.Of(SmallRecipes.Mlp() with
        {
            Features = new FeatureOptions { Numbers = [new NumberFeature("x", 0, 1)], Categories = new CategoryFeature(["a"], 4), Vector = new VectorFeature("v", 3, -1, 1) },
        });
        var pixels = FeatureLayout.Of(SmallRecipes.Mlp() with { Features = new FeatureOptions { Pixels = new PixelFeature(4, 5, 3, 0.25, 0.5) } });

        Assert.Equal((FeatureKind.Tokens, 32, 4096, null), (text.Kind, text.Length, text.Vocabulary, text.StrideBytes));
        Assert.Equal((FeatureKind.Dense, 8, 32), (dense.Kind, dense.Length, dense.StrideBytes!.Value));
        Assert.Equal((FeatureKind.Bytes, 60, 60), (pixels.Kind, pixels.Length, pixels.StrideBytes!.Value));
        Assert.Equal((255 / 255.0 - 0.25) / 0.5, (255 * pixels.Scale) + pixels.Shift, 1e-6);
    }

    private static Digest DigestOf(Recipe recipe) => RecipeJson.RecipeDigest(recipe, Key);
}

using System.Text.Json;
using Sisa.Aggregation;
using Sisa.Checkpoints;
using Sisa.Evidence;
using Sisa.Models;
using Sisa.Records;
using Sisa.Sharding;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Core.Tests.Records;

public sealed class RecordJsonTests
{
    private static readonly DecoderShape Shape = new() { Vocabulary = 300, Layers = 1, Width = 8, Heads = 2, KeyValueHeads = 1, HeadWidth = 4, Hidden = 8, RopeTheta = 1e6, AttentionBias = true };

    /// <summary>One of everything that stores, jobs and workers write.</summary>
    public static TheoryData<string> Names() => [.. Values.Keys];

    private static IReadOnlyDictionary<string, object> Values { get; } = new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["text"] = SmallRecipes.Text(),
        ["table by batch"] = SmallRecipes.Mlp().ByBatch() with { Name = "Größe \"+\" <b> \u2028 😀", DeclaredAfterInspection = ["labels"] },
        ["text by risk"] = SmallRecipes.Text().ByRisk() with { Numerics = NumericProfile.Portable, Aggregation = AggregationRule.LogMean },
        ["numbers and categories"] = SmallRecipes.Mlp() with
        {
            Features = new FeatureOptions { Numbers = [new NumberFeature("a", -1e-300, 0.1, 3), new NumberFeature("b", 0, 1)], Categories = new CategoryFeature(["c", "d"], 8), Vector = new VectorFeature("v", 3, 0, 1) },
            Training = new TrainingOptions { LearningRate = 3e-4, Epsilon = 1e-8, Seed = ulong.MaxValue, Clip = 1, MicroBatch = 2, Device = "cuda:1" },
            Evaluation = new EvaluationOptions { File = "held-out.jsonl" },
            Requests = new RequestOptions { Window = 1.5 },
        },
        ["images"] = SmallRecipes.Mlp() with { Features = new FeatureOptions { Pixels = new PixelFeature(4, 4) }, Model = new CnnOptions { Channels = [2, 3] } },
        ["encoder"] = SmallRecipes.Text() with { Model = new TextClassifierOptions { Architecture = TextArchitecture.Encoder } },
        ["decoder"] = SmallRecipes.Text() with { Task = TaskKind.LanguageModel, Model = new DecoderOptions(), Training = new TrainingOptions { Precision = ComputePrecision.BFloat16 } },
        ["adapter"] = SmallRecipes.Text() with { Model = new AdapterOptions { Base = "base", TrainedOn = DataOrigin.Public, Files = new BaseFiles(Digest.Of([1]), new TokenNumbers(300, null, 299), Shape) } },
        ["fingerprint"] = new EnvironmentFingerprint { Device = "cpu", Numerics = NumericProfile.Native, Threads = 1, Architecture = "x64", OperatingSystem = "linux", Cpu = null, Libtorch = "2.10.0" },
        ["paths"] = new[] { "/scratch/shard-000-1.job.json", "C:\\Größe \"1\"\\b" },
        ["lineage"] = new[] { SliceRoot.Empty, new SliceRoot(Digest.Of([2]), long.MaxValue) },
        ["job"] = new ShardJob
        {
            Recipe = SmallRecipes.Mlp(),
            RecipeDigest = Digest.Of([3]),
            Shard = new ShardId(2),
            FirstStage = new SliceIndex(1),
            Start = new CheckpointReference("somewhere", Digest.Of([4])),
            Slices = [new SliceReference(null, SliceRoot.Empty), new SliceReference("here", new SliceRoot(Digest.Of([5]), 7))],
            CheckpointFolder = "/there",
        },
        ["stage"] = new StageResult
        {
            Shard = new ShardId(0), Stage = new SliceIndex(3), FileName = "f", Digest = Digest.Of([6]), Tensors = Digest.Of([7]), SizeBytes = 1L << 40, Lineage = Digest.Of([8]), Environment = Digest.Of([9]), Visits = 5, Seconds = 0.1, Loss = null,
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Records_are_written_as_the_serializer_writes_them(string name)
    {
        var value = Values[name];

        Assert.Equal(JsonSerializer.Serialize(value, value.GetType(), RecipeJson.Options), RecordJson.Write(value));
    }

    [Fact]
    public void A_style_leaves_nulls_out_and_marks_unescaped()
    {
        var entry = new LogEntry { Event = LogEvent.FallbackPublished, At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Epoch = 3, Request = "ü+<", PublicKey = [1, 2, 255], Marks = [new LogMark("item", Digest.Of([1]))] };

        Assert.Equal(
            $$"""{"event":"fallback-published","at":"2026-01-02T03:04:05+00:00","epoch":3,"request":"ü+<","marks":[{"kind":"item","mark":"{{Digest.Of([1])}}"}],"publicKey":"AQL/"}""",
            RecordJson.Write(entry, new RecordStyle(OmitsNulls: true, Readable: true)));
        Assert.Contains("\"request\":\"\\u00FC\\u002B\\u003C\"", RecordJson.Write(entry), StringComparison.Ordinal);
        Assert.Contains("\"note\":null", RecordJson.Write(entry), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_written_reads_and_writes_the_same(string name)
    {
        var json = RecordJson.Write(Values[name]);
        object read = name switch
        {
            "fingerprint" => RecordJson.Read<EnvironmentFingerprint>(json),
            "paths" => RecordJson.Read<string[]>(json),
            "lineage" => RecordJson.Read<SliceRoot[]>(json),
            "job" => RecordJson.Read<ShardJob>(json),
            "stage" => RecordJson.Read<StageResult>(json),
            _ => RecordJson.Read<Recipe>(json),
        };

        Assert.Equal(json, RecordJson.Write(read));
    }

    [Theory]
    [InlineData("""{"fileName":"f"}""", "$.shard is missing")]
    [InlineData("""{"shard":0,"extra":1}""", "$.extra is unknown")]
    [InlineData("""{"shard":null}""", "$.shard is 'null'")]
    [InlineData("""{"shard":"0"}""", """$.shard is "0", expected a whole number""")]
    [InlineData("""{"shard":1.5}""", "$.shard is 1.5, expected a whole number")]
    [InlineData("""{"digest":"12"}""", "$.digest: a digest is 64")]
    [InlineData("""{"visits":9223372036854775808}""", "expected a whole number")]
    [InlineData("""{"seconds":1e999}""", "expected a smaller number")]
    [InlineData("[]", "$ is a list, expected an object")]
    [InlineData("null", "$ is 'null'")]
    [InlineData("{", "")]
    public void Anything_else_is_refused_with_its_place(string json, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<JsonException>(() => RecordJson.Read<StageResult>(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"name":"\ud800"}""", "surrogate")]
    [InlineData("""{"\ud800":1}""", "surrogate")]
    [InlineData("""{"labels":["a",null]}""", "$.labels[1] is 'null'")]
    [InlineData("""{"task":0}""", "$.task is 0, expected a text")]
    [InlineData("""{"task":"Classify"}""", "$.task is 'Classify'")]
    [InlineData("""{"model":{"kind":"rnn"}}""", "$.model has the unknown kind 'rnn'")]
    [InlineData("""{"model":{"hidden":[1]}}""", "$.model has the unknown kind ''")]
    [InlineData("""{"features":{"vector":{"field":"v"}}}""", "$.features.vector.length is missing")]
    [InlineData("""{"ensemble":{"riskClasses":{"high":null}}}""", "$.ensemble.riskClasses.high is 'null'")]
    public void Holes_in_recipes_are_refused_with_their_place(string json, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<JsonException>(() => RecordJson.Read<Recipe>(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_may_be_null_may_be_absent_only_where_nulls_are_left_out()
    {
        const string WithoutBegin = """{"vocabulary":300,"end":299}""";

        Assert.Contains("$.begin is missing", Assert.ThrowsAny<JsonException>(() => RecordJson.Read<TokenNumbers>(WithoutBegin)).Message, StringComparison.Ordinal);
        Assert.Equal(new TokenNumbers(300, null, 299), RecordJson.Read<TokenNumbers>(WithoutBegin, new RecordStyle(OmitsNulls: true)));
        Assert.ThrowsAny<JsonException>(() => RecordJson.Read<TokenNumbers>("""{"vocabulary":300}""", new RecordStyle(OmitsNulls: true)));
    }

    [Fact]
    public void Members_that_are_absent_have_their_defaults()
    {
        var recipe = RecordJson.Read<Recipe>("""{"model":{"kind":"mlp"},"features":{"pixels":{"height":2,"width":3}}}""");

        Assert.Equal(RecipeJson.Write(new Recipe { Features = new FeatureOptions { Pixels = new PixelFeature(2, 3) } }), RecipeJson.Write(recipe));
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Sisa.Models;
using Sisa.Readers.OpenWeights;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.TestKit;
using Sisa.Torch;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Serving.Tests.Exactness;

/// <summary>The exactness contract with real training: whatever a store went through, its checkpoint files are those of one that never
/// held what was forgotten, byte for byte, optimizer state included.</summary>
public sealed class TrainedLifeTests
{
    /// <summary>Variable with the number of lives a kind, for whoever has more time than the suite.</summary>
    private const string LivesVariable = "SISA_LIVES";

    // Lives a kind: the suite must see at least 300 of classifiers, and 100 of language models.
    private const int FewestLives = 50;

    private static readonly int LivesPerKind = Environment.GetEnvironmentVariable(LivesVariable) is { Length: > 0 } lives ? int.Parse(lives, CultureInfo.InvariantCulture) : FewestLives;

    private static readonly OptimizerKind[] Optimizers = Enum.GetValues<OptimizerKind>();

    private static readonly Lazy<string> Base = new(WriteBase);

    private readonly TorchShardTrainer _trainer = new();

    [Theory]
    [InlineData("mlp", "cpu")]
    [InlineData("mlp by batch by risk", "cpu")]
    [InlineData("mlp by late risk", "cpu")]
    [InlineData("text", "cpu")]
    [InlineData("text by batch", "cpu")]
    [InlineData("text encoder", "cpu")]
    [InlineData("text decoder", "cpu")]
    [InlineData("text decoder by batch", "cpu")]
    [InlineData("text adapter", "cpu")]
    [InlineData("text adapter by batch", "cpu")]
    [InlineData("mlp", "cuda")]
    [InlineData("mlp by batch by risk", "cuda")]
    [InlineData("text", "cuda")]
    [InlineData("text by batch", "cuda")]
    [InlineData("text encoder", "cuda")]
    [InlineData("text decoder", "cuda")]
    [InlineData("text adapter", "cuda")]
    public void After_any_life_the_checkpoints_are_those_of_a_store_that_never_held_what_was_forgotten(string kind, string device)
    {
        // Pins the process before libtorch is asked for its devices.
        _trainer.Environment(Portable(SmallRecipes.Text(1, 1)));
        Assert.SkipUnless(device == "cpu" || torch.cuda.is_available(), "No CUDA device, or a libtorch without CUDA.");
        for (var number = 0; number < LivesPerKind; number++)
        {
            using var life = new RandomLife(kind, 1000 + number, _trainer, (recipe, random) => On(device, Vary(recipe, kind, random)));
            try
            {
                life.Run();
                var differences = life.Differences();
                Assert.True(differences.Count == 0, string.Join('\n', differences));
                Assert.True(number % 16 > 0 || life.IsVerified(), "The rerun does not agree.");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{e.Message}\n{life.Story}", e);
            }
        }
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("text")]
    [InlineData("text encoder")]
    [InlineData("text decoder")]
    public void What_a_forgotten_item_said_changes_nothing(string kind)
    {
        var rows = TestRow.Many(30);
        var others = rows.ToArray();
        others[7] = rows[7] with { Text = "something else altogether", Label = (rows[7].Label + 1) % 3, X = 0.875, Y = 0.125 };
        var (one, before) = TrainAndForget(kind, rows);
        var (other, otherBefore) = TrainAndForget(kind, others);

        Assert.NotEmpty(StoreAssert.Differences(before, otherBefore));
        Assert.Empty(StoreAssert.Differences(one, other));
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("text")]
    [InlineData("text decoder")]
    public void What_an_item_says_changes_no_checkpoint_before_its_slice(string kind)
    {
        var rows = TestRow.Many(30);
        for (var changed = 0; changed < rows.Length; changed += 7)
        {
            var others = rows.ToArray();
            others[changed] = rows[changed] with { Text = "something else altogether", X = 0.875, Y = 0.125 };
            using var one = Trained(kind, rows);
            using var other = Trained(kind, others);
            var place = one.PlaceOf(rows[changed].Id);
            var (expected, actual) = (one.Checkpoints(), other.Checkpoints());

            Assert.All(expected, c => Assert.Equal(c.Key.Shard != place.Shard || c.Key.Slice < place.Slice, c.Value.AsSpan().SequenceEqual(actual[c.Key])));
        }
    }

    private TestStore Trained(string kind, TestRow[] rows)
    {
        var recipe = kind == "mlp" ? SmallRecipes.Mlp(2, 3) : SmallRecipes.Text(2, 3);
        var store = new TestStore(Vary(recipe, kind, new SeededGenerator(Seeds.Derive(7, kind))), SmallRecipes.Key()) { RealTrainer = _trainer };
        store.Ingest(rows);
        store.Train();
        return store;
    }

    private (IReadOnlyDictionary<Placement, byte[]> After, IReadOnlyDictionary<Placement, byte[]> Before) TrainAndForget(string kind, TestRow[] rows)
    {
        using var store = Trained(kind, rows);
        var before = store.Checkpoints();
        store.Forget(rows[7].Id);
        return (store.Checkpoints(), before);
    }

    // Half of them language models, half with a head.
    private static Recipe Adapter(Recipe recipe, SeededGenerator random)
    {
        var isLanguage = random.NextInt32(2) == 0;
        var model = new AdapterOptions { Base = BaseFiles.FolderName, TrainedOn = DataOrigin.Public, Context = 8 + random.NextInt32(30), Rank = 1 + random.NextInt32(2), Targets = [AdapterTarget.Query, AdapterTarget.Value, AdapterTarget.Down] };
        var adapted = Decoder(recipe, random);
        adapted = isLanguage ? adapted : recipe with { Features = new FeatureOptions() };
        return OpenWeightsFolder.Resolve(adapted with { Model = model }, Base.Value);
    }

    private static string WriteBase()
    {
        var folder = Directory.CreateTempSubdirectory("sisa-base-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var model = new DecoderOptions { Layers = 1, Width = 8, Heads = 2, Hidden = 8, Context = 64 };
        var generator = new SeededGenerator(Seeds.Derive(7, "base"));
        CheckpointFile.Write(folder, _ => "model.safetensors", [new("format", "pt")], [.. PublishedWeights.Of(new Recipe { Task = TaskKind.LanguageModel, Model = model })!.Select(tensor =>
        {
            var values = new float[tensor.Count];
            generator.FillUniform(values, 0.4f);
            return new TensorEntry(tensor.Name, "F32", tensor.Shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        })]);
        File.WriteAllText(Path.Combine(folder, OpenWeightsConfig.FileName(model)), OpenWeightsConfig.Of(model, TaskKind.LanguageModel, string.Empty).ToJsonString());
        File.WriteAllText(Path.Combine(folder, OpenWeightsFolder.ByteTokenizerFile), OpenWeightsFolder.ByteTokenizerContent);
        return folder;
    }

    private static Recipe Decoder(Recipe recipe, SeededGenerator random) => recipe with
    {
        Task = TaskKind.LanguageModel,
        Labels = [],
        Corpus = recipe.Corpus with { Fields = recipe.Corpus.Fields with { Label = null } },
        Features = new FeatureOptions(),
        Model = new DecoderOptions { Layers = 1, Width = 8, Heads = 2, KeyValueHeads = 1 + random.NextInt32(2), Hidden = 8, Context = 8 + random.NextInt32(30), TieEmbeddings = random.NextInt32(2) == 0 },
        Training = recipe.Training with { MicroBatch = random.NextInt32(2), Clip = random.NextInt32(2) },
    };

    private static Recipe Portable(Recipe recipe) => recipe with { Numerics = NumericProfile.Portable };

    private static Recipe On(string device, Recipe recipe) => recipe with { Training = recipe.Training with { Device = device } };

    private static Recipe Vary(Recipe recipe, string kind, SeededGenerator random)
    {
        var optimizer = Optimizers[random.NextInt32(Optimizers.Length)];
        var model = recipe.Model switch
        {
            MlpOptions => new MlpOptions { Hidden = random.NextInt32(4) == 0 ? [] : [1 + random.NextInt32(6)], Activation = (Activation)random.NextInt32(2) },
            _ when kind.Contains("encoder", StringComparison.Ordinal) => new TextClassifierOptions { Architecture = TextArchitecture.Encoder, Width = 8, Layers = 1, Heads = 2 },
            var other => other,
        };
        recipe = kind.Contains("decoder", StringComparison.Ordinal) ? Decoder(recipe, random)
            : kind.Contains("adapter", StringComparison.Ordinal) ? Adapter(recipe, random)
            : recipe with { Model = model };
        return Portable(recipe) with
        {
            Features = recipe.Features.Text is { } text ? new FeatureOptions { Text = text with { Buckets = 256 } } : recipe.Features,
            Training = recipe.Training with
            {
                Optimizer = optimizer,
                Momentum = optimizer == OptimizerKind.Sgd && random.NextInt32(2) == 0 ? 0.9 : 0,
                WeightDecay = random.NextInt32(2) == 0 ? 0.01 : 0,
                Schedule = (ScheduleKind)random.NextInt32(2),
                Init = (InitKind)random.NextInt32(2),
            },
        };
    }
}

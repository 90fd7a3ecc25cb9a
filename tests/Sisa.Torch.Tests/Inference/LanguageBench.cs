using System.Runtime.InteropServices;
using System.Text;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;

namespace Sisa.Torch.Tests.Inference;

/// <summary>Small language models, trained on made-up words.</summary>
internal static class LanguageBench
{
    private static readonly string[] Words = ["rose", "thorn", "king", "crown", "night", "day", "sea", "ship", "storm", "calm"];

    public static Recipe Recipe(InitKind init = InitKind.PerShard, int context = 16, int keyValueHeads = 0) => new()
    {
        Task = TaskKind.LanguageModel,
        Ensemble = new EnsembleOptions { Shards = 3, Slices = 1 },
        Numerics = TestEnvironment.Numerics,
        Model = new DecoderOptions { Layers = 2, Width = 16, Heads = 2, KeyValueHeads = keyValueHeads, Context = context },
        Training = new TrainingOptions { Epochs = 2, BatchSize = 4, LearningRate = 1e-2, Init = init },
    };

    /// <summary>A text of so many words that a name decides.</summary>
    public static string Text(string name, int words)
    {
        var generator = new SeededGenerator(Digest.Of(Encoding.UTF8.GetBytes(name)));
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[generator.NextInt32(Words.Length)]));
    }

    /// <summary>A text as slices hold it under the byte tokenizer.</summary>
    public static ReadOnlyMemory<byte> Encode(string text)
    {
        var numbers = TokenNumbers.OfBytes;
        return Tokens([numbers.Begin!.Value, .. Encoding.UTF8.GetBytes(text).Select(value => (int)value), numbers.End]);
    }

    /// <summary>Token numbers as slices hold them.</summary>
    public static byte[] Tokens(params int[] tokens) => MemoryMarshal.AsBytes(tokens.AsSpan()).ToArray();

    public static List<(ShardId Shard, CheckpointReference File)> Constituents(Workbench bench, Recipe recipe, int count)
    {
        var files = new List<(ShardId, CheckpointReference)>();
        for (var shard = 0; shard < count; shard++)
        {
            TestItem[] items = [.. Enumerable.Range(0, 12).Select(i => new TestItem($"{shard}-{i}", -1, Encode(Text($"{shard}-{i}", 2 + i)).ToArray()))];
            var job = Workbench.Job(recipe, [bench.Slice(items)], bench.NewFolder(), shard);
            files.Add((job.Shard, Workbench.Reference(job, Workbench.Train(job)[^1])));
        }

        return files;
    }

    public static LanguageEnsemble Load(Recipe recipe, params IEnumerable<(ShardId Shard, CheckpointReference File)> files)
    {
        var ensemble = new LanguageEnsemble(recipe);
        foreach (var (shard, file) in files)
        {
            ensemble.Set(shard, file);
        }

        return ensemble;
    }
}

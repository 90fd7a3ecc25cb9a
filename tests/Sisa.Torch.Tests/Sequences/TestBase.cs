using System.Runtime.InteropServices;
using Sisa.Models;
using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;

namespace Sisa.Torch.Tests.Sequences;

/// <summary>A folder with the weights of a small made-up base, named as open weights are.</summary>
internal static class TestBase
{
    private static readonly Lazy<string> Written = new(Write);

    public static DecoderShape Shape { get; } = new() { Vocabulary = 40, Layers = 2, Width = 8, Heads = 2, KeyValueHeads = 1, HeadWidth = 4, Hidden = 12, AttentionBias = true };

    /// <summary>The folder; it stays until the process ends.</summary>
    public static string Folder => Written.Value;

    /// <summary>What a store would have found in it.</summary>
    public static BaseFiles Files => new(Digest.Of("test base"u8), new TokenNumbers(39, null, 38), Shape);

    /// <summary>Its tensors by name.</summary>
    public static IReadOnlyDictionary<string, float[]> Tensors { get; } = Make();

    private static Dictionary<string, float[]> Make()
    {
        var generator = new SeededGenerator(Seeds.Derive(9, "base"));
        return PublishedTensor.Of(new DecoderLayout(Shape).Specs).ToDictionary(tensor => tensor.Name, tensor =>
        {
            var values = new float[tensor.Count];
            generator.FillUniform(values, 0.3f);
            return tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal) ? [.. values.Select(value => 1 + value)] : values;
        });
    }

    private static string Write()
    {
        var folder = Directory.CreateTempSubdirectory("sisa-base-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Write(folder, Tensors);
        return folder;
    }

    /// <summary>Writes the base with other numbers.</summary>
    /// <param name="folder">Where; made if need be.</param>
    /// <param name="numbers">Its tensors by name.</param>
    public static void Write(string folder, IReadOnlyDictionary<string, float[]> numbers)
    {
        Directory.CreateDirectory(folder);
        TensorEntry[] tensors = [.. PublishedTensor.Of(new DecoderLayout(Shape).Specs).Select(tensor =>
            new TensorEntry(tensor.Name, "F32", tensor.Shape, MemoryMarshal.AsBytes(numbers[tensor.Name].AsSpan()).ToArray()))];
        CheckpointFile.Write(folder, "model-", [new("format", "pt")], tensors);
    }
}

using System.Runtime.InteropServices;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Bench;

/// <summary>A file with the initial weights of a model: what inference is measured on, since its time does not depend on what the weights are.</summary>
internal static class UntrainedConstituent
{
    /// <summary>Writes the weights of one shard.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="specs">Parameters of the model.</param>
    /// <param name="shard">Number of the shard.</param>
    public static CheckpointReference Write(string folder, IReadOnlyList<ParameterSpec> specs, int shard)
    {
        using var weights = new ParameterSet(specs, torch.CPU);
        weights.Initialise(17, shard);
        var values = MemoryMarshal.AsBytes(ParameterSet.Memory(weights.Values)).ToArray();
        var tensors = weights.Specs.Select((spec, i) => new TensorEntry(spec.Name, "F32", spec.Shape, values.AsMemory((int)weights.Offset(i) * sizeof(float), (int)spec.Count * sizeof(float))));
        var written = CheckpointFile.Write(folder, "constituent-", [], [.. tensors]);
        return new CheckpointReference(Path.Combine(folder, written.FileName), written.Digest);
    }
}

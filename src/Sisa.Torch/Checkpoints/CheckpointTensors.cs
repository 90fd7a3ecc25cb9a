using System.Runtime.InteropServices;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Torch.Optimizers;
using TorchSharp;

namespace Sisa.Torch.Checkpoints;

/// <summary>The full state of a constituent as the tensors of a checkpoint: weights, optimizer state, step count.</summary>
/// <remarks>Names: a parameter's own name; <c>optimizer.KIND.NAME</c> for its state; <c>optimizer.step</c>. Not thread-safe.</remarks>
internal sealed class CheckpointTensors
{
    private const string OptimizerPrefix = "optimizer.";
    private const string StepName = OptimizerPrefix + "step";

    private readonly ParameterSet _parameters;
    private readonly Optimizer _optimizer;
    private readonly List<(torch.Tensor Flat, byte[] Copy)> _flats = [];
    private readonly List<TensorEntry> _entries = [];
    private readonly byte[] _step = new byte[sizeof(long)];

    /// <summary>Prepares buffers for copies of the state; they are reused.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="optimizer">Their optimizer.</param>
    public CheckpointTensors(ParameterSet parameters, Optimizer optimizer)
    {
        (_parameters, _optimizer) = (parameters, optimizer);
        Add(string.Empty, parameters.Values);
        foreach (var (kind, flat) in optimizer.State)
        {
            Add($"{OptimizerPrefix}{kind}.", flat);
        }

        _entries.Add(new TensorEntry(StepName, "I64", [], _step));
    }

    /// <summary>Copies the state as it is now.</summary>
    /// <returns>The tensors of a checkpoint; their bytes stay as they are until the next call.</returns>
    public IReadOnlyList<TensorEntry> Copy()
    {
        foreach (var (flat, copy) in _flats)
        {
            using var host = IsElsewhere(flat) ? flat.cpu() : flat.alias();
            host.bytes.CopyTo(copy);
        }

        var step = _optimizer.StepCount;
        MemoryMarshal.Write(_step, in step);
        return _entries;
    }

    /// <summary>Sets the state to that of a checkpoint.</summary>
    /// <param name="checkpoint">A checkpoint of the same recipe.</param>
    /// <param name="source">Its path, for messages.</param>
    /// <exception cref="StoreException">It holds other tensors than this model has.</exception>
    public void Restore(CheckpointContent checkpoint, string source)
    {
        var found = checkpoint.Tensors.Select(t => (t.Name, t.Type, Shape: string.Join(',', t.Shape)));
        var expected = _entries.Select(t => (t.Name, t.Type, Shape: string.Join(',', t.Shape)));
        if (!found.SequenceEqual(expected))
        {
            throw new StoreException(
                $"Checkpoint {source} holds {checkpoint.Tensors.Count} tensors, not the {_entries.Count} of this model in their order.",
                "The file belongs to another model. Run 'sisa recover'; the stage is trained again.");
        }

        LoadFlat(checkpoint, string.Empty, _parameters, _parameters.Values, IsElsewhere(_parameters.Values));
        foreach (var (kind, flat) in _optimizer.State)
        {
            LoadFlat(checkpoint, $"{OptimizerPrefix}{kind}.", _parameters, flat, IsElsewhere(flat));
        }

        _optimizer.StepCount = MemoryMarshal.Read<long>(checkpoint.Data(StepName).Span);
    }

    /// <summary>Sets weights alone.</summary>
    /// <param name="checkpoint">A checkpoint, or exported weights.</param>
    /// <param name="parameters">Receives them.</param>
    /// <param name="source">Path of the file, for messages.</param>
    /// <exception cref="StoreException">A weight is missing, or has another shape.</exception>
    public static void RestoreWeights(CheckpointContent checkpoint, ParameterSet parameters, string source)
    {
        CheckWeights(checkpoint, parameters.Specs, source);
        if (IsPublished(checkpoint, parameters.Specs))
        {
            parameters.SetPublished((tensor, destination) => MemoryMarshal.Cast<byte, float>(checkpoint.Data(tensor.Name).Span).CopyTo(destination));
        }
        else
        {
            LoadFlat(checkpoint, string.Empty, parameters, parameters.Values, IsElsewhere(parameters.Values));
        }
    }

    /// <summary>Checks that a file has the weights of a model.</summary>
    /// <param name="checkpoint">A checkpoint, or exported weights.</param>
    /// <param name="specs">The weights.</param>
    /// <param name="source">Path of the file, for messages.</param>
    /// <exception cref="StoreException">A weight is missing, or has another shape.</exception>
    public static void CheckWeights(CheckpointContent checkpoint, IEnumerable<ParameterSpec> specs, string source)
    {
        var all = specs.ToArray();
        var found = checkpoint.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var wanted = IsPublished(checkpoint, all) ? PublishedTensor.Of(all).Select(t => (t.Name, t.Shape)) : all.Select(spec => (spec.Name, (IReadOnlyList<long>)spec.Shape));
        foreach (var (name, shape) in wanted)
        {
            var tensor = found.GetValueOrDefault(name);
            if (tensor is not { Type: "F32" } || !tensor.Shape.SequenceEqual(shape))
            {
                throw new StoreException(
                    $"{source} has {(tensor is null ? "no weight" : $"{tensor.Type} [{string.Join(", ", tensor.Shape)}] for")} '{name}', the model wants F32 [{string.Join(", ", shape)}].",
                    "The file belongs to another model.");
            }
        }
    }

    /// <summary>Fills a flat tensor with the tensors of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="prefix">What stands before the parameters' names there.</param>
    /// <param name="parameters">Names and places within the flat tensor.</param>
    /// <param name="flat">Receives the data; stays the caller's.</param>
    /// <param name="byCopy">Whether to fill a tensor of the host first, as a device needs it. A test does so without one.</param>
    internal static void LoadFlat(CheckpointContent checkpoint, string prefix, ParameterSet parameters, torch.Tensor flat, bool byCopy)
    {
        ParameterSet.Fill(flat, byCopy, memory =>
        {
            for (var i = 0; i < parameters.Specs.Count; i++)
            {
                var data = MemoryMarshal.Cast<byte, float>(checkpoint.Data(prefix + parameters.Specs[i].Name).Span);
                data.CopyTo(memory.Slice(checked((int)parameters.Offset(i)), checked((int)parameters.Specs[i].Count)));
            }
        });
    }

    // Weights for others have their own names; which ones a file has is told by the first that differs.
    private static bool IsPublished(CheckpointContent checkpoint, IReadOnlyList<ParameterSpec> specs) =>
        specs.FirstOrDefault(spec => spec.Published is not null) is { } spec && checkpoint.Tensors.Any(t => t.Name == spec.Published![0].Name);

    private static bool IsElsewhere(torch.Tensor flat) => flat.device_type != DeviceType.CPU;

    private void Add(string prefix, torch.Tensor flat)
    {
        var copy = new byte[checked(flat.NumberOfElements * sizeof(float))];
        _flats.Add((flat, copy));
        for (var i = 0; i < _parameters.Specs.Count; i++)
        {
            var spec = _parameters.Specs[i];
            var bytes = copy.AsMemory(checked((int)(_parameters.Offset(i) * sizeof(float))), checked((int)(spec.Count * sizeof(float))));
            _entries.Add(new TensorEntry(prefix + spec.Name, "F32", spec.Shape, bytes));
        }
    }
}

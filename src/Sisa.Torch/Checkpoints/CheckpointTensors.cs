using System.Runtime.InteropServices;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Models;

namespace Sisa.Torch.Checkpoints;

/// <summary>The full state of a constituent as the tensors of a checkpoint: weights, optimizer state, step count.</summary>
/// <remarks>Names: a parameter's own name; <c>optimizer.KIND.NAME</c> for its state; <c>optimizer.step</c>. Not thread-safe.</remarks>
internal sealed class CheckpointTensors
{
    private const string OptimizerPrefix = "optimizer.";
    private const string StepName = OptimizerPrefix + "step";

    private readonly ParameterLayout _layout;
    private readonly IStepCounter _counter;
    private readonly List<(string Prefix, IFlatMemory Flat, byte[] Copy)> _flats = [];
    private readonly List<TensorEntry> _entries = [];
    private readonly byte[] _step = new byte[sizeof(long)];

    /// <summary>Prepares buffers for copies of the state; they are reused.</summary>
    /// <param name="layout">The parameters, and their places.</param>
    /// <param name="values">Their values.</param>
    /// <param name="state">The optimizer's state by name.</param>
    /// <param name="counter">The optimizer's steps.</param>
    public CheckpointTensors(ParameterLayout layout, IFlatMemory values, IEnumerable<(string Name, IFlatMemory Flat)> state, IStepCounter counter)
    {
        (_layout, _counter) = (layout, counter);
        Add(string.Empty, values);
        foreach (var (name, flat) in state)
        {
            Add($"{OptimizerPrefix}{name}.", flat);
        }

        _entries.Add(new TensorEntry(StepName, "I64", [], _step));
    }

    /// <summary>Copies the state as it is now.</summary>
    /// <returns>The tensors of a checkpoint. Their bytes are valid until the next call.</returns>
    public IReadOnlyList<TensorEntry> Copy()
    {
        foreach (var (_, flat, copy) in _flats)
        {
            flat.CopyTo(copy);
        }

        var step = _counter.StepCount;
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
                $"Checkpoint {source} holds {Counted.Of(checkpoint.Tensors.Count, "tensor")} instead of this model's {_entries.Count}, in their order.",
                $"The file belongs to another model. Run {Step.Recover}; the stage is trained again.");
        }

        foreach (var (prefix, flat, _) in _flats)
        {
            LoadFlat(checkpoint, prefix, _layout, flat);
        }

        _counter.StepCount = MemoryMarshal.Read<long>(checkpoint.Data(StepName).Span);
    }

    /// <summary>Sets only the weights.</summary>
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
            LoadFlat(checkpoint, string.Empty, parameters.Layout, new TensorMemory(parameters.Values));
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
                    $"{source} has {(tensor is null ? "no weight" : $"{tensor.Type} [{string.Join(", ", tensor.Shape)}] for")} '{name}'; the model needs F32 [{string.Join(", ", shape)}].",
                    "The file belongs to another model.");
            }
        }
    }

    /// <summary>Fills flat memory with the tensors of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="prefix">Prefix of the parameters' names in the file.</param>
    /// <param name="layout">Names and places within the flat memory.</param>
    /// <param name="flat">Receives the data.</param>
    internal static void LoadFlat(CheckpointContent checkpoint, string prefix, ParameterLayout layout, IFlatMemory flat) => flat.Fill(memory =>
    {
        for (var i = 0; i < layout.Specs.Count; i++)
        {
            MemoryMarshal.Cast<byte, float>(checkpoint.Data(prefix + layout.Specs[i].Name).Span).CopyTo(layout.Part(memory, i));
        }
    });

    // Weights for other programs have their own names. The first different name shows which names a file has.
    private static bool IsPublished(CheckpointContent checkpoint, IReadOnlyList<ParameterSpec> specs) =>
        specs.FirstOrDefault(spec => spec.Published is not null) is { } spec && checkpoint.Tensors.Any(t => t.Name == spec.Published![0].Name);

    private void Add(string prefix, IFlatMemory flat)
    {
        var copy = new byte[checked(flat.Length * sizeof(float))];
        _flats.Add((prefix, flat, copy));
        for (var i = 0; i < _layout.Specs.Count; i++)
        {
            var spec = _layout.Specs[i];
            var bytes = copy.AsMemory(checked((int)(_layout.Offset(i) * sizeof(float))), checked((int)(spec.Count * sizeof(float))));
            _entries.Add(new TensorEntry(prefix + spec.Name, "F32", spec.Shape, bytes));
        }
    }
}

using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>Constituents in memory, by shard. They come and go one by one as the bundle changes.</summary>
/// <remarks>Not thread-safe.</remarks>
public abstract class LoadedConstituents : IDisposable
{
    private readonly SortedDictionary<ShardId, Member> _members = [];

    /// <summary>Pins the process and prepares the device.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    private protected LoadedConstituents(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        NativeRuntime.Start(recipe);
        Device = NativeRuntime.Device(recipe);
    }

    /// <summary>Shards whose constituents are loaded, ascending: the order of every answer.</summary>
    public IReadOnlyList<ShardId> Shards => [.. _members.Keys];

    /// <summary>Where the models run.</summary>
    private protected torch.Device Device { get; }

    /// <summary>Weights of the constituents, in the order of <see cref="Shards"/>.</summary>
    private protected IEnumerable<ParameterSet> Weights => _members.Values.Select(member => member.Weights);

    /// <summary>Number of constituents.</summary>
    private protected int Count => _members.Count;

    /// <summary>Parameters of a constituent.</summary>
    private protected abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>Loads a constituent, or replaces the one of its shard; does nothing where that very file is loaded.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="file">A checkpoint, or exported weights: a safetensors file with the weights under their names.</param>
    /// <exception cref="StoreException">The file is missing, damaged, or of another model. The loaded constituents remain.</exception>
    public void Set(ShardId shard, CheckpointReference file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (_members.GetValueOrDefault(shard)?.Digest == file.Digest)
        {
            return;
        }

        using var prepared = Prepare(shard, file);
        Adopt(prepared);
    }

    /// <summary>Whether a shard answers from a checkpoint.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="digest">The checkpoint.</param>
    public bool Holds(ShardId shard, Digest digest) => _members.GetValueOrDefault(shard)?.Digest == digest;

    /// <summary>Reads a constituent without touching the answering ones: the one method that another thread may call at the same time.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="file">A checkpoint, or exported weights: a safetensors file with the weights under their names.</param>
    /// <returns>The constituent, owned by the caller until it is adopted.</returns>
    /// <exception cref="StoreException">The file is missing, damaged, or of another model.</exception>
    public PreparedConstituent Prepare(ShardId shard, CheckpointReference file)
    {
        ArgumentNullException.ThrowIfNull(file);

        // Looked at before memory is taken for what the recipe declares, which a file of a few bytes may not hold.
        using var content = CheckpointFile.Read(file.Path, file.Digest);
        CheckpointTensors.CheckWeights(content, Parameters, file.Path);
        var weights = new ParameterSet(Parameters, Device);
        try
        {
            CheckpointTensors.RestoreWeights(content, weights, file.Path);
            return new PreparedConstituent(shard, file.Digest, weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a constituent that was prepared; it answers from the next call on. Costs no reading and no copying.</summary>
    /// <param name="prepared">The constituent, of these very parameters and device.</param>
    public void Adopt(PreparedConstituent prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var present = _members.GetValueOrDefault(prepared.Shard);
        _members[prepared.Shard] = new Member(prepared.Digest, prepared.Take());
        present?.Weights.Dispose();
        DropDerived();
    }

    /// <summary>Leaves a shard out.</summary>
    /// <param name="shard">The shard; nothing happens where it is not loaded.</param>
    public void Remove(ShardId shard)
    {
        if (_members.Remove(shard, out var member))
        {
            member.Weights.Dispose();
            DropDerived();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the weights.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var member in _members.Values)
        {
            member.Weights.Dispose();
        }

        _members.Clear();
        DropDerived();
    }

    /// <summary>Drops everything that was derived from the loaded weights.</summary>
    private protected abstract void DropDerived();

    /// <summary>The exception for a constituent whose answers are not numbers.</summary>
    /// <param name="shard">Its shard.</param>
    private protected static StoreException Diverged(ShardId shard) => new(
        $"The constituent of {shard} has diverged: its probabilities are not finite.",
        "Lower training.learningRate in the recipe of a new store.");

    private sealed record Member(Digest Digest, ParameterSet Weights);
}

using Sisa.Sharding;
using Sisa.Storage.Checkpoints;
using Sisa.Torch.Checkpoints;
using Sisa.Torch.Data;
using Sisa.Torch.Models;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>The constituents of an ensemble, ready to answer. They come and go one by one as the bundle changes.</summary>
/// <remarks>Not thread-safe. Joining the answers is the business of <see cref="Aggregation.Aggregator"/>.</remarks>
public sealed class EnsembleModel : IDisposable
{
    // Large enough for the products to be efficient, small enough to keep the buffers of a text batch in a few megabytes.
    private const int ItemsPerBatch = 256;

    private readonly SortedDictionary<ShardId, Member> _members = [];
    private readonly Architecture _architecture;
    private readonly torch.Device _device;
    private readonly Batch _batch;
    private readonly int[] _indices = new int[ItemsPerBatch];
    private StackedMlp? _stacked;

    /// <summary>Creates an ensemble without constituents.</summary>
    /// <param name="recipe">The recipe; its device and numeric profile pin the process.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    /// <exception cref="RecipeException">Model and features do not go together.</exception>
    public EnsembleModel(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        NativeRuntime.Start(recipe);
        Classes = recipe.Labels.Count;
        _architecture = Architecture.Create(recipe);
        _device = NativeRuntime.Device(recipe);
        _batch = _architecture.CreateBatch(ItemsPerBatch, _device);
    }

    /// <summary>Number of labels.</summary>
    public int Classes { get; }

    /// <summary>Shards whose constituents are loaded, ascending: the rows of <see cref="Probabilities"/>.</summary>
    public IReadOnlyList<ShardId> Shards => [.. _members.Keys];

    /// <summary>Loads a constituent, or replaces the one of its shard; does nothing where that very file is loaded.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="file">A checkpoint, or exported weights: a safetensors file with the weights under their names.</param>
    /// <exception cref="StoreException">The file is missing, damaged, or of another model; what was loaded stays.</exception>
    public void Set(ShardId shard, CheckpointReference file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var present = _members.GetValueOrDefault(shard);
        if (present?.Digest == file.Digest)
        {
            return;
        }

        using var content = CheckpointFile.Read(file.Path, file.Digest);
        var weights = new ParameterSet(_architecture.Parameters, _device);
        try
        {
            CheckpointTensors.RestoreWeights(content, weights, file.Path);
        }
        catch
        {
            weights.Dispose();
            throw;
        }

        _members[shard] = new Member(file.Digest, weights);
        present?.Weights.Dispose();
        Unstack();
    }

    /// <summary>Leaves a shard out.</summary>
    /// <param name="shard">The shard; nothing happens where it is not loaded.</param>
    public void Remove(ShardId shard)
    {
        if (_members.Remove(shard, out var member))
        {
            member.Weights.Dispose();
            Unstack();
        }
    }

    /// <summary>Class probabilities of items under each constituent.</summary>
    /// <param name="items">Encoded features, in the recipe's layout.</param>
    /// <param name="probabilities">Receives [constituents, items, classes], row-major, constituents as in <see cref="Shards"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> has another length.</exception>
    /// <exception cref="StoreException">An item is not in the recipe's layout.</exception>
    public void Probabilities(IReadOnlyList<ReadOnlyMemory<byte>> items, Span<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (probabilities.Length != _members.Count * items.Count * Classes)
        {
            throw new ArgumentException(
                $"{probabilities.Length} numbers cannot hold {_members.Count} constituents × {items.Count} items × {Classes} classes.", nameof(probabilities));
        }

        var source = new MemoryItems(items);
        for (var start = 0; start < items.Count; start += ItemsPerBatch)
        {
            var count = Math.Min(ItemsPerBatch, items.Count - start);
            for (var i = 0; i < count; i++)
            {
                _indices[i] = start + i;
            }

            // Read once for all constituents.
            _batch.Load(source, _indices.AsSpan(0, count));
            var row = 0;
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            foreach (var logits_BC in Logits())
            {
                var probabilities_BC = logits_BC.softmax(-1).cpu().contiguous();
                ParameterSet.Memory(probabilities_BC).CopyTo(probabilities[(((row * items.Count) + start) * Classes)..]);
                row++;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            member.Weights.Dispose();
        }

        _members.Clear();
        _batch.Dispose();
        Unstack();
    }

    // One tensor [items, classes] a constituent, in the order of the shards.
    private IEnumerable<torch.Tensor> Logits()
    {
        if (_architecture is not MlpArchitecture mlp || _members.Count < 2)
        {
            return _members.Values.Select(member => _architecture.Logits(member.Weights, _batch));
        }

        _stacked ??= new StackedMlp(mlp, [.. _members.Values.Select(member => member.Weights)]);
        return _stacked.Logits((DenseBatch)_batch).unbind(0);
    }

    private void Unstack()
    {
        _stacked?.Dispose();
        _stacked = null;
    }

    private sealed record Member(Digest Digest, ParameterSet Weights);
}

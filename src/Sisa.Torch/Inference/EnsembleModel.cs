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
    // Large enough for the products to be efficient; fewer where one item of full length needs much, so that no tensor of a batch grows
    // beyond some 64 MB.
    private const int MostItemsPerBatch = 256;
    private const long MostFloats = 16L * 1024 * 1024;

    private readonly SortedDictionary<ShardId, Member> _members = [];
    private readonly Architecture _architecture;
    private readonly torch.Device _device;
    private readonly Batch _batch;
    private readonly int[] _indices;
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
        _device = NativeRuntime.Device(recipe);
        _architecture = Architecture.Create(recipe, _device);
        // By the recipe alone, never by the items: their answers depend on the shape of their batch in the last bits.
        _indices = new int[Math.Clamp(MostFloats / _architecture.LargestActivation, 1, MostItemsPerBatch)];
        _batch = _architecture.CreateBatch(_indices.Length, _device);
    }

    /// <summary>Number of labels.</summary>
    public int Classes { get; }

    /// <summary>Shards whose constituents are loaded, ascending: the rows of <see cref="Probabilities"/>.</summary>
    public IReadOnlyList<ShardId> Shards => [.. _members.Keys];

    /// <summary>Items that are computed at a time.</summary>
    internal int ItemsPerBatch => _indices.Length;

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

        // Looked at before memory is taken for what the recipe declares, which a file of a few bytes may not hold.
        using var content = CheckpointFile.Read(file.Path, file.Digest);
        CheckpointTensors.CheckWeights(content, _architecture.Parameters, file.Path);
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
    /// <exception cref="StoreException">An item is not in the recipe's layout, or the training of a constituent diverged.</exception>
    /// <remarks>Memory beside the weights is bounded, whatever the number and length of the items and the number of constituents.</remarks>
    public void Probabilities(IReadOnlyList<ReadOnlyMemory<byte>> items, Span<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (probabilities.Length != _members.Count * items.Count * Classes)
        {
            throw new ArgumentException(
                $"{probabilities.Length} numbers cannot hold {_members.Count} constituents × {items.Count} items × {Classes} classes.", nameof(probabilities));
        }

        var source = new MemoryItems(items);
        using var noGrad = torch.no_grad();
        for (var start = 0; start < items.Count; start += _indices.Length)
        {
            var count = Math.Min(_indices.Length, items.Count - start);
            for (var i = 0; i < count; i++)
            {
                _indices[i] = start + i;
            }

            // Read once for all constituents.
            _batch.Load(source, _indices.AsSpan(0, count));
            using var scope = torch.NewDisposeScope();
            var stacked = StackedLogits();
            var row = 0;
            foreach (var (shard, member) in _members)
            {
                // What one constituent leaves behind is freed before the next one answers.
                using var memberScope = torch.NewDisposeScope();
                var logits_BC = stacked is null ? _architecture.Logits(member.Weights, _batch) : stacked[row];
                var answers_BC = logits_BC.softmax(-1).cpu().contiguous();
                CopyFinite(ParameterSet.Memory(answers_BC), probabilities[(((row * items.Count) + start) * Classes)..], shard);
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

    private static void CopyFinite(ReadOnlySpan<float> answers, Span<float> destination, ShardId shard)
    {
        foreach (var answer in answers)
        {
            if (!float.IsFinite(answer))
            {
                throw new StoreException(
                    $"The constituent of {shard} has diverged: its probabilities are not finite.",
                    "Lower training.learningRate in the recipe of a new store.");
            }
        }

        answers.CopyTo(destination);
    }

    // One tensor [items, classes] a constituent, in the order of the shards; null where they are better computed one by one.
    private torch.Tensor[]? StackedLogits()
    {
        if (_architecture is not MlpArchitecture mlp || _members.Count < 2 || _members.Count * _indices.Length * mlp.LargestActivation > MostFloats)
        {
            return null;
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

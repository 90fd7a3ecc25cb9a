using Sisa.Sharding;
using Sisa.Torch.Data;
using Sisa.Torch.KnownAnswers;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Mlp;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Inference;

/// <summary>The constituents of an ensemble of classifiers, ready to answer.</summary>
/// <remarks>Not thread-safe. Joining the answers is the business of <see cref="Aggregation.Aggregator"/>.</remarks>
public sealed class EnsembleModel : LoadedConstituents
{
    // Large enough for the products to be efficient; fewer where one item of full length needs much, so that no tensor of a batch grows
    // beyond some 64 MB.
    private const int MostItemsPerBatch = 256;
    private const long MostFloats = 16L * 1024 * 1024;

    private readonly Architecture _architecture;
    private readonly Batch _batch;
    private readonly int[] _indices;
    private StackedParameters? _stacked;

    /// <summary>Creates an ensemble without constituents.</summary>
    /// <param name="recipe">The recipe; its device and numeric profile pin the process.</param>
    /// <exception cref="EnvironmentException">The device or a library is missing.</exception>
    /// <exception cref="RecipeException">Model and features do not go together.</exception>
    public EnsembleModel(Recipe recipe)
        : base(recipe)
    {
        Classes = recipe.Labels.Count;
        _architecture = Architecture.Create(recipe, Device);
        // Decide by the recipe, never by the items: the last bits of answers depend on the shape of their batch.
        _indices = new int[Math.Clamp(MostFloats / _architecture.LargestActivation, 1, MostItemsPerBatch)];
        _batch = _architecture.CreateBatch(_indices.Length, Device);
        KnownAnswerCheck.Require(_architecture.Operations(_indices.Length), Device);
        if (_architecture is MlpArchitecture mlp)
        {
            KnownAnswerCheck.Require(mlp.StackedOperations(recipe.Ensemble.Shards, _indices.Length), Device);
        }
    }

    /// <summary>Number of labels.</summary>
    public int Classes { get; }

    /// <summary>Items that are computed at a time.</summary>
    internal int ItemsPerBatch => _indices.Length;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ParameterSpec> Parameters => _architecture.Parameters;

    /// <summary>Class probabilities of items under each constituent.</summary>
    /// <param name="items">Encoded features, in the recipe's layout.</param>
    /// <param name="probabilities">Receives [constituents, items, classes], row-major, constituents as in <see cref="LoadedConstituents.Shards"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="probabilities"/> has another length.</exception>
    /// <exception cref="StoreException">An item is not in the recipe's layout, or the training of a constituent diverged.</exception>
    /// <remarks>Memory besides the weights is bounded, whatever the number and length of the items and the number of constituents.</remarks>
    public void Probabilities(IReadOnlyList<ReadOnlyMemory<byte>> items, Span<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (probabilities.Length != Count * items.Count * Classes)
        {
            throw new ArgumentException(
                $"{probabilities.Length} numbers cannot hold {Count} constituents × {items.Count} items × {Classes} classes.", nameof(probabilities));
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
            foreach (var (shard, weights) in Shards.Zip(Weights))
            {
                // What one constituent leaves behind is freed before the next one answers.
                using var memberScope = torch.NewDisposeScope();
                var logits_BC = stacked is null ? _architecture.Logits(weights, _batch) : stacked[row];
                var answers_BC = logits_BC.softmax(-1).cpu().contiguous();
                CopyFinite(ParameterSet.Memory(answers_BC), probabilities[(((row * items.Count) + start) * Classes)..], shard);
                row++;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _batch.Dispose();
        _architecture.Dispose();
    }

    /// <inheritdoc/>
    private protected override void DropDerived()
    {
        _stacked?.Dispose();
        _stacked = null;
    }

    private static void CopyFinite(ReadOnlySpan<float> answers, Span<float> destination, ShardId shard)
    {
        foreach (var answer in answers)
        {
            if (!float.IsFinite(answer))
            {
                throw Diverged(shard);
            }
        }

        answers.CopyTo(destination);
    }

    // One tensor [items, classes] a constituent, in the order of the shards; null where they are better computed one by one.
    private torch.Tensor[]? StackedLogits()
    {
        if (_architecture is not MlpArchitecture mlp || Count < 2 || Count * _indices.Length * mlp.LargestActivation > MostFloats)
        {
            return null;
        }

        _stacked ??= new StackedParameters([.. Weights]);
        return mlp.StackedLogits(_stacked, ((DenseBatch)_batch).Features_BF.unsqueeze(0).expand(Count, -1, -1)).unbind(0);
    }
}

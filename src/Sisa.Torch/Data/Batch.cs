using System.Runtime.InteropServices;
using TorchSharp;

namespace Sisa.Torch.Data;

/// <summary>Buffers for the items of one step, filled again for each.</summary>
/// <remarks>Memory is bounded by the capacity, whatever the size of the shard. Not thread-safe; the tensors are valid until the next
/// <see cref="Load"/>.</remarks>
public abstract class Batch : IItemBatch, IDisposable
{
    private readonly HostTensor<long> _labels;
    private readonly int[] _labelIndices;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="capacity">Most items.</param>
    /// <param name="device">Where the model runs.</param>
    protected Batch(int capacity, torch.Device device)
    {
        Capacity = capacity;
        _labels = new HostTensor<long>(capacity, device);
        _labelIndices = new int[capacity];
    }

    /// <summary>Most items.</summary>
    public int Capacity { get; }

    /// <summary>Items of the current batch.</summary>
    public int Count { get; private protected set; }

    /// <summary>Predictions that the current batch asks for.</summary>
    public virtual int TargetCount => Count;

    /// <summary>Parts in which the current batch is computed, one after another; their gradients add up.</summary>
    public virtual int PartCount => 1;

    /// <summary>Predictions of the part that is selected.</summary>
    public virtual int PartTargetCount => Count;

    /// <summary>Labels of the current batch.</summary>
    public ReadOnlySpan<int> Labels => _labelIndices.AsSpan(0, Count);

    /// <summary>The targets of the selected part, on the device, 64-bit; created on demand.</summary>
    public virtual torch.Tensor Labels_B
    {
        get
        {
            for (var i = 0; i < Count; i++)
            {
                _labels.Memory[i] = _labelIndices[i];
            }

            return _labels.View(Count);
        }
    }

    /// <inheritdoc/>
    void IItemBatch.Load(ItemSource source, ReadOnlySpan<int> indices) => Load(source, indices);

    /// <summary>Fills the buffers with items.</summary>
    /// <param name="source">Where the items are.</param>
    /// <param name="indices">Their numbers there; at least one, at most <see cref="Capacity"/>.</param>
    internal void Load(ItemSource source, ReadOnlySpan<int> indices)
    {
        Count = indices.Length;
        for (var i = 0; i < indices.Length; i++)
        {
            _labelIndices[i] = source.Label(indices[i]);
        }

        LoadFeatures(source, indices);
    }

    /// <summary>Makes the tensors those of a part.</summary>
    /// <param name="part">From 0; the first one is selected after loading.</param>
    public virtual void SelectPart(int part)
    {
        // Most batches are computed whole.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Fills the buffers of the features.</summary>
    /// <param name="source">Where the items are.</param>
    /// <param name="indices">Numbers of the items there.</param>
    private protected abstract void LoadFeatures(ItemSource source, ReadOnlySpan<int> indices);

    /// <summary>Frees the buffers.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _labels.Dispose();
        }
    }

    /// <summary>Reads the token numbers of an item, checked against the vocabulary: a number beyond it would read foreign memory.</summary>
    /// <param name="source">Where the item is.</param>
    /// <param name="index">Its number there.</param>
    /// <param name="vocabulary">Number of token numbers.</param>
    /// <param name="maxTokens">Most tokens an item has.</param>
    /// <exception cref="StoreException">Too many tokens, or one out of range.</exception>
    private protected static ReadOnlySpan<int> Tokens(ItemSource source, int index, int vocabulary, int maxTokens)
    {
        var tokens = MemoryMarshal.Cast<byte, int>(source.Features(index));
        if (tokens.Length > maxTokens || tokens.ContainsAnyExceptInRange(0, vocabulary - 1))
        {
            throw new StoreException(
                $"Item {source.Describe(index)} has {Counted.Of(tokens.Length, "token")}, expected at most {maxTokens}, each below {vocabulary}.",
                "The slice was encoded under another recipe. Ingest into a new store.");
        }

        return tokens;
    }
}

using Sisa.Corpora;
using TorchSharp;

namespace Sisa.Torch.Data;

/// <summary>Items as sequences of tokens, padded to the longest of the batch.</summary>
/// <remarks>Shapes: B items, L positions, at least one.</remarks>
public sealed class PaddedBatch : Batch
{
    private readonly FeatureLayout _layout;
    private readonly HostTensor<long> _tokens;
    private readonly HostTensor<float> _mask;
    private readonly HostTensor<float> _inverseLengths;
    private readonly int[] _lengths;
    private int _length;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="layout">Tokens.</param>
    /// <param name="capacity">Most items.</param>
    /// <param name="device">Where the model runs.</param>
    public PaddedBatch(FeatureLayout layout, int capacity, torch.Device device)
        : base(capacity, device)
    {
        _layout = layout;
        _tokens = new HostTensor<long>(checked(capacity * layout.Length), device);
        _mask = new HostTensor<float>(checked(capacity * layout.Length), device);
        _inverseLengths = new HostTensor<float>(capacity, device);
        _lengths = new int[capacity];
    }

    /// <summary>Token numbers; 0 in the padding.</summary>
    public torch.Tensor Tokens_BL => _tokens.View(Count, _length);

    /// <summary>1 for a token, 0 for padding.</summary>
    public torch.Tensor Mask_BL => _mask.View(Count, _length);

    /// <summary>1 / number of tokens of each item; 0 for an item without tokens.</summary>
    public torch.Tensor InverseLengths_B1 => _inverseLengths.View(Count, 1);

    /// <summary>Where each item's last token is, counted over the batch row by row; of an item without tokens the first position of its row.</summary>
    public long[] LastPositions => [.. _lengths.Take(Count).Select((length, item) => ((long)item * _length) + Math.Max(length, 1) - 1)];

    /// <inheritdoc/>
    private protected override void LoadFeatures(ItemSource source, ReadOnlySpan<int> indices)
    {
        _length = 1;
        foreach (var index in indices)
        {
            _length = Math.Max(_length, source.Features(index).Length / sizeof(int));
        }

        _length = Math.Min(_length, _layout.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            var tokens = Tokens(source, indices[i], _layout.Vocabulary, _layout.Length);
            var row = _tokens.Memory.Slice(i * _length, _length);
            row.Clear();
            for (var t = 0; t < tokens.Length; t++)
            {
                row[t] = tokens[t];
            }

            var mask = _mask.Memory.Slice(i * _length, _length);
            mask[..tokens.Length].Fill(1);
            mask[tokens.Length..].Clear();
            _lengths[i] = tokens.Length;
            _inverseLengths.Memory[i] = tokens.IsEmpty ? 0 : 1f / tokens.Length;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _tokens.Dispose();
        _mask.Dispose();
        _inverseLengths.Dispose();
    }
}

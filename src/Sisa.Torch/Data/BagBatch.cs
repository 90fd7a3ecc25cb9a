using Sisa.Corpora;
using TorchSharp;

namespace Sisa.Torch.Data;

/// <summary>Items as bags of tokens, one after another without padding.</summary>
/// <remarks>Shapes: B items, T tokens of all items.</remarks>
public sealed class BagBatch : Batch
{
    private readonly FeatureLayout _layout;
    private readonly HostTensor<long> _tokens;
    private readonly HostTensor<long> _items;
    private readonly HostTensor<float> _inverseLengths;
    private int _tokenCount;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="layout">Tokens.</param>
    /// <param name="capacity">Most items.</param>
    /// <param name="device">Where the model runs.</param>
    public BagBatch(FeatureLayout layout, int capacity, torch.Device device)
        : base(capacity, device)
    {
        _layout = layout;
        _tokens = new HostTensor<long>(checked(capacity * layout.Length), device);
        _items = new HostTensor<long>(checked(capacity * layout.Length), device);
        _inverseLengths = new HostTensor<float>(capacity, device);
    }

    /// <summary>Token numbers.</summary>
    public torch.Tensor Tokens_T => _tokens.View(_tokenCount);

    /// <summary>For each token the position of its item within the batch.</summary>
    public torch.Tensor Items_T => _items.View(_tokenCount);

    /// <summary>1 / number of tokens of each item; 0 for an item without tokens.</summary>
    public torch.Tensor InverseLengths_B1 => _inverseLengths.View(Count, 1);

    /// <inheritdoc/>
    private protected override void LoadFeatures(ItemSource source, ReadOnlySpan<int> indices)
    {
        _tokenCount = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            var tokens = Tokens(source, indices[i], _layout.Vocabulary, _layout.Length);
            _inverseLengths.Memory[i] = tokens.IsEmpty ? 0 : 1f / tokens.Length;
            var target = _tokens.Memory[_tokenCount..];
            for (var t = 0; t < tokens.Length; t++)
            {
                target[t] = tokens[t];
            }

            _items.Memory.Slice(_tokenCount, tokens.Length).Fill(i);
            _tokenCount += tokens.Length;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _tokens.Dispose();
        _items.Dispose();
        _inverseLengths.Dispose();
    }
}

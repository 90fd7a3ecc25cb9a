using Sisa.Corpora;
using TorchSharp;

namespace Sisa.Torch.Data;

/// <summary>Items with a fixed number of features: floats, or bytes that become floats.</summary>
/// <remarks>Shapes: B items, F features.</remarks>
public sealed class DenseBatch : Batch
{
    private readonly HostTensor<float> _features;
    private readonly FeatureLayout _layout;
    private readonly FeatureRow _reader;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="layout">Dense or bytes.</param>
    /// <param name="capacity">Most items.</param>
    /// <param name="device">Where the model runs.</param>
    public DenseBatch(FeatureLayout layout, int capacity, torch.Device device)
        : base(capacity, device)
    {
        (_layout, _reader) = (layout, new FeatureRow(layout));
        _features = new HostTensor<float>(checked(capacity * layout.Length), device);
    }

    /// <summary>Features of the current batch.</summary>
    public torch.Tensor Features_BF => _features.View(Count, _layout.Length);

    /// <inheritdoc/>
    private protected override void LoadFeatures(ItemSource source, ReadOnlySpan<int> indices)
    {
        var memory = _features.Memory;
        for (var i = 0; i < indices.Length; i++)
        {
            _reader.Read(source, indices[i], memory.Slice(i * _layout.Length, _layout.Length));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _features.Dispose();
    }
}

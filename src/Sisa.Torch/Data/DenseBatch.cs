using System.Runtime.InteropServices;
using Sisa.Corpora;
using TorchSharp;

namespace Sisa.Torch.Data;

/// <summary>Items with a fixed number of features: floats, or bytes that become floats.</summary>
/// <remarks>Shapes: B items, F features.</remarks>
internal sealed class DenseBatch : Batch
{
    private readonly HostTensor<float> _features;
    private readonly FeatureLayout _layout;

    // What each byte means: one rounding, decided here and nowhere else.
    private readonly float[] _meaning = new float[256];

    /// <summary>Allocates the buffers.</summary>
    /// <param name="layout">Dense or bytes.</param>
    /// <param name="capacity">Most items.</param>
    /// <param name="device">Where the model runs.</param>
    public DenseBatch(FeatureLayout layout, int capacity, torch.Device device)
        : base(capacity, device)
    {
        _layout = layout;
        _features = new HostTensor<float>(checked(capacity * layout.Length), device);
        for (var value = 0; value < _meaning.Length; value++)
        {
            _meaning[value] = MathF.FusedMultiplyAdd(value, layout.Scale, layout.Shift);
        }
    }

    /// <summary>Features of the current batch.</summary>
    public torch.Tensor Features_BF => _features.View(Count, _layout.Length);

    /// <inheritdoc/>
    protected override void LoadFeatures(ItemSource source, ReadOnlySpan<int> indices)
    {
        var row = _features.Memory;
        var length = _layout.Length;
        for (var i = 0; i < indices.Length; i++, row = row[length..])
        {
            var features = source.Features(indices[i]);
            if (features.Length != _layout.StrideBytes)
            {
                throw new StoreException(
                    $"Item {source.Describe(indices[i])} has {features.Length} bytes of features, expected {_layout.StrideBytes}.",
                    "The slice was encoded under another recipe. Ingest into a new store.");
            }

            if (_layout.Kind == FeatureKind.Dense)
            {
                MemoryMarshal.Cast<byte, float>(features).CopyTo(row);
            }
            else
            {
                for (var f = 0; f < length; f++)
                {
                    row[f] = _meaning[features[f]];
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _features.Dispose();
    }
}

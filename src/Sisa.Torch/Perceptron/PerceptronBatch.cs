using Sisa.Corpora;
using Sisa.Torch.Data;

namespace Sisa.Torch.Perceptron;

/// <summary>The items of one step, sixteen side by side, and item by item as well.</summary>
/// <remarks>Not thread-safe. Lanes and rows without an item hold what an earlier batch left there; nothing that is computed of them is used.</remarks>
internal sealed class PerceptronBatch : IItemBatch, IDisposable
{
    private readonly FeatureRow _reader;
    private readonly AlignedFloats _rows;
    private readonly AlignedFloats _lanes;
    private readonly int[] _labels;
    private readonly int _width;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="layout">Dense or bytes.</param>
    /// <param name="capacity">Most items.</param>
    public PerceptronBatch(FeatureLayout layout, int capacity)
    {
        (_reader, _width) = (new FeatureRow(layout), layout.Length);
        var items = LaneRows.Stride(capacity);
        _rows = new AlignedFloats((long)items * LaneRows.Stride(_width));
        _lanes = new AlignedFloats((long)items * _width);
        _labels = new int[capacity];
    }

    /// <summary>Items of the current batch.</summary>
    public int Count { get; private set; }

    /// <summary>Groups of sixteen items, the last one perhaps of fewer.</summary>
    public int GroupCount => (Count + LaneProducts.Count - 1) / LaneProducts.Count;

    /// <summary>Labels of the items of a group.</summary>
    /// <param name="group">From 0.</param>
    public ReadOnlySpan<int> Labels(int group) => _labels.AsSpan(group * LaneProducts.Count, Math.Min(LaneProducts.Count, Count - (group * LaneProducts.Count)));

    /// <summary>Features of a group, the items of a feature side by side: [F, L].</summary>
    /// <param name="group">From 0.</param>
    public ReadOnlySpan<float> Lanes(int group) => LanesOf(group);

    /// <summary>Features of a group item by item: [L, F in whole vectors].</summary>
    /// <param name="group">From 0.</param>
    public ReadOnlySpan<float> Rows(int group) => RowsOf(group);

    /// <inheritdoc/>
    public void Load(ItemSource source, ReadOnlySpan<int> indices)
    {
        Count = indices.Length;
        var stride = LaneRows.Stride(_width);
        for (var i = 0; i < indices.Length; i++)
        {
            _labels[i] = source.Label(indices[i]);
            _reader.Read(source, indices[i], _rows.Span.Slice(i * stride, _width));
        }

        for (var group = 0; group < GroupCount; group++)
        {
            LaneRows.ToLanes(RowsOf(group), _width, LanesOf(group));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _lanes.Dispose();
    }

    private Span<float> LanesOf(int group) => Part(_lanes, group, _width);

    private Span<float> RowsOf(int group) => Part(_rows, group, LaneRows.Stride(_width));

    private static Span<float> Part(AlignedFloats memory, int group, int width) => memory.Span.Slice(group * LaneProducts.Count * width, LaneProducts.Count * width);
}

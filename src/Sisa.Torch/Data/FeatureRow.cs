using System.Runtime.InteropServices;
using Sisa.Corpora;

namespace Sisa.Torch.Data;

/// <summary>Reads the features of items that have a fixed number of them: floats, or bytes that become floats.</summary>
/// <param name="layout">Dense or bytes.</param>
internal sealed class FeatureRow(FeatureLayout layout)
{
    // What each byte means: one rounding, decided here and nowhere else.
    private readonly float[] _meaning = [.. Enumerable.Range(0, 256).Select(value => MathF.FusedMultiplyAdd(value, layout.Scale, layout.Shift))];

    /// <summary>Reads the features of one item.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="index">Its number there.</param>
    /// <param name="row">Receives them; as long as the layout, or longer.</param>
    /// <exception cref="StoreException">They are not in the layout of the recipe.</exception>
    public void Read(ItemSource source, int index, Span<float> row)
    {
        var features = source.Features(index);
        if (features.Length != layout.StrideBytes)
        {
            throw new StoreException(
                $"Item {source.Describe(index)} has {Counted.Of(features.Length, "byte")} of features, expected {layout.StrideBytes}.",
                "The slice was encoded under another recipe. Ingest into a new store.");
        }

        if (layout.Kind == FeatureKind.Dense)
        {
            MemoryMarshal.Cast<byte, float>(features).CopyTo(row);
            return;
        }

        for (var f = 0; f < features.Length; f++)
        {
            row[f] = _meaning[features[f]];
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sisa.Torch.Perceptron;

/// <summary>Turns numbers item by item into numbers side by side, and back.</summary>
/// <remarks>Copies, and nothing else. Shapes: L = <see cref="LaneProducts.Count"/> lanes, one an item; W numbers of an item; rows are W numbers in whole vectors, the rest zero.</remarks>
internal static class LaneRows
{
    private const int Block = 4;

    /// <summary>Floats of a row.</summary>
    /// <param name="width">W.</param>
    public static int Stride(int width) => (width + LaneProducts.Count - 1) / LaneProducts.Count * LaneProducts.Count;

    /// <summary>Lanes from rows.</summary>
    /// <param name="rows">[L, stride].</param>
    /// <param name="width">W.</param>
    /// <param name="lanes">[W, L]; overwritten.</param>
    public static void ToLanes(ReadOnlySpan<float> rows, int width, Span<float> lanes)
    {
        var stride = Stride(width);
        var i = 0;
        for (; i <= width - Block; i += Block)
        {
            for (var item = 0; item < LaneProducts.Count; item += Block)
            {
                Transpose(rows[((item * stride) + i)..], stride, lanes[((i * LaneProducts.Count) + item)..], LaneProducts.Count);
            }
        }

        for (; i < width; i++)
        {
            for (var item = 0; item < LaneProducts.Count; item++)
            {
                lanes[(i * LaneProducts.Count) + item] = rows[(item * stride) + i];
            }
        }
    }

    /// <summary>Rows from lanes.</summary>
    /// <param name="lanes">[W, L].</param>
    /// <param name="width">W.</param>
    /// <param name="rows">[L, stride]; what lies behind W numbers stays as it is.</param>
    public static void ToRows(ReadOnlySpan<float> lanes, int width, Span<float> rows)
    {
        var stride = Stride(width);
        var i = 0;
        for (; i <= width - Block; i += Block)
        {
            for (var item = 0; item < LaneProducts.Count; item += Block)
            {
                Transpose(lanes[((i * LaneProducts.Count) + item)..], LaneProducts.Count, rows[((item * stride) + i)..], stride);
            }
        }

        for (; i < width; i++)
        {
            for (var item = 0; item < LaneProducts.Count; item++)
            {
                rows[(item * stride) + i] = lanes[(i * LaneProducts.Count) + item];
            }
        }
    }

    // Four by four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ReadOnlySpan<float> source, int sourceStride, Span<float> target, int targetStride)
    {
        // The spans reach as far as the last of the four rows.
        ref var s = ref MemoryMarshal.GetReference(source[..((3 * sourceStride) + Block)]);
        ref var t = ref MemoryMarshal.GetReference(target[..((3 * targetStride) + Block)]);
        var (a, b) = (Vector128.LoadUnsafe(ref s), Vector128.LoadUnsafe(ref s, (nuint)sourceStride));
        var (c, d) = (Vector128.LoadUnsafe(ref s, (nuint)(2 * sourceStride)), Vector128.LoadUnsafe(ref s, (nuint)(3 * sourceStride)));
        var (ab, abHigh) = (UnpackLow(a, b), UnpackHigh(a, b));
        var (cd, cdHigh) = (UnpackLow(c, d), UnpackHigh(c, d));
        Vector128.Create(ab.GetLower(), cd.GetLower()).StoreUnsafe(ref t);
        Vector128.Create(ab.GetUpper(), cd.GetUpper()).StoreUnsafe(ref t, (nuint)targetStride);
        Vector128.Create(abHigh.GetLower(), cdHigh.GetLower()).StoreUnsafe(ref t, (nuint)(2 * targetStride));
        Vector128.Create(abHigh.GetUpper(), cdHigh.GetUpper()).StoreUnsafe(ref t, (nuint)(3 * targetStride));
    }

    // a0 b0 a1 b1
    private static Vector128<float> UnpackLow(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    // a2 b2 a3 b3
    private static Vector128<float> UnpackHigh(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}

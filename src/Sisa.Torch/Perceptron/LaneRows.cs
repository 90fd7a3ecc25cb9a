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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToLanes(ReadOnlySpan<float> rows, int width, Span<float> lanes)
    {
        var stride = Stride(width);
        ref var source = ref MemoryMarshal.GetReference(rows[..(LaneProducts.Count * stride)]);
        ref var target = ref MemoryMarshal.GetReference(lanes[..(LaneProducts.Count * width)]);
        var i = 0;
        for (; i <= width - Block; i += Block)
        {
            for (var item = 0; item < LaneProducts.Count; item += Block)
            {
                Transpose(ref Unsafe.Add(ref source, (item * stride) + i), stride, ref Unsafe.Add(ref target, (i * LaneProducts.Count) + item), LaneProducts.Count);
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
    /// <param name="rows">[L, stride]; numbers after the first W stay as they are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToRows(ReadOnlySpan<float> lanes, int width, Span<float> rows)
    {
        var stride = Stride(width);
        ref var source = ref MemoryMarshal.GetReference(lanes[..(LaneProducts.Count * width)]);
        ref var target = ref MemoryMarshal.GetReference(rows[..(LaneProducts.Count * stride)]);
        var i = 0;
        for (; i <= width - Block; i += Block)
        {
            for (var item = 0; item < LaneProducts.Count; item += Block)
            {
                Transpose(ref Unsafe.Add(ref source, (i * LaneProducts.Count) + item), LaneProducts.Count, ref Unsafe.Add(ref target, (item * stride) + i), stride);
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
    private static void Transpose(ref float s, nint sourceStride, ref float t, nint targetStride)
    {
        var a = Vector128.LoadUnsafe(ref s);
        var b = Vector128.LoadUnsafe(ref s, (nuint)sourceStride);
        var c = Vector128.LoadUnsafe(ref s, (nuint)(2 * sourceStride));
        var d = Vector128.LoadUnsafe(ref s, (nuint)(3 * sourceStride));
        var low = UnpackLow(a, b);
        var high = UnpackHigh(a, b);
        var otherLow = UnpackLow(c, d);
        var otherHigh = UnpackHigh(c, d);
        Lower(low, otherLow).StoreUnsafe(ref t);
        Upper(low, otherLow).StoreUnsafe(ref t, (nuint)targetStride);
        Lower(high, otherHigh).StoreUnsafe(ref t, (nuint)(2 * targetStride));
        Upper(high, otherHigh).StoreUnsafe(ref t, (nuint)(3 * targetStride));
    }

    // a0 a1 b0 b1; put together from halves it would go through memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Lower(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.MoveLowToHigh(a, b) : Vector128.Create(a.GetLower(), b.GetLower());

    // a2 a3 b2 b3
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Upper(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.MoveHighToLow(b, a) : Vector128.Create(a.GetUpper(), b.GetUpper());

    // a0 b0 a1 b1
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackLow(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    // a2 b2 a3 b3
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackHigh(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}

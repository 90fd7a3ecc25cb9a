using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sisa.Torch.Convolutions;

/// <summary>The products of a convolution over planes, without a library.</summary>
/// <remarks>
/// Sixteen neighbouring sums of a grid are taken side by side. Every sum is taken in one order, and every multiplication and addition is fused and written out, so bits
/// depend neither on the processor nor on the width of its vectors. Shapes: O outputs, K weights of an output (channels · kernel²).
/// </remarks>
internal static class PlaneProducts
{
    /// <summary>Grids are whole multiples of this: two vectors.</summary>
    public const int Step = 2 * Lanes;

    private const int Lanes = 16;
    private const int Rows = 4;

    /// <summary>grids = bias + weights · values at the offsets.</summary>
    /// <param name="weights">[O, K].</param>
    /// <param name="bias">[O].</param>
    /// <param name="planes">The input's planes.</param>
    /// <param name="offsets">[K].</param>
    /// <param name="grids">[O, grid]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convolve(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<float> planes, ReadOnlySpan<int> offsets, Span<float> grids)
    {
        var (outputs, count) = (bias.Length, offsets.Length);
        var grid = grids.Length / outputs;
        Require(planes, offsets, grid);
        ref var x = ref MemoryMarshal.GetReference(planes);
        ref var y = ref MemoryMarshal.GetReference(grids);
        ref var w = ref MemoryMarshal.GetReference(weights[..(outputs * count)]);
        var o = 0;
        for (; o <= outputs - Rows; o += Rows)
        {
            ref var w0 = ref Unsafe.Add(ref w, (nint)o * count);
            ref var w2 = ref Unsafe.Add(ref w0, (nint)2 * count);
            for (var q = 0; q < grid; q += Step)
            {
                var (a, c, e, g) = (Vector512.Create(bias[o]), Vector512.Create(bias[o + 1]), Vector512.Create(bias[o + 2]), Vector512.Create(bias[o + 3]));
                var (b, d, f, h) = (a, c, e, g);
                for (nint k = 0; k < offsets.Length; k++)
                {
                    ref var place = ref Unsafe.Add(ref x, offsets[(int)k] + q);
                    var (left, right) = (Vector512.LoadUnsafe(ref place), Vector512.LoadUnsafe(ref place, Lanes));
                    var weight = Vector512.Create(Unsafe.Add(ref w0, k));
                    a = Vector512.FusedMultiplyAdd(weight, left, a);
                    b = Vector512.FusedMultiplyAdd(weight, right, b);
                    weight = Vector512.Create(Unsafe.Add(ref w0, k + count));
                    c = Vector512.FusedMultiplyAdd(weight, left, c);
                    d = Vector512.FusedMultiplyAdd(weight, right, d);
                    weight = Vector512.Create(Unsafe.Add(ref w2, k));
                    e = Vector512.FusedMultiplyAdd(weight, left, e);
                    f = Vector512.FusedMultiplyAdd(weight, right, f);
                    weight = Vector512.Create(Unsafe.Add(ref w2, k + count));
                    g = Vector512.FusedMultiplyAdd(weight, left, g);
                    h = Vector512.FusedMultiplyAdd(weight, right, h);
                }

                ref var target = ref Unsafe.Add(ref y, ((nint)o * grid) + q);
                Store(ref target, a, b);
                Store(ref Unsafe.Add(ref target, grid), c, d);
                Store(ref Unsafe.Add(ref target, (nint)2 * grid), e, f);
                Store(ref Unsafe.Add(ref target, (nint)3 * grid), g, h);
            }
        }

        for (; o < outputs; o++)
        {
            ref var w0 = ref Unsafe.Add(ref w, (nint)o * count);
            for (var q = 0; q < grid; q += Step)
            {
                var a = Vector512.Create(bias[o]);
                var b = a;
                for (nint k = 0; k < offsets.Length; k++)
                {
                    ref var place = ref Unsafe.Add(ref x, offsets[(int)k] + q);
                    var weight = Vector512.Create(Unsafe.Add(ref w0, k));
                    a = Vector512.FusedMultiplyAdd(weight, Vector512.LoadUnsafe(ref place), a);
                    b = Vector512.FusedMultiplyAdd(weight, Vector512.LoadUnsafe(ref place, Lanes), b);
                }

                Store(ref Unsafe.Add(ref y, ((nint)o * grid) + q), a, b);
            }
        }
    }

    /// <summary>target += gradients · values at the offsets, summed over a few items.</summary>
    /// <param name="target">Gradients of the weights, [O, K].</param>
    /// <param name="gradients">Planes of the output's gradients, item by item; zeros around each.</param>
    /// <param name="origin">First pixel within a plane of gradients.</param>
    /// <param name="planes">Planes of the input, item by item.</param>
    /// <param name="offsets">[K].</param>
    /// <param name="grid">Length of a grid.</param>
    /// <param name="items">How many items there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(
        Span<float> target, ReadOnlySpan<float> gradients, int origin, ReadOnlySpan<float> planes, ReadOnlySpan<int> offsets, int grid, int items)
    {
        var count = offsets.Length;
        var outputs = target.Length / count;
        var (ofItem, above) = (planes.Length / items, gradients.Length / items);
        var plane = above / outputs;
        Require(planes[..ofItem], offsets, grid);
        Require(gradients[..plane], [origin], grid);
        ref var x = ref MemoryMarshal.GetReference(planes);
        ref var dy = ref Unsafe.Add(ref MemoryMarshal.GetReference(gradients), origin);
        var o = 0;
        for (; o <= outputs - Rows; o += Rows)
        {
            var k = 0;
            for (; k <= count - 2; k += 2)
            {
                Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
                for (var item = 0; item < items; item++)
                {
                    ref var left = ref Unsafe.Add(ref x, ((nint)item * ofItem) + offsets[k]);
                    ref var right = ref Unsafe.Add(ref x, ((nint)item * ofItem) + offsets[k + 1]);
                    ref var g0 = ref Unsafe.Add(ref dy, ((nint)item * above) + ((nint)o * plane));
                    ref var g2 = ref Unsafe.Add(ref g0, (nint)2 * plane);
                    for (nint q = 0; q < grid; q += Lanes)
                    {
                        var (l, r) = (Vector512.LoadUnsafe(ref left, (nuint)q), Vector512.LoadUnsafe(ref right, (nuint)q));
                        var gradient = Vector512.LoadUnsafe(ref g0, (nuint)q);
                        a = Vector512.FusedMultiplyAdd(gradient, l, a);
                        b = Vector512.FusedMultiplyAdd(gradient, r, b);
                        gradient = Vector512.LoadUnsafe(ref g0, (nuint)(q + plane));
                        c = Vector512.FusedMultiplyAdd(gradient, l, c);
                        d = Vector512.FusedMultiplyAdd(gradient, r, d);
                        gradient = Vector512.LoadUnsafe(ref g2, (nuint)q);
                        e = Vector512.FusedMultiplyAdd(gradient, l, e);
                        f = Vector512.FusedMultiplyAdd(gradient, r, f);
                        gradient = Vector512.LoadUnsafe(ref g2, (nuint)(q + plane));
                        g = Vector512.FusedMultiplyAdd(gradient, l, g);
                        h = Vector512.FusedMultiplyAdd(gradient, r, h);
                    }
                }

                var place = target[((o * count) + k)..];
                (place[0], place[1]) = (place[0] + Sum(a), place[1] + Sum(b));
                (place[count], place[count + 1]) = (place[count] + Sum(c), place[count + 1] + Sum(d));
                (place[2 * count], place[(2 * count) + 1]) = (place[2 * count] + Sum(e), place[(2 * count) + 1] + Sum(f));
                (place[3 * count], place[(3 * count) + 1]) = (place[3 * count] + Sum(g), place[(3 * count) + 1] + Sum(h));
            }

            for (var row = o; row < o + Rows && k < count; row++)
            {
                target[(row * count) + k] += Product(ref Unsafe.Add(ref dy, (nint)row * plane), above, ref Unsafe.Add(ref x, offsets[k]), ofItem, grid, items);
            }
        }

        for (; o < outputs; o++)
        {
            for (var k = 0; k < count; k++)
            {
                target[(o * count) + k] += Product(ref Unsafe.Add(ref dy, (nint)o * plane), above, ref Unsafe.Add(ref x, offsets[k]), ofItem, grid, items);
            }
        }
    }

    /// <summary>The sum of a plane, for a bias; zeros around its pixels add nothing.</summary>
    /// <param name="plane">The plane.</param>
    public static float Sum(ReadOnlySpan<float> plane)
    {
        var sum = Vector512<float>.Zero;
        var whole = plane.Length / Lanes * Lanes;
        for (var q = 0; q < whole; q += Lanes)
        {
            sum += Vector512.Create(plane.Slice(q, Lanes));
        }

        var rest = Sum(sum);
        foreach (var number in plane[whole..])
        {
            rest += number;
        }

        return rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Product(ref float gradients, int above, ref float planes, int ofItem, int grid, int items)
    {
        var sum = Vector512<float>.Zero;
        for (nint item = 0; item < items; item++)
        {
            ref var left = ref Unsafe.Add(ref gradients, item * above);
            ref var right = ref Unsafe.Add(ref planes, item * ofItem);
            for (nint q = 0; q < grid; q += Lanes)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref left, (nuint)q), Vector512.LoadUnsafe(ref right, (nuint)q), sum);
            }
        }

        return Sum(sum);
    }

    // Halves onto halves. The library's own sum leaves the order to the processor.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector512<float> lanes)
    {
        var eight = lanes.GetLower() + lanes.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    private static void Require(ReadOnlySpan<float> planes, ReadOnlySpan<int> offsets, int grid)
    {
        if (grid % Step != 0 || planes.Length < offsets[^1] + grid)
        {
            throw new ArgumentException("A kernel would read beyond the planes.", nameof(planes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float place, Vector512<float> left, Vector512<float> right)
    {
        left.StoreUnsafe(ref place);
        right.StoreUnsafe(ref place, Lanes);
    }
}

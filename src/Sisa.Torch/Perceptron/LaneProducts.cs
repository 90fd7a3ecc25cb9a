using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sisa.Torch.Perceptron;

/// <summary>The three matrix products of a fully connected layer over sixteen items at a time, without a library.</summary>
/// <remarks>
/// Every sum is taken element by element in one order, over inputs, outputs or items from the first to the last, every multiplication and addition fused and written out. So bits depend on no
/// processor and on no width of its vectors, an item's numbers on no other item of its batch, and a test compares them with loops of scalars, bit by bit.
/// Shapes: I inputs and O outputs of a layer, L = <see cref="Count"/> lanes, one an item. Weights are [O, I] as in checkpoints; what is [I, L] or [O, L] has the items of a number side by side.
/// Measured against libtorch: docs/LOG.md.
/// </remarks>
internal static class LaneProducts
{
    /// <summary>Items that are computed side by side.</summary>
    public const int Count = 16;

    private const int Rows = 8;

    /// <summary>outputs = bias + weights · inputs.</summary>
    /// <param name="weights">[O, I].</param>
    /// <param name="bias">[O].</param>
    /// <param name="inputs">[I, L].</param>
    /// <param name="outputs">[O, L]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        nint width = inputs.Length / Count;
        ref var x = ref MemoryMarshal.GetReference(inputs);
        ref var y = ref MemoryMarshal.GetReference(outputs);
        var o = 0;
        for (; o <= bias.Length - Rows; o += Rows, y = ref Unsafe.Add(ref y, Rows * Count))
        {
            ref var w = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights), o * width);
            ref var w4 = ref Unsafe.Add(ref w, 4 * width);
            var sums = new LaneSums(bias.Slice(o, Rows));
            for (nint i = 0; i < width; i++)
            {
                var lanes = Vector512.LoadUnsafe(ref x, (nuint)(i * Count));
                sums.A = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, i)), lanes, sums.A);
                sums.B = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, i + width)), lanes, sums.B);
                sums.C = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, i + (2 * width))), lanes, sums.C);
                sums.D = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, i + (3 * width))), lanes, sums.D);
                sums.E = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w4, i)), lanes, sums.E);
                sums.F = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w4, i + width)), lanes, sums.F);
                sums.G = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w4, i + (2 * width))), lanes, sums.G);
                sums.H = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w4, i + (3 * width))), lanes, sums.H);
            }

            sums.Store(ref y);
        }

        for (; o < bias.Length; o++, y = ref Unsafe.Add(ref y, Count))
        {
            ref var w = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights), o * width);
            var sum = Vector512.Create(bias[o]);
            for (nint i = 0; i < width; i++)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, i)), Vector512.LoadUnsafe(ref x, (nuint)(i * Count)), sum);
            }

            sum.StoreUnsafe(ref y);
        }
    }

    /// <summary>below = weightsᵀ · gradients.</summary>
    /// <param name="weights">[O, I].</param>
    /// <param name="gradients">[O, L].</param>
    /// <param name="below">[I, L]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(ReadOnlySpan<float> weights, ReadOnlySpan<float> gradients, Span<float> below)
    {
        nint width = below.Length / Count;
        var outputs = gradients.Length / Count;
        ref var g = ref MemoryMarshal.GetReference(gradients);
        ref var y = ref MemoryMarshal.GetReference(below);
        nint i = 0;
        for (; i <= width - Rows; i += Rows, y = ref Unsafe.Add(ref y, Rows * Count))
        {
            ref var w = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights), i);
            var sums = default(LaneSums);
            for (var o = 0; o < outputs; o++, w = ref Unsafe.Add(ref w, width))
            {
                var lanes = Vector512.LoadUnsafe(ref g, (nuint)(o * Count));
                sums.A = Vector512.FusedMultiplyAdd(Vector512.Create(w), lanes, sums.A);
                sums.B = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 1)), lanes, sums.B);
                sums.C = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 2)), lanes, sums.C);
                sums.D = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 3)), lanes, sums.D);
                sums.E = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 4)), lanes, sums.E);
                sums.F = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 5)), lanes, sums.F);
                sums.G = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 6)), lanes, sums.G);
                sums.H = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 7)), lanes, sums.H);
            }

            sums.Store(ref y);
        }

        for (; i < width; i++, y = ref Unsafe.Add(ref y, Count))
        {
            ref var w = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights), i);
            var sum = Vector512<float>.Zero;
            for (var o = 0; o < outputs; o++, w = ref Unsafe.Add(ref w, width))
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(w), Vector512.LoadUnsafe(ref g, (nuint)(o * Count)), sum);
            }

            sum.StoreUnsafe(ref y);
        }
    }

    /// <summary>target = beta · target + alpha · gradients · items: a weight's gradient, or, for plain SGD, the update itself.</summary>
    /// <param name="target">[O, I].</param>
    /// <param name="gradients">[O, L].</param>
    /// <param name="items">The inputs item by item, [L, stride].</param>
    /// <param name="stride">Floats from one item to the next: I in whole vectors.</param>
    /// <param name="count">Items, at most L.</param>
    /// <param name="beta">Factor of the target.</param>
    /// <param name="alpha">Factor of the product.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(Span<float> target, ReadOnlySpan<float> gradients, ReadOnlySpan<float> items, int stride, int count, float beta, float alpha)
    {
        const int Outputs = 4;
        const int Inputs = 2 * Count;
        var outputs = gradients.Length / Count;
        var width = target.Length / outputs;
        ref var x = ref MemoryMarshal.GetReference(items);
        var (betas, alphas) = (Vector512.Create(beta), Vector512.Create(alpha));
        var whole = width / Inputs * Inputs;
        var o = 0;
        for (; o <= outputs - Outputs; o += Outputs)
        {
            ref var g = ref Unsafe.Add(ref MemoryMarshal.GetReference(gradients), o * Count);
            for (var i = 0; i < whole; i += Inputs)
            {
                ref var item = ref Unsafe.Add(ref x, i);
                var sums = default(LaneSums);
                for (var b = 0; b < count; b++, item = ref Unsafe.Add(ref item, stride))
                {
                    var (left, right) = (Vector512.LoadUnsafe(ref item), Vector512.LoadUnsafe(ref item, Count));
                    var gradient = Vector512.Create(Unsafe.Add(ref g, b));
                    sums.A = Vector512.FusedMultiplyAdd(gradient, left, sums.A);
                    sums.B = Vector512.FusedMultiplyAdd(gradient, right, sums.B);
                    gradient = Vector512.Create(Unsafe.Add(ref g, b + Count));
                    sums.C = Vector512.FusedMultiplyAdd(gradient, left, sums.C);
                    sums.D = Vector512.FusedMultiplyAdd(gradient, right, sums.D);
                    gradient = Vector512.Create(Unsafe.Add(ref g, b + (2 * Count)));
                    sums.E = Vector512.FusedMultiplyAdd(gradient, left, sums.E);
                    sums.F = Vector512.FusedMultiplyAdd(gradient, right, sums.F);
                    gradient = Vector512.Create(Unsafe.Add(ref g, b + (3 * Count)));
                    sums.G = Vector512.FusedMultiplyAdd(gradient, left, sums.G);
                    sums.H = Vector512.FusedMultiplyAdd(gradient, right, sums.H);
                }

                ref var place = ref Unsafe.Add(ref MemoryMarshal.GetReference(target), ((nint)o * width) + i);
                Put(ref place, sums.A, sums.B, betas, alphas);
                Put(ref Unsafe.Add(ref place, width), sums.C, sums.D, betas, alphas);
                Put(ref Unsafe.Add(ref place, 2 * width), sums.E, sums.F, betas, alphas);
                Put(ref Unsafe.Add(ref place, 3 * width), sums.G, sums.H, betas, alphas);
            }

            for (var k = o; k < o + Outputs; k++)
            {
                AccumulateRest(target, gradients, items, stride, count, beta, alpha, k, width, whole);
            }
        }

        for (; o < outputs; o++)
        {
            AccumulateRest(target, gradients, items, stride, count, beta, alpha, o, width, 0);
        }
    }

    // One output, for inputs from a whole vector on: the last few are in a vector of items whose other lanes are unused.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AccumulateRest(
        Span<float> target, ReadOnlySpan<float> gradients, ReadOnlySpan<float> items, int stride, int count, float beta, float alpha, int output, int width, int from)
    {
        ref var g = ref Unsafe.Add(ref MemoryMarshal.GetReference(gradients), output * Count);
        for (var i = from; i < width; i += Count)
        {
            ref var item = ref Unsafe.Add(ref MemoryMarshal.GetReference(items), i);
            var sum = Vector512<float>.Zero;
            for (var b = 0; b < count; b++, item = ref Unsafe.Add(ref item, stride))
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref g, b)), Vector512.LoadUnsafe(ref item), sum);
            }

            var place = target.Slice((output * width) + i, Math.Min(Count, width - i));
            if (place.Length == Count)
            {
                Put(ref place[0], sum, Vector512.Create(beta), Vector512.Create(alpha));
                continue;
            }

            for (var lane = 0; lane < place.Length; lane++)
            {
                place[lane] = MathF.FusedMultiplyAdd(alpha, sum[lane], beta * place[lane]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref float place, Vector512<float> left, Vector512<float> right, Vector512<float> beta, Vector512<float> alpha)
    {
        Put(ref place, left, beta, alpha);
        Put(ref Unsafe.Add(ref place, Count), right, beta, alpha);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref float place, Vector512<float> sum, Vector512<float> beta, Vector512<float> alpha) =>
        Vector512.FusedMultiplyAdd(alpha, sum, beta * Vector512.LoadUnsafe(ref place)).StoreUnsafe(ref place);

    /// <summary>Eight sums in registers.</summary>
    private struct LaneSums
    {
        public Vector512<float> A;
        public Vector512<float> B;
        public Vector512<float> C;
        public Vector512<float> D;
        public Vector512<float> E;
        public Vector512<float> F;
        public Vector512<float> G;
        public Vector512<float> H;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public LaneSums(ReadOnlySpan<float> start)
        {
            (A, B, C, D) = (Vector512.Create(start[0]), Vector512.Create(start[1]), Vector512.Create(start[2]), Vector512.Create(start[3]));
            (E, F, G, H) = (Vector512.Create(start[4]), Vector512.Create(start[5]), Vector512.Create(start[6]), Vector512.Create(start[7]));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(ref float place)
        {
            A.StoreUnsafe(ref place);
            B.StoreUnsafe(ref place, Count);
            C.StoreUnsafe(ref place, 2 * Count);
            D.StoreUnsafe(ref place, 3 * Count);
            E.StoreUnsafe(ref place, 4 * Count);
            F.StoreUnsafe(ref place, 5 * Count);
            G.StoreUnsafe(ref place, 6 * Count);
            H.StoreUnsafe(ref place, 7 * Count);
        }
    }
}

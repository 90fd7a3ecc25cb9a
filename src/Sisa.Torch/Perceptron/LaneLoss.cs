using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sisa.Torch.Perceptron;

/// <summary>Cross-entropy of sixteen items side by side.</summary>
/// <remarks>An item's numbers depend on no other item. Classes are summed from the first to the last.</remarks>
internal static class LaneLoss
{
    /// <summary>Turns logits into the gradient of each item's cross-entropy: softmax less one at the label.</summary>
    /// <param name="logits">[C, L]; overwritten.</param>
    /// <param name="labels">The items' labels; at most L.</param>
    /// <returns>The sum of the items' losses in nats.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double CrossEntropy(Span<float> logits, ReadOnlySpan<int> labels)
    {
        const int Halves = LaneProducts.Count / 8;
        Span<float> atLabel = stackalloc float[LaneProducts.Count];
        for (var item = 0; item < labels.Length; item++)
        {
            atLabel[item] = logits[(labels[item] * LaneProducts.Count) + item];
        }

        // Two vectors hold the sixteen items, so every other one belongs to the same eight.
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(logits);
        double losses = 0;
        for (var half = 0; half < Halves; half++)
        {
            var highest = vectors[half];
            for (var i = half; i < vectors.Length; i += Halves)
            {
                highest = Vector256.Max(highest, vectors[i]);
            }

            var sum = Vector256<float>.Zero;
            for (var i = half; i < vectors.Length; i += Halves)
            {
                vectors[i] = VectorMath.Exp(vectors[i] - highest);
                sum += vectors[i];
            }

            var scale = Vector256<float>.One / sum;
            for (var i = half; i < vectors.Length; i += Halves)
            {
                vectors[i] *= scale;
            }

            for (var lane = 0; lane < 8 && (half * 8) + lane < labels.Length; lane++)
            {
                losses += Math.Log(sum[lane]) - (atLabel[(half * 8) + lane] - highest[lane]);
            }
        }

        for (var item = 0; item < labels.Length; item++)
        {
            logits[(labels[item] * LaneProducts.Count) + item] -= 1;
        }

        return losses;
    }

    /// <summary>target = beta · target + alpha · (sum over the items): a bias's gradient, or its update.</summary>
    /// <param name="target">[O].</param>
    /// <param name="gradients">[O, L].</param>
    /// <param name="count">Items, at most L.</param>
    /// <param name="beta">Factor of the target.</param>
    /// <param name="alpha">Factor of the sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AccumulateBias(Span<float> target, ReadOnlySpan<float> gradients, int count, float beta, float alpha)
    {
        // Four sums at a time, so that none waits for its own last addition.
        const int Outputs = 4;
        var o = 0;
        for (; o <= target.Length - Outputs; o += Outputs)
        {
            var g = gradients.Slice(o * LaneProducts.Count, Outputs * LaneProducts.Count);
            var sums = Vector128<float>.Zero;
            for (var item = 0; item < count; item++)
            {
                sums += Vector128.Create(g[item], g[item + LaneProducts.Count], g[item + (2 * LaneProducts.Count)], g[item + (3 * LaneProducts.Count)]);
            }

            var place = target.Slice(o, Outputs);
            Vector128.FusedMultiplyAdd(Vector128.Create(alpha), sums, Vector128.Create<float>(place) * beta).CopyTo(place);
        }

        for (; o < target.Length; o++)
        {
            float sum = 0;
            foreach (var gradient in gradients.Slice(o * LaneProducts.Count, count))
            {
                sum += gradient;
            }

            target[o] = MathF.FusedMultiplyAdd(alpha, sum, beta * target[o]);
        }
    }
}

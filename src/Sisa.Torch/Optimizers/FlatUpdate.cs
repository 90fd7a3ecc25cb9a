using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sisa.Torch.Optimizers;

/// <summary>The numbers of one Adam step.</summary>
/// <param name="Shrink">Factor of the parameters beforehand.</param>
/// <param name="Decay">Share of the parameters that is added to the gradients.</param>
/// <param name="MeanRate">1 − β₁.</param>
/// <param name="SquareDecay">β₂.</param>
/// <param name="SquareRate">1 − β₂.</param>
/// <param name="RootScale">1 / √(1−β₂ᵗ).</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Rate">η / (1−β₁ᵗ).</param>
internal readonly record struct AdamFactors(
    float Shrink, float Decay, float MeanRate, float SquareDecay, float SquareRate, float RootScale, float Epsilon, float Rate);

/// <summary>Optimizer steps as single passes over memory: each reads everything once, writes it once and zeroes the gradients.</summary>
/// <remarks>Element by element, every fused multiply-add written out: IEEE 754 leaves no choice of bits to the processor. Lengths are
/// multiples of <see cref="Models.ParameterLayout.Alignment"/> floats, so there are no tails.</remarks>
internal static class FlatUpdate
{
    /// <summary>p ← p − η(g + λp).</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="gradients">Gradients; zeroed.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="weightDecay">λ.</param>
    public static void Sgd(Span<float> values, Span<float> gradients, float learningRate, float weightDecay)
    {
        var p = Vectors(values);
        var g = Vectors(gradients);
        var (rate, decay) = (Vector256.Create(-learningRate), Vector256.Create(weightDecay));
        for (var i = 0; i < p.Length; i++)
        {
            var gradient = Vector256.FusedMultiplyAdd(decay, p[i], g[i]);
            p[i] = Vector256.FusedMultiplyAdd(rate, gradient, p[i]);
            g[i] = Vector256<float>.Zero;
        }
    }

    /// <summary>v ← μv + g + λp, p ← p − ηv.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="gradients">Gradients; zeroed.</param>
    /// <param name="velocities">v.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="weightDecay">λ.</param>
    /// <param name="momentum">μ.</param>
    public static void Momentum(
        Span<float> values, Span<float> gradients, Span<float> velocities, float learningRate, float weightDecay, float momentum)
    {
        var p = Vectors(values);
        var g = Vectors(gradients);
        var v = Vectors(velocities);
        var (rate, decay, keep) = (Vector256.Create(-learningRate), Vector256.Create(weightDecay), Vector256.Create(momentum));
        for (var i = 0; i < p.Length; i++)
        {
            var velocity = Vector256.FusedMultiplyAdd(keep, v[i], Vector256.FusedMultiplyAdd(decay, p[i], g[i]));
            v[i] = velocity;
            p[i] = Vector256.FusedMultiplyAdd(rate, velocity, p[i]);
            g[i] = Vector256<float>.Zero;
        }
    }

    /// <summary>Adam and AdamW; see <see cref="AdamOptimizer"/>.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="gradients">Gradients; zeroed.</param>
    /// <param name="means">m.</param>
    /// <param name="squares">v.</param>
    /// <param name="factors">The numbers of this step.</param>
    public static void Adam(Span<float> values, Span<float> gradients, Span<float> means, Span<float> squares, in AdamFactors factors)
    {
        var p = Vectors(values);
        var g = Vectors(gradients);
        var m = Vectors(means);
        var v = Vectors(squares);
        var (shrink, decay, meanRate) = (Vector256.Create(factors.Shrink), Vector256.Create(factors.Decay), Vector256.Create(factors.MeanRate));
        var (squareDecay, squareRate) = (Vector256.Create(factors.SquareDecay), Vector256.Create(factors.SquareRate));
        var (rootScale, epsilon, rate) = (Vector256.Create(factors.RootScale), Vector256.Create(factors.Epsilon), Vector256.Create(-factors.Rate));
        for (var i = 0; i < p.Length; i++)
        {
            var parameter = p[i] * shrink;
            var gradient = Vector256.FusedMultiplyAdd(decay, parameter, g[i]);
            var mean = Vector256.FusedMultiplyAdd(meanRate, gradient - m[i], m[i]);
            var square = Vector256.FusedMultiplyAdd(squareRate * gradient, gradient, squareDecay * v[i]);
            var root = Vector256.FusedMultiplyAdd(Vector256.Sqrt(square), rootScale, epsilon);
            m[i] = mean;
            v[i] = square;
            p[i] = Vector256.FusedMultiplyAdd(rate, mean / root, parameter);
            g[i] = Vector256<float>.Zero;
        }
    }

    private static Span<Vector256<float>> Vectors(Span<float> memory) => MemoryMarshal.Cast<float, Vector256<float>>(memory);
}

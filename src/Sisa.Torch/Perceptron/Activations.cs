using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sisa.Models;

namespace Sisa.Torch.Perceptron;

/// <summary>Functions between the layers of a perceptron, as loops over memory.</summary>
/// <remarks>Element by element, in whole vectors.</remarks>
internal static class Activations
{
    /// <summary>Applies the activation in place.</summary>
    /// <param name="activation">Which one.</param>
    /// <param name="values">Pre-activations, whole vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(Activation activation, Span<float> values)
    {
        var x = Vectors(values);
        if (activation == Activation.Tanh)
        {
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = VectorMath.Tanh(x[i]);
            }
        }
        else
        {
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = Vector256.Max(x[i], Vector256<float>.Zero);
            }
        }
    }

    /// <summary>Multiplies gradients by the derivative of the activation, in place.</summary>
    /// <param name="activation">Which one.</param>
    /// <param name="gradients">Gradients of the activations; become those of the pre-activations.</param>
    /// <param name="values">The activations, from which both derivatives follow.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Differentiate(Activation activation, Span<float> gradients, Span<float> values)
    {
        var g = Vectors(gradients);
        var y = Vectors(values)[..g.Length];
        if (activation == Activation.Tanh)
        {
            for (var i = 0; i < g.Length; i++)
            {
                g[i] = Vector256.FusedMultiplyAdd(g[i] * -y[i], y[i], g[i]);
            }
        }
        else
        {
            for (var i = 0; i < g.Length; i++)
            {
                g[i] = Vector256.ConditionalSelect(Vector256.GreaterThan(y[i], Vector256<float>.Zero), g[i], Vector256<float>.Zero);
            }
        }
    }

    private static Span<Vector256<float>> Vectors(Span<float> memory) => MemoryMarshal.Cast<float, Vector256<float>>(memory);
}

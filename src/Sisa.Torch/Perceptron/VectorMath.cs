using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sisa.Torch.Perceptron;

/// <summary>Elementary functions on eight floats, from additions, products and divisions only, so the bits are equal on every processor.</summary>
/// <remarks>Polynomials of Moshier's Cephes library (expf.c, tanhf.c), errors below 2 units in the last place. The runtime's own
/// vector functions may change between its versions, which are no part of the fingerprint.</remarks>
internal static class VectorMath
{
    /// <summary>e to the power of x, from 1.2e-38 upwards; 0 and infinity are never returned.</summary>
    /// <param name="x">Any numbers; clamped to ±87.3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        x = Vector256.Min(Vector256.Max(x, Vector256.Create(-87.3f)), Vector256.Create(87.3f));
        var n = Vector256.Round(x * 1.44269504088896341f);

        // ln 2 in two parts, so that n · ln 2 is exact to both.
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.Create(1.9875691500e-4f);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.FusedMultiplyAdd(p, r * r, r + Vector256<float>.One);
        return (p.AsInt32() + (Vector256.ConvertToInt32(n) << 23)).AsSingle();
    }

    /// <summary>Hyperbolic tangent.</summary>
    /// <param name="x">Any numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        var size = Vector256.Abs(x);
        var square = x * x;
        var p = Vector256.Create(-5.70498872745e-3f);
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(2.06390887954e-2f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(-5.37397155531e-2f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(1.33314422036e-1f));
        p = Vector256.FusedMultiplyAdd(p, square, Vector256.Create(-3.33332819422e-1f));
        var near = Vector256.FusedMultiplyAdd(p * square, x, x);

        var far = Vector256<float>.One - (Vector256.Create(2f) / (Exp(size + size) + Vector256<float>.One));
        far = Vector256.CopySign(far, x);
        return Vector256.ConditionalSelect(Vector256.LessThan(size, Vector256.Create(0.625f)), near, far);
    }
}

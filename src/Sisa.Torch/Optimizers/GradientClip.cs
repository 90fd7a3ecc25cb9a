using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Optimizers;

/// <summary>Shortens gradients that are too long, all parameters together (Pascanu, Mikolov and Bengio 2013, algorithm 1).</summary>
/// <remarks>g ← g · min(1, c / (‖g‖ + 1e-6)), as <c>torch.nn.utils.clip_grad_norm_</c> has it. The squares are summed in 64 bits in an order that no processor decides.</remarks>
internal static class GradientClip
{
    private const double Guard = 1e-6;

    /// <summary>Shortens gradients in memory.</summary>
    /// <param name="gradients">A multiple of 8 floats.</param>
    /// <param name="longest">The greatest length, above 0.</param>
    public static void Apply(Span<float> gradients, double longest)
    {
        var g = MemoryMarshal.Cast<float, Vector256<float>>(gradients);
        var (low, high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        foreach (var part in g)
        {
            var (first, second) = Vector256.Widen(part);
            low = Vector256.FusedMultiplyAdd(first, first, low);
            high = Vector256.FusedMultiplyAdd(second, second, high);
        }

        var sums = low + high;
        var scale = Scale(sums[0] + sums[1] + (sums[2] + sums[3]), longest);
        if (scale < 1)
        {
            var factor = Vector256.Create((float)scale);
            for (var i = 0; i < g.Length; i++)
            {
                g[i] *= factor;
            }
        }
    }

    /// <summary>Shortens gradients on any device.</summary>
    /// <param name="gradients">All of them.</param>
    /// <param name="longest">The greatest length, above 0.</param>
    public static void Apply(torch.Tensor gradients, double longest)
    {
        using var scope = torch.NewDisposeScope();
        var wide = gradients.to_type(torch.float64);
        var scale = Scale((wide * wide).sum().cpu().item<double>(), longest);
        if (scale < 1)
        {
            gradients.Scale(scale);
        }
    }

    private static double Scale(double squares, double longest) => longest / (Math.Sqrt(squares) + Guard);
}

using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Models;

/// <summary>The matrix products of models, in one place, so that the check before training computes the same products as training.</summary>
/// <remarks>Input and output are float32 in either precision; in <see cref="ComputePrecision.BFloat16"/> factors are rounded before the product and its result after it.</remarks>
internal static class Products
{
    /// <summary>x · weightᵀ + bias.</summary>
    /// <param name="x">[…, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs], or <see langword="null"/>.</param>
    /// <param name="precision">Numbers in which it is computed.</param>
    public static torch.Tensor Linear(torch.Tensor x, torch.Tensor weight, torch.Tensor? bias, ComputePrecision precision = ComputePrecision.Full) =>
        precision == ComputePrecision.Full
            ? functional.linear(x, weight, bias)
            : functional.linear(x.bfloat16(), weight.bfloat16(), bias?.bfloat16()).to_type(torch.float32);

    /// <summary>a · b for every pair of matrices.</summary>
    /// <param name="a">[count, rows, inner].</param>
    /// <param name="b">[count, inner, columns].</param>
    /// <param name="precision">Numbers in which it is computed.</param>
    public static torch.Tensor Batched(torch.Tensor a, torch.Tensor b, ComputePrecision precision = ComputePrecision.Full) =>
        precision == ComputePrecision.Full ? torch.bmm(a, b) : torch.bmm(a.bfloat16(), b.bfloat16()).to_type(torch.float32);
}

using Sisa.Torch.Models;
using Sisa.Torch.Native;
using TorchSharp;

namespace Sisa.Torch.Fusion;

/// <summary>A linear layer of several constituents side by side, with its backward pass written out.</summary>
/// <remarks>Shapes: S constituents, B items of each, I inputs, O outputs. Every product has the operands, transposed as they are, that autograd multiplies for one
/// constituent (the derivatives of <c>addmm</c> in libtorch's <c>derivatives.yaml</c>): kernels round by them. So libraries for which a product over several is
/// several products give equal bits; a bias that is added apart does not, where a long sum is taken in parts.</remarks>
/// <param name="weights">Values of the constituents.</param>
/// <param name="gradients">Their gradients.</param>
/// <param name="layer">Which layer.</param>
internal sealed class StackedLayer(StackedParameters weights, StackedParameters gradients, LinearLayer layer)
{
    /// <summary>x · weightᵀ + bias.</summary>
    /// <param name="x_SBI">Input, contiguous.</param>
    /// <returns>[S, B, O], in the current dispose scope.</returns>
    public torch.Tensor Apply(torch.Tensor x_SBI)
    {
        var weight_SIO = weights[layer.Weight].transpose(1, 2);
        var bias_SBO = weights[layer.Bias].unsqueeze(1).expand(x_SBI.shape[0], x_SBI.shape[1], -1);

        // TorchSharp 0.107 hands its arguments on turned by one: the last is what is added to.
        return torch.baddbmm(x_SBI, weight_SIO, bias_SBO);
    }

    /// <summary>Adds the gradients of weights and biases to what is there.</summary>
    /// <param name="x_SBI">The input.</param>
    /// <param name="gradients_SBO">Gradients of the output.</param>
    public void Accumulate(torch.Tensor x_SBI, torch.Tensor gradients_SBO)
    {
        gradients[layer.Weight].AddScaled(torch.bmm(gradients_SBO.transpose(1, 2), x_SBI), 1);
        gradients[layer.Bias].AddScaled(gradients_SBO.sum([1L]), 1);
    }

    /// <summary>Gradients of the input.</summary>
    /// <param name="gradients_SBO">Gradients of the output.</param>
    /// <returns>[S, B, I], in the current dispose scope.</returns>
    public torch.Tensor InputGradients(torch.Tensor gradients_SBO) => torch.bmm(gradients_SBO, weights[layer.Weight]);
}

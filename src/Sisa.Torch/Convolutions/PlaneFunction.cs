using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Convolutions;

/// <summary><see cref="PlaneConvolution"/> as autograd sees it.</summary>
/// <remarks>Shapes: B items, C channels of the input, O of the output, H rows, W columns, K the side of a kernel. Tensors are float32 on the CPU.</remarks>
internal sealed class PlaneFunction : torch.autograd.SingleTensorFunction<PlaneFunction>
{
    /// <inheritdoc/>
    public override string Name => "PlaneConvolution";

    /// <summary>Convolves; part of autograd's graph where it is recorded.</summary>
    /// <param name="x_BCHW">Input.</param>
    /// <param name="weight_OCKK">Weights, the kernel's side odd.</param>
    /// <param name="bias_O">Biases.</param>
    /// <returns>[B, O, H, W], in the current dispose scope.</returns>
    public static torch.Tensor Convolve(torch.Tensor x_BCHW, torch.Tensor weight_OCKK, torch.Tensor bias_O) =>
        torch.is_grad_enabled() && weight_OCKK.requires_grad ? apply(x_BCHW, weight_OCKK, bias_O) : Forward(x_BCHW, weight_OCKK, bias_O);

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (x_BCHW, weight_OCKK, bias_O) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor)vars[2]);
        ctx.save_for_backward([x_BCHW, weight_OCKK]);
        return Forward(x_BCHW, weight_OCKK, bias_O);
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        using var x_BCHW = saved[0].contiguous();
        using var weight_OCKK = saved[1].contiguous();
        using var gradient_BOHW = grad_output.contiguous();
        var convolution = Of(x_BCHW, weight_OCKK);
        var ofWeight_OCKK = torch.empty(weight_OCKK.shape);
        var ofBias_O = torch.empty(weight_OCKK.shape[0]);
        var gradients = ParameterSet.Memory(gradient_BOHW);
        convolution.ParameterGradients(ParameterSet.Memory(x_BCHW), gradients, ParameterSet.Memory(ofWeight_OCKK), ParameterSet.Memory(ofBias_O));
        var below_BCHW = torch.empty(x_BCHW.shape);
        if (saved[0].requires_grad)
        {
            convolution.InputGradients(gradients, ParameterSet.Memory(weight_OCKK), ParameterSet.Memory(below_BCHW));
        }

        return [below_BCHW, ofWeight_OCKK, ofBias_O];
    }

    private static torch.Tensor Forward(torch.Tensor x_BCHW, torch.Tensor weight_OCKK, torch.Tensor bias_O)
    {
        using var x = x_BCHW.contiguous();
        using var weight = weight_OCKK.contiguous();
        using var bias = bias_O.contiguous();
        var y_BOHW = torch.empty(x.shape[0], weight.shape[0], x.shape[2], x.shape[3]);
        Of(x, weight).Forward(ParameterSet.Memory(x), ParameterSet.Memory(weight), ParameterSet.Memory(bias), ParameterSet.Memory(y_BOHW));
        return y_BOHW;
    }

    private static PlaneConvolution Of(torch.Tensor x_BCHW, torch.Tensor weight_OCKK) =>
        new(
            new PlaneShape(checked((int)x_BCHW.shape[2]), checked((int)x_BCHW.shape[3]), checked((int)weight_OCKK.shape[2])),
            checked((int)weight_OCKK.shape[1]),
            checked((int)weight_OCKK.shape[0]));
}

using Sisa.Torch.Convolutions;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.Models;

/// <summary>Linear layer: indices of its parameters.</summary>
/// <param name="Weight">Index of the weight [outputs, inputs].</param>
/// <param name="Bias">Index of the bias [outputs].</param>
public readonly record struct LinearLayer(int Weight, int Bias)
{
    /// <summary>x · weightᵀ + bias.</summary>
    /// <param name="weights">The constituent's parameters.</param>
    /// <param name="x">Input, [… , inputs].</param>
    public torch.Tensor Apply(ParameterSet weights, torch.Tensor x) => Products.Linear(x, weights[Weight], weights[Bias]);
}

/// <summary>Convolution over images, output as large as input: indices of its parameters.</summary>
/// <param name="Weight">Index of the weight [outputs, inputs, kernel, kernel].</param>
/// <param name="Bias">Index of the bias [outputs].</param>
/// <param name="Padding">Zeros on each side.</param>
public readonly record struct ConvolutionLayer(int Weight, int Bias, long Padding)
{
    /// <summary>Convolves, on the processor by the project's own products, because libtorch's are wrong on processors that report no cache sizes.</summary>
    /// <param name="weights">The constituent's parameters.</param>
    /// <param name="x_BCHW">The input.</param>
    public torch.Tensor Apply(ParameterSet weights, torch.Tensor x_BCHW) => Convolve(x_BCHW, weights[Weight], weights[Bias], Padding);

    /// <summary>Convolves with given weights.</summary>
    /// <param name="x_BCHW">The input.</param>
    /// <param name="weight">[outputs, inputs, kernel, kernel].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="padding">Zeros on each side.</param>
    public static torch.Tensor Convolve(torch.Tensor x_BCHW, torch.Tensor weight, torch.Tensor bias, long padding) => x_BCHW.device_type == DeviceType.CPU
        ? PlaneFunction.Convolve(x_BCHW, weight, bias)
        : functional.conv2d(x_BCHW, weight, bias, padding: [padding, padding]);
}

/// <summary>Normalisation of each item by itself: indices of its parameters.</summary>
/// <param name="Gain">Index of the gains.</param>
/// <param name="Shift">Index of the shifts.</param>
/// <param name="Width">Number of gains.</param>
public readonly record struct NormLayer(int Gain, int Shift, long Width)
{
    /// <summary>Added to the variance.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>Layer normalisation over the last dimension (Ba, Kiros and Hinton 2016).</summary>
    /// <param name="weights">The constituent's parameters.</param>
    /// <param name="x">Input, [… , width].</param>
    public torch.Tensor Apply(ParameterSet weights, torch.Tensor x) =>
        Normalise(x, weights[Gain], weights[Shift]);

    /// <summary>Normalisation over channels and space together, one gain and shift a channel (group normalisation with one
    /// group: Wu and He 2018).</summary>
    /// <param name="weights">The constituent's parameters.</param>
    /// <param name="x_BCHW">The input.</param>
    public torch.Tensor ApplyToImage(ParameterSet weights, torch.Tensor x_BCHW) =>
        NormaliseImage(x_BCHW, weights[Gain], weights[Shift]);

    /// <summary>Layer normalisation over the last dimension.</summary>
    /// <param name="x">Input, [… , width].</param>
    /// <param name="gain">[width].</param>
    /// <param name="shift">[width].</param>
    public static torch.Tensor Normalise(torch.Tensor x, torch.Tensor gain, torch.Tensor shift) => functional.layer_norm(x, [gain.shape[0]], gain, shift, Epsilon);

    /// <summary>Normalisation over channels and space together.</summary>
    /// <param name="x_BCHW">The input.</param>
    /// <param name="gain">[channels].</param>
    /// <param name="shift">[channels].</param>
    public static torch.Tensor NormaliseImage(torch.Tensor x_BCHW, torch.Tensor gain, torch.Tensor shift) => functional.group_norm(x_BCHW, 1, gain, shift, Epsilon);
}

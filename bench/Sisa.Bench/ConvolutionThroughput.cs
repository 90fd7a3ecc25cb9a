using BenchmarkDotNet.Attributes;
using Sisa.Models;
using Sisa.Torch.Convolutions;
using Sisa.Torch.Native;
using Sisa.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Bench;

/// <summary>A convolution, forward and backward, by libtorch and by the project's own products.</summary>
/// <remarks>One thread, times are per item. On a machine that reports no cache sizes libtorch's results are wrong where channels are no multiple of the vector's width; the shapes here are those for which they are right.</remarks>
[MinColumn]
[WarmupCount(2)]
[IterationTime(100)]
[IterationCount(15)]
public class ConvolutionThroughput
{
    private const int Items = 64;

    private torch.Tensor _x_BCHW = null!;
    private torch.Tensor _weight_OCKK = null!;
    private torch.Tensor _bias_O = null!;
    private torch.Tensor _gradient_BOHW = null!;

    /// <summary>Input channels, output channels, side of the image, side of the kernel: both layers of Fashion-MNIST, of Omniglot at 28 and at 105 pixels, and a wide one.</summary>
    [Params("1-16-28-3", "16-32-14-3", "32-64-7-3", "1-16-105-3", "16-32-28-5")]
    public string Shape { get; set; } = "";

    private static NumericProfile Numerics =>
        Environment.GetEnvironmentVariable("SISA_BENCH_NUMERICS") == "portable" ? NumericProfile.Portable : NumericProfile.Native;

    [GlobalSetup]
    public void Prepare()
    {
        NativeRuntime.Start(new Recipe { Labels = ["a", "b"], Model = new MlpOptions(), Training = new TrainingOptions(), Numerics = Numerics });
        long[] sizes = [.. Shape.Split('-').Select(size => long.Parse(size, System.Globalization.CultureInfo.InvariantCulture))];
        var (channels, outputs, side, kernel) = (sizes[0], sizes[1], sizes[2], sizes[3]);
        _x_BCHW = torch.randn(Items, channels, side, side, requires_grad: channels > 1);
        _weight_OCKK = torch.randn(outputs, channels, kernel, kernel, requires_grad: true);
        _bias_O = torch.randn(outputs, requires_grad: true);
        _gradient_BOHW = torch.randn(Items, outputs, side, side);
    }

    [GlobalCleanup]
    public void Free()
    {
        _x_BCHW.Dispose();
        _weight_OCKK.Dispose();
        _bias_O.Dispose();
        _gradient_BOHW.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Items)]
    public void Libtorch() => Step((x, weight, bias) => functional.conv2d(x, weight, bias, padding: [weight.shape[2] / 2, weight.shape[2] / 2]));

    [Benchmark(OperationsPerInvoke = Items)]
    public void Own_products() => Step(PlaneFunction.Convolve);

    private void Step(Func<torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor> convolve)
    {
        using var scope = torch.NewDisposeScope();
        convolve(_x_BCHW, _weight_OCKK, _bias_O).backward([_gradient_BOHW]);
    }
}

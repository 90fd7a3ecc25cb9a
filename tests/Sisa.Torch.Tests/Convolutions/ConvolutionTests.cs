using Sisa.Sharding;
using Sisa.Torch.Convolutions;
using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Tests.Convolutions;

public sealed class ConvolutionTests
{
    private const int Height = 5;
    private const int Width = 4;

    private static readonly int[] Channels = [1, 3, 8, 10, 16, 20];

    public static TheoryData<int, int> Sizes()
    {
        var data = new TheoryData<int, int>();
        foreach (var items in (int[])[1, 6, 64])
        {
            foreach (var kernel in (int[])[1, 3, 5])
            {
                data.Add(items, kernel);
            }
        }

        return data;
    }

    // A sum of n float products of numbers up to 1 is off by less than n · 2⁻²⁴ times the sum of their sizes; random signs leave far less than 1e-5 of it.
    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_convolution_and_its_gradients_agree_with_loops_in_doubles(int items, int kernel)
    {
        foreach (var channels in Channels)
        {
            foreach (var outputs in Channels)
            {
                Compare(items, kernel, channels, outputs);
            }
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 1, 31)]
    [InlineData(28, 28, 3)]
    [InlineData(3, 105, 5)]
    public void Images_of_any_size_are_convolved_with_kernels_of_any_size(int height, int width, int kernel) =>
        Compare(3, kernel, 2, 5, height, width);

    [Fact]
    public void An_item_has_the_same_bits_in_any_company()
    {
        var shape = new PlaneShape(Height, Width, 3);
        var convolution = new PlaneConvolution(shape, 10, 10);
        var (x, weights, bias) = (Numbers(7 * 10 * Height * Width, 1), Numbers(10 * 10 * 9, 2), Numbers(10, 3));
        var (together, alone) = (new float[x.Length], new float[x.Length / 7]);
        convolution.Forward(x, weights, bias, together);
        for (var item = 0; item < 7; item++)
        {
            convolution.Forward(x.AsSpan(item * alone.Length, alone.Length), weights, bias, alone);

            Assert.Equal(together[(item * alone.Length)..((item + 1) * alone.Length)], alone);
        }
    }

    // Recorded once. AVX-512, AVX2 and no vector instructions give this digest, and so does either numeric profile.
    [Fact]
    public void The_bits_of_a_convolution_depend_on_no_processor()
    {
        var convolution = new PlaneConvolution(new PlaneShape(9, 8, 3), 10, 9);
        var (x, gradients) = (Numbers(6 * 10 * 72, 1), Numbers(6 * 9 * 72, 2));
        var (weights, bias) = (Numbers(9 * 90, 3), Numbers(9, 4));
        var (y, below, ofWeights, ofBias) = (new float[gradients.Length], new float[x.Length], new float[weights.Length], new float[9]);
        convolution.Forward(x, weights, bias, y);
        convolution.InputGradients(gradients, weights, below);
        convolution.ParameterGradients(x, gradients, ofWeights, ofBias);
        float[] all = [.. y, .. below, .. ofWeights, .. ofBias];

        Assert.Equal("f5dbef7d051e3c8f1410ea43e59579e65dd8be14abd8b50eb5693de5e2a25c8a", Digest.Of(System.Runtime.InteropServices.MemoryMarshal.AsBytes(all.AsSpan())).ToString());
    }

    [Fact]
    public void A_convolution_in_training_leaves_no_tensor_alive()
    {
        using var weight = torch.tensor(Numbers(5 * 2 * 9, 1)).view(5, 2, 3, 3).detach().requires_grad_();
        using var bias = torch.tensor(Numbers(5, 2)).requires_grad_();
        var before = 0L;
        for (var i = 0; i < 3; i++)
        {
            using (torch.NewDisposeScope())
            {
                var x = torch.tensor(Numbers(3 * 2 * 20, 3)).view(3, 2, 5, 4);
                PlaneFunction.Convolve(x, weight, bias).relu().sum().backward();
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (i > 0)
            {
                Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }

            before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }
    }

    private static void Compare(int items, int kernel, int channels, int outputs, int height = Height, int width = Width)
    {
        using var scope = torch.NewDisposeScope();
        var (x, gradients) = (Numbers(items * channels * height * width, 1), Numbers(items * outputs * height * width, 2));
        var (weights, bias) = (Numbers(outputs * channels * kernel * kernel, 3), Numbers(outputs, 4));
        var x_BCHW = torch.tensor(x).view(items, channels, height, width).detach().requires_grad_();
        var weight_OCKK = torch.tensor(weights).view(outputs, channels, kernel, kernel).detach().requires_grad_();
        var bias_O = torch.tensor(bias).requires_grad_();
        var y_BOHW = PlaneFunction.Convolve(x_BCHW, weight_OCKK, bias_O);
        y_BOHW.backward([torch.tensor(gradients).view(y_BOHW.shape)]);
        var (y, below, ofWeights, ofBias) = (new double[gradients.Length], new double[x.Length], new double[weights.Length], new double[outputs]);
        var (pixels, padding) = (height * width, kernel / 2);
        for (var i = 0; i < y.Length; i++)
        {
            var (map, pixel) = Math.DivRem(i, pixels);
            var (item, o) = Math.DivRem(map, outputs);
            var (row, column) = Math.DivRem(pixel, width);
            y[i] = bias[o];
            ofBias[o] += gradients[i];
            for (var dy = Math.Max(0, padding - row); dy < Math.Min(kernel, height + padding - row); dy++)
            {
                for (var dx = Math.Max(0, padding - column); dx < Math.Min(kernel, width + padding - column); dx++)
                {
                    var at = (item * channels * pixels) + ((row + dy - padding) * width) + column + dx - padding;
                    var w = (o * channels * kernel * kernel) + (dy * kernel) + dx;
                    for (var c = 0; c < channels; c++, at += pixels, w += kernel * kernel)
                    {
                        y[i] += (double)weights[w] * x[at];
                        below[at] += (double)weights[w] * gradients[i];
                        ofWeights[w] += (double)x[at] * gradients[i];
                    }
                }
            }
        }

        var which = $"batch {items}, kernel {kernel}, channels {channels} → {outputs}";
        Near(y, y_BOHW, $"{which}: output");
        Near(below, x_BCHW.grad!, $"{which}: gradient of the input");
        Near(ofWeights, weight_OCKK.grad!, $"{which}: gradient of the weights");
        Near(ofBias, bias_O.grad!, $"{which}: gradient of the bias");
    }

    private static void Near(double[] expected, torch.Tensor found, string what)
    {
        var numbers = ParameterSet.Memory(found.detach()).ToArray();
        Assert.Equal(expected.Length, numbers.Length);
        var largest = expected.Max(Math.Abs);
        var worst = expected.Zip(numbers, (e, f) => float.IsFinite(f) ? Math.Abs(e - f) : double.PositiveInfinity).Max();
        Assert.True(worst <= 2e-6 * Math.Max(1, largest), $"{what} is off by {worst}, of numbers up to {largest}");
    }

    private static float[] Numbers(int count, int seed)
    {
        var numbers = new float[count];
        new SeededGenerator(Seeds.Derive((ulong)seed, "convolution", count)).FillUniform(numbers, 1);
        return numbers;
    }
}

using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>A convolution over images, output as large as input.</summary>
/// <param name="Items">Images.</param>
/// <param name="Inputs">Channels of an image.</param>
/// <param name="Outputs">Channels of the output.</param>
/// <param name="Kernel">Width and height of the kernel, odd.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
internal record ConvolutionOperation(long Items, long Inputs, long Outputs, long Kernel, long Height, long Width) : KnownOperation
{
    private const long MostProducts = 1L << 24;
    private const int PositionsPerChannel = 3;

    /// <inheritdoc/>
    public override string Description => $"the convolution of {Items} images of {Height} × {Width} pixels, {Inputs} channels into {Outputs}, kernel {Kernel} × {Kernel}";

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> InputShapes => [[Items, Inputs, Height, Width], [Outputs, Inputs, Kernel, Kernel], [Outputs]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Items, Outputs, Height, Width];

    private long Padding => Kernel / 2;

    /// <summary>A convolution as a model has it, of fewer images where all would take longer than a moment.</summary>
    public static ConvolutionOperation Of(long items, long inputs, long outputs, long kernel, long height, long width) =>
        new(Math.Clamp(MostProducts / (inputs * outputs * kernel * kernel * height * width), 1, items), inputs, outputs, kernel, height, width);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => ConvolutionLayer.Convolve(inputs[0], inputs[1], inputs[2], Padding);

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        foreach (var o in question.Sample(Outputs))
        {
            for (var i = 0; i < PositionsPerChannel; i++)
            {
                yield return Output(question, o);
            }

            yield return WeightGradient(question, o, question.Pick(Inputs));
            yield return BiasGradient(question, o);
        }

        foreach (var c in question.Sample(Inputs))
        {
            for (var i = 0; i < PositionsPerChannel; i++)
            {
                yield return InputGradient(question, c);
            }
        }
    }

    private KnownNumber Output(KnownQuestion question, long o)
    {
        var (item, row, column) = (question.Pick(Items), question.Pick(Height), question.Pick(Width));
        var sum = new KnownSum(question.Inputs[2][o]);
        for (var c = 0L; c < Inputs; c++)
        {
            foreach (var (i, j) in Offsets().Where(at => IsInside(row + at.I, column + at.J)))
            {
                sum.Add(question.Inputs[0][Pixel(item, Inputs, c, row + i, column + j)], question.Inputs[1][Weight(o, c, i, j)]);
            }
        }

        return sum.At(KnownNumber.Output, Pixel(item, Outputs, o, row, column));
    }

    private KnownNumber InputGradient(KnownQuestion question, long c)
    {
        var (item, row, column) = (question.Pick(Items), question.Pick(Height), question.Pick(Width));
        var sum = default(KnownSum);
        for (var o = 0L; o < Outputs; o++)
        {
            foreach (var (i, j) in Offsets().Where(at => IsInside(row - at.I, column - at.J)))
            {
                sum.Add(question.OutputGradient[Pixel(item, Outputs, o, row - i, column - j)], question.Inputs[1][Weight(o, c, i, j)]);
            }
        }

        return sum.At(0, Pixel(item, Inputs, c, row, column));
    }

    private KnownNumber WeightGradient(KnownQuestion question, long o, long c)
    {
        var (i, j) = (question.Pick(Kernel) - Padding, question.Pick(Kernel) - Padding);
        var sum = default(KnownSum);
        for (var item = 0L; item < Items; item++)
        {
            for (var row = Math.Max(0, -i); row < Math.Min(Height, Height - i); row++)
            {
                for (var column = Math.Max(0, -j); column < Math.Min(Width, Width - j); column++)
                {
                    sum.Add(question.OutputGradient[Pixel(item, Outputs, o, row, column)], question.Inputs[0][Pixel(item, Inputs, c, row + i, column + j)]);
                }
            }
        }

        return sum.At(1, Weight(o, c, i, j));
    }

    private KnownNumber BiasGradient(KnownQuestion question, long o)
    {
        var sum = default(KnownSum);
        for (var item = 0L; item < Items; item++)
        {
            foreach (var gradient in question.OutputGradient.AsSpan((int)Pixel(item, Outputs, o, 0, 0), (int)(Height * Width)))
            {
                sum.Add(gradient, 1);
            }
        }

        return sum.At(2, o);
    }

    // Offsets of a kernel's weights from its middle.
    private IEnumerable<(long I, long J)> Offsets()
    {
        for (var i = -Padding; i <= Padding; i++)
        {
            for (var j = -Padding; j <= Padding; j++)
            {
                yield return (i, j);
            }
        }
    }

    private bool IsInside(long row, long column) => row >= 0 && row < Height && column >= 0 && column < Width;

    private long Pixel(long item, long channels, long channel, long row, long column) => ((((item * channels) + channel) * Height) + row) * Width + column;

    private long Weight(long o, long c, long i, long j) => ((((o * Inputs) + c) * Kernel) + i + Padding) * Kernel + j + Padding;
}

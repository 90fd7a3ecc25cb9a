using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>A convolution over images, output as large as input.</summary>
/// <param name="Items">Number of images.</param>
/// <param name="Inputs">Channels of an image.</param>
/// <param name="Outputs">Channels of the output.</param>
/// <param name="Kernel">Width and height of the kernel, odd.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
public record ConvolutionOperation(long Items, long Inputs, long Outputs, long Kernel, long Height, long Width) : KnownOperation
{
    private const int WantedItems = 4;
    private const int PositionsPerChannel = 3;

    private delegate void Look(long item, long channel, long row, long column);

    /// <inheritdoc/>
    public override string Description => $"the convolution of {Items} images of {Height} × {Width} pixels, {Inputs} channels into {Outputs}, kernel {Kernel} × {Kernel}";

    /// <inheritdoc/>
    public override long[][] InputShapes => [[Items, Inputs, Height, Width], [Outputs, Inputs, Kernel, Kernel], [Outputs]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Items, Outputs, Height, Width];

    private long Padding => Kernel / 2;

    /// <summary>A convolution as a model has it, of fewer images where all would take longer than a moment.</summary>
    public static ConvolutionOperation Of(long items, long inputs, long outputs, long kernel, long height, long width) =>
        new(Fewer(items, inputs * outputs * kernel * kernel * height * width, WantedItems, 1), inputs, outputs, kernel, height, width);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => ConvolutionLayer.Convolve(inputs[0], inputs[1], inputs[2], Padding);

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        LookAt(question, Outputs, (item, o, row, column) => Output(question, found, item, o, row, column));
        LookAt(question, Inputs, (item, c, row, column) => InputGradient(question, found, item, c, row, column));
        var place = 0;
        foreach (var weight in question.Places(Outputs, Inputs))
        {
            // Every position of a kernel in turn.
            var (o, c) = Math.DivRem(weight, Inputs);
            WeightGradient(question, found, o, c, place / Kernel % Kernel, place % Kernel);
            place++;
        }

        for (var o = 0L; o < Outputs; o++)
        {
            BiasGradient(question, found, o);
        }
    }

    // Every sampled channel and item somewhere, and the whole rim of an image, where padding takes part: on the first item, on the last, and on those between in turn.
    private void LookAt(KnownQuestion question, long channels, Look look)
    {
        foreach (var channel in question.Sample(channels))
        {
            for (var i = 0; i < PositionsPerChannel; i++)
            {
                look(question.Pick(Items), channel, question.Pick(Height), question.Pick(Width));
            }
        }

        foreach (var item in question.Sample(Items))
        {
            look(item, question.Pick(channels), question.Pick(Height), question.Pick(Width));
        }

        foreach (var row in question.Sample(Height))
        {
            look(row % Items, question.Pick(channels), row, 0);
            look(Items - 1 - (row % Items), question.Pick(channels), row, Width - 1);
        }

        foreach (var column in question.Sample(Width))
        {
            look(column % Items, question.Pick(channels), 0, column);
            look(Items - 1 - (column % Items), question.Pick(channels), Height - 1, column);
        }
    }

    private void Output(KnownQuestion question, KnownNumbers found, long item, long o, long row, long column)
    {
        var sum = new KnownSum(question.Inputs[2][o]);
        var (from, to) = (Math.Max(-Padding, -column), Math.Min(Padding, Width - 1 - column));
        for (var c = 0L; c < Inputs; c++)
        {
            for (var i = Math.Max(-Padding, -row); i <= Math.Min(Padding, Height - 1 - row); i++)
            {
                sum.Add(question.Inputs[0], Pixel(item, Inputs, c, row + i, column + from), 1, question.Inputs[1], Weight(o, c, i, from), 1, to - from + 1);
            }
        }

        sum.Require(found, KnownNumbers.Output, Pixel(item, Outputs, o, row, column));
    }

    private void InputGradient(KnownQuestion question, KnownNumbers found, long item, long c, long row, long column)
    {
        var sum = default(KnownSum);
        var (from, to) = (Math.Max(-Padding, column - Width + 1), Math.Min(Padding, column));
        for (var o = 0L; o < Outputs; o++)
        {
            for (var i = Math.Max(-Padding, row - Height + 1); i <= Math.Min(Padding, row); i++)
            {
                sum.Add(question.OutputGradient, Pixel(item, Outputs, o, row - i, column - from), -1, question.Inputs[1], Weight(o, c, i, from), 1, to - from + 1);
            }
        }

        sum.Require(found, 0, Pixel(item, Inputs, c, row, column));
    }

    private void WeightGradient(KnownQuestion question, KnownNumbers found, long o, long c, long down, long across)
    {
        var (i, j) = (down - Padding, across - Padding);
        var sum = default(KnownSum);
        var (from, to) = (Math.Max(0, -j), Math.Min(Width, Width - j));
        for (var item = 0L; item < Items && from < to; item++)
        {
            for (var row = Math.Max(0, -i); row < Math.Min(Height, Height - i); row++)
            {
                sum.Add(question.OutputGradient, Pixel(item, Outputs, o, row, from), 1, question.Inputs[0], Pixel(item, Inputs, c, row + i, from + j), 1, to - from);
            }
        }

        sum.Require(found, 1, Weight(o, c, i, j));
    }

    private void BiasGradient(KnownQuestion question, KnownNumbers found, long o)
    {
        var sum = default(KnownSum);
        for (var item = 0L; item < Items; item++)
        {
            sum.Add(question.OutputGradient, Pixel(item, Outputs, o, 0, 0), 1, Height * Width);
        }

        sum.Require(found, 2, o);
    }

    private long Pixel(long item, long channels, long channel, long row, long column) => ((((item * channels) + channel) * Height) + row) * Width + column;

    private long Weight(long o, long c, long i, long j) => ((((o * Inputs) + c) * Kernel) + i + Padding) * Kernel + j + Padding;
}

using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Normalisation of each item by itself: over its features, or over channels and pixels together.</summary>
/// <param name="Rows">Number of items.</param>
/// <param name="Channels">Features or channels, each with a gain and a shift.</param>
/// <param name="Height">Rows of pixels; 0 where there are no pixels.</param>
/// <param name="Columns">Columns of pixels; 0 where there are no pixels.</param>
public sealed record NormOperation(long Rows, long Channels, long Height = 0, long Columns = 0) : RowOperation(Rows, Channels * Math.Max(1, Height * Columns))
{
    private const int Gains = 1;
    private const int Shifts = 2;

    /// <inheritdoc/>
    public override string Description => Height == 0 ? $"the layer norm of {Rows} rows of {Channels} numbers" : $"the norm of {Rows} images of {Height} × {Columns} pixels and {Channels} channels";

    /// <inheritdoc/>
    public override long[][] InputShapes => [OutputShape, [Channels], [Channels]];

    /// <inheritdoc/>
    public override long[] OutputShape => Height == 0 ? [Rows, Channels] : [Rows, Channels, Height, Columns];

    private long Space => Width / Channels;

    /// <summary>Items as a model has them, of which a few are computed.</summary>
    public static NormOperation Of(long rows, long channels, long height = 0, long columns = 0) => new(Few(rows, channels * Math.Max(1, height * columns)), channels, height, columns);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) =>
        Height == 0 ? NormLayer.Normalise(inputs[0], inputs[Gains], inputs[Shifts]) : NormLayer.NormaliseImage(inputs[0], inputs[Gains], inputs[Shifts]);

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        var (x, gains, shifts, gradient) = (question.Inputs[0], question.Inputs[Gains], question.Inputs[Shifts], question.OutputGradient);
        var (gainGradients, shiftGradients, numbers) = (new double[Channels], new double[Channels], new double[Width]);
        for (var from = 0L; from < Rows * Width; from += Width)
        {
            var (sum, squares) = (0.0, 0.0);
            for (var i = from; i < from + Width; i++)
            {
                sum += x[i];
                squares += (double)x[i] * x[i];
            }

            var mean = sum / Width;
            var scale = 1 / Math.Sqrt((squares / Width) - (mean * mean) + NormLayer.Epsilon);
            var (innerMean, projection) = (0.0, 0.0);
            for (var channel = 0L; channel < Channels; channel++)
            {
                for (var i = channel * Space; i < (channel + 1) * Space; i++)
                {
                    var (normal, g) = ((x[from + i] - mean) * scale, (double)gradient[from + i]);
                    numbers[i] = (normal * gains[channel]) + shifts[channel];
                    gainGradients[channel] += g * normal;
                    shiftGradients[channel] += g;
                    innerMean += g * gains[channel];
                    projection += g * gains[channel] * normal;
                }
            }

            All(found, KnownNumbers.Output, from, numbers);
            (innerMean, projection) = (innerMean / Width, projection / Width);
            for (var channel = 0L; channel < Channels; channel++)
            {
                for (var i = channel * Space; i < (channel + 1) * Space; i++)
                {
                    numbers[i] = scale * (((double)gradient[from + i] * gains[channel]) - innerMean - ((x[from + i] - mean) * scale * projection));
                }
            }

            All(found, 0, from, numbers);
        }

        All(found, Gains, 0, gainGradients);
        All(found, Shifts, 0, shiftGradients);
    }
}

using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Normalisation of each item by itself: over its features, or over channels and pixels together.</summary>
/// <param name="Rows">Items.</param>
/// <param name="Channels">Features or channels, each with a gain and a shift.</param>
/// <param name="Height">Rows of pixels; 0 where there are no pixels.</param>
/// <param name="Columns">Columns of pixels; 0 where there are no pixels.</param>
internal sealed record NormOperation(long Rows, long Channels, long Height = 0, long Columns = 0) : RowOperation(Rows, Channels * Math.Max(1, Height * Columns))
{
    private const int Gains = 1;
    private const int Shifts = 2;

    /// <inheritdoc/>
    public override string Description => Height == 0 ? $"the layer norm of {Rows} rows of {Channels} numbers" : $"the norm of {Rows} images of {Height} × {Columns} pixels and {Channels} channels";

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> InputShapes => [OutputShape, [Channels], [Channels]];

    /// <inheritdoc/>
    public override long[] OutputShape => Height == 0 ? [Rows, Channels] : [Rows, Channels, Height, Columns];

    private long Space => Width / Channels;

    /// <summary>Items as a model has them, of which a few are computed.</summary>
    public static NormOperation Of(long rows, long channels, long height = 0, long columns = 0) => new(Math.Min(rows, MostRows), channels, height, columns);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) =>
        Height == 0 ? NormLayer.Normalise(inputs[0], inputs[Gains], inputs[Shifts]) : NormLayer.NormaliseImage(inputs[0], inputs[Gains], inputs[Shifts]);

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        var numbers = new List<KnownNumber>();
        var (gainGradients, shiftGradients) = (new double[Channels], new double[Channels]);
        for (var row = 0L; row < Rows; row++)
        {
            var (from, gains, shifts) = (row * Width, question.Inputs[Gains], question.Inputs[Shifts]);
            var x = question.Inputs[0].AsSpan((int)from, (int)Width).ToArray();
            var gradient = question.OutputGradient.AsSpan((int)from, (int)Width).ToArray();
            var mean = x.Average(value => (double)value);
            var scale = 1 / Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + NormLayer.Epsilon);
            double[] normal = [.. x.Select(value => (value - mean) * scale)];
            double[] inner = [.. gradient.Select((g, i) => (double)g * gains[i / Space])];
            var (innerMean, projection) = (inner.Average(), inner.Zip(normal, (g, n) => g * n).Average());
            numbers.AddRange(All(KnownNumber.Output, from, [.. normal.Select((n, i) => (n * gains[i / Space]) + shifts[i / Space])]));
            numbers.AddRange(All(0, from, [.. inner.Zip(normal, (g, n) => scale * (g - innerMean - (n * projection)))]));
            for (var i = 0; i < Width; i++)
            {
                gainGradients[i / Space] += gradient[i] * normal[i];
                shiftGradients[i / Space] += gradient[i];
            }
        }

        return numbers.Concat(All(Gains, 0, gainGradients)).Concat(All(Shifts, 0, shiftGradients));
    }
}

using Sisa.Torch.Sequences;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The root-mean-square norm of decoders, without its gains.</summary>
/// <param name="Rows">Positions.</param>
/// <param name="Width">Width of the residual stream.</param>
/// <param name="Epsilon">Added to the mean square.</param>
internal sealed record RootMeanSquareOperation(long Rows, long Width, double Epsilon) : RowOperation(Rows, Width)
{
    /// <inheritdoc/>
    public override string Description => $"the root-mean-square norm of {Rows} rows of {Width} numbers";

    /// <summary>Rows as a model has them, of which a few are computed.</summary>
    public static RootMeanSquareOperation Of(long rows, long width, double epsilon) => new(Math.Min(rows, MostRows), width, epsilon);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => Decoder.Normalise(inputs[0], Epsilon);

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        for (var row = 0L; row < Rows; row++)
        {
            var from = row * Width;
            var x = question.Inputs[0].AsSpan((int)from, (int)Width).ToArray();
            var gradient = question.OutputGradient.AsSpan((int)from, (int)Width).ToArray();
            var scale = 1 / Math.Sqrt(x.Average(value => (double)value * value) + Epsilon);
            double[] normal = [.. x.Select(value => value * scale)];
            var projection = normal.Zip(gradient, (n, g) => n * g).Average();
            foreach (var number in All(KnownNumber.Output, from, normal).Concat(All(0, from, [.. normal.Zip(gradient, (n, g) => scale * (g - (n * projection)))])))
            {
                yield return number;
            }
        }
    }
}

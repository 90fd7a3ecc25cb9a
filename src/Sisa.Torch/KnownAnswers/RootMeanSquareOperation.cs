using Sisa.Torch.Models.Decoders;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The root-mean-square norm of decoders, without its gains.</summary>
/// <param name="Rows">Number of positions.</param>
/// <param name="Width">Width of the residual stream.</param>
/// <param name="Epsilon">Added to the mean square.</param>
public sealed record RootMeanSquareOperation(long Rows, long Width, double Epsilon) : RowOperation(Rows, Width)
{
    /// <inheritdoc/>
    public override string Description => $"the root-mean-square norm of {Rows} rows of {Width} numbers";

    /// <summary>Rows as a model has them, of which a few are computed.</summary>
    public static RootMeanSquareOperation Of(long rows, long width, double epsilon) => new(Few(rows, width), width, epsilon);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => Decoder.Normalise(inputs[0], Epsilon);

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        var (x, gradient, numbers) = (question.Inputs[0], question.OutputGradient, new double[Width]);
        for (var from = 0L; from < Rows * Width; from += Width)
        {
            var (squares, products) = (0.0, 0.0);
            for (var i = from; i < from + Width; i++)
            {
                squares += (double)x[i] * x[i];
                products += (double)x[i] * gradient[i];
            }

            var scale = 1 / Math.Sqrt((squares / Width) + Epsilon);
            var projection = products / Width * scale;
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = x[from + i] * scale;
            }

            All(found, KnownNumbers.Output, from, numbers);
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = scale * (gradient[from + i] - (numbers[i] * projection));
            }

            All(found, 0, from, numbers);
        }
    }
}

using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Softmax over each row, as attention and probabilities have it.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Width">Numbers of a row.</param>
public sealed record SoftmaxOperation(long Rows, long Width) : RowOperation(Rows, Width)
{
    /// <inheritdoc/>
    public override string Description => $"the softmax of {Rows} rows of {Width} numbers";

    /// <summary>Rows as a model has them, of which a few are computed.</summary>
    public static SoftmaxOperation Of(long rows, long width) => new(Few(rows, width), width);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => inputs[0].softmax(-1);

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        var y = new double[Width];
        for (var from = 0L; from < Rows * Width; from += Width)
        {
            Probabilities(question.Inputs[0], from, y);
            All(found, KnownNumbers.Output, from, y);
            var mean = 0.0;
            for (var i = 0; i < y.Length; i++)
            {
                mean += y[i] * question.OutputGradient[from + i];
            }

            for (var i = 0; i < y.Length; i++)
            {
                y[i] *= question.OutputGradient[from + i] - mean;
            }

            All(found, 0, from, y);
        }
    }

    /// <summary>Softmax in doubles.</summary>
    /// <param name="x">Rows, one behind the other.</param>
    /// <param name="from">Position of the row's first number.</param>
    /// <param name="y">Receives the row's softmax.</param>
    internal static void Probabilities(KnownArray x, long from, double[] y)
    {
        var sum = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = Math.Exp(x[from + i]);
            sum += y[i];
        }

        for (var i = 0; i < y.Length; i++)
        {
            y[i] /= sum;
        }
    }
}

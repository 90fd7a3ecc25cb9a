using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The mean cross-entropy that training minimises.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Width">Classes, or tokens.</param>
public sealed record CrossEntropyOperation(long Rows, long Width) : RowOperation(Rows, Width)
{
    /// <inheritdoc/>
    public override string Description => $"the cross-entropy of {Rows} rows of {Width} numbers";

    /// <inheritdoc/>
    public override long[] OutputShape => [];

    /// <summary>Rows as a model has them, of which a few are computed.</summary>
    public static CrossEntropyOperation Of(long rows, long width) => new(Few(rows, width), width);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs)
    {
        var labels = new long[Rows];
        for (var row = 0; row < labels.Length; row++)
        {
            labels[row] = Label(row);
        }

        return functional.cross_entropy(inputs[0], torch.tensor(labels, device: inputs[0].device));
    }

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        var (loss, share, gradient) = (0.0, question.OutputGradient[0] / Rows, new double[Width]);
        for (var row = 0L; row < Rows; row++)
        {
            SoftmaxOperation.Probabilities(question.Inputs[0], row * Width, gradient);
            loss -= Math.Log(gradient[Label(row)]) / Rows;
            gradient[Label(row)] -= 1;
            foreach (ref var number in new Span<double>(gradient))
            {
                number *= share;
            }

            All(found, 0, row * Width, gradient);
        }

        All(found, KnownNumbers.Output, 0, [loss]);
    }

    private long Label(long row) => Width - 1 - (row % Width);
}

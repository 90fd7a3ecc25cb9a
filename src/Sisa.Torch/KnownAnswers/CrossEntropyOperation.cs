using TorchSharp;
using static TorchSharp.torch.nn;

namespace Sisa.Torch.KnownAnswers;

/// <summary>The mean cross-entropy that training minimises.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Width">Classes, or tokens.</param>
internal sealed record CrossEntropyOperation(long Rows, long Width) : RowOperation(Rows, Width)
{
    /// <inheritdoc/>
    public override string Description => $"the cross-entropy of {Rows} rows of {Width} numbers";

    /// <inheritdoc/>
    public override long[] OutputShape => [];

    /// <summary>Rows as a model has them, of which a few are computed.</summary>
    public static CrossEntropyOperation Of(long rows, long width) => new(Math.Min(rows, MostRows), width);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) =>
        functional.cross_entropy(inputs[0], torch.tensor([.. Enumerable.Range(0, (int)Rows).Select(Label)], device: inputs[0].device));

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        var (loss, gradients) = (0.0, new List<double>());
        for (var row = 0; row < Rows; row++)
        {
            var probabilities = SoftmaxOperation.Probabilities(question.Inputs[0].AsSpan((int)(row * Width), (int)Width));
            loss -= Math.Log(probabilities[Label(row)]) / Rows;
            probabilities[Label(row)] -= 1;
            gradients.AddRange(probabilities.Select(gradient => gradient / Rows));
        }

        return All(KnownNumber.Output, 0, [loss]).Concat(All(0, 0, gradients));
    }

    private long Label(int row) => Width - 1 - (row % Width);
}

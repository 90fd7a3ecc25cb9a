using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Several matrix products at once: y = a · b, or a · bᵀ.</summary>
/// <param name="Count">How many products.</param>
/// <param name="Rows">Rows of a.</param>
/// <param name="Inner">Columns of a.</param>
/// <param name="Columns">Columns of y.</param>
/// <param name="Transposed">Whether b has the layout [columns, inner], like keys and weights.</param>
/// <param name="Precision">Numbers in which it is computed.</param>
public sealed record BatchedProductOperation(long Count, long Rows, long Inner, long Columns, bool Transposed, ComputePrecision Precision = ComputePrecision.Full) : KnownOperation
{
    private const int WantedProducts = 4;

    /// <inheritdoc/>
    public override string Description =>
        $"{Count} products of {Rows} × {Inner} and {Inner} × {Columns} numbers at once{(Transposed ? ", the second transposed" : string.Empty)}{(Precision == ComputePrecision.Full ? string.Empty : ", in bfloat16")}";

    /// <inheritdoc/>
    public override long[][] InputShapes => [[Count, Rows, Inner], Transposed ? [Count, Columns, Inner] : [Count, Inner, Columns]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Count, Rows, Columns];

    // The place of b's element for an inner row and a column, and the steps along both.
    private (long Inner, long Column) Steps => Transposed ? (1, Inner) : (Columns, 1);

    /// <summary>Products as a model has them, fewer of them where all would take longer than a moment.</summary>
    public static BatchedProductOperation Of(long count, long rows, long inner, long columns, bool transposed, ComputePrecision precision = ComputePrecision.Full) =>
        new(Fewer(count, rows * inner * columns, WantedProducts, 1), rows, inner, columns, transposed, precision);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => Products.Batched(inputs[0], Transposed ? inputs[1].transpose(1, 2) : inputs[1], Precision);

    /// <inheritdoc/>
    internal override void Compare(KnownQuestion question, KnownNumbers found)
    {
        for (var n = 0L; n < Count; n++)
        {
            // Every product is looked at, the first and the last closely.
            var closely = n == 0 || n == Count - 1;
            foreach (var place in Places(question, closely, Rows, Columns))
            {
                var (row, column) = Math.DivRem(place, Columns);
                var sum = default(KnownSum);
                sum.Add(question.Inputs[0], ((n * Rows) + row) * Inner, 1, question.Inputs[1], (n * Inner * Columns) + (column * Steps.Column), Steps.Inner, Inner);
                sum.Require(found, KnownNumbers.Output, (n * Rows * Columns) + place, Precision);
            }

            foreach (var place in Places(question, closely, Rows, Inner))
            {
                var (row, k) = Math.DivRem(place, Inner);
                var sum = default(KnownSum);
                sum.Add(question.OutputGradient, ((n * Rows) + row) * Columns, 1, question.Inputs[1], (n * Inner * Columns) + (k * Steps.Inner), Steps.Column, Columns);
                sum.Require(found, 0, (n * Rows * Inner) + place, Precision);
            }

            foreach (var place in Places(question, closely, Inner, Columns))
            {
                var (k, column) = Math.DivRem(place, Columns);
                var sum = default(KnownSum);
                sum.Add(question.Inputs[0], (n * Rows * Inner) + k, Inner, question.OutputGradient, (n * Rows * Columns) + column, Columns, Rows);
                sum.Require(found, 1, (n * Inner * Columns) + (k * Steps.Inner) + (column * Steps.Column), Precision);
            }
        }
    }

    private static long[] Places(KnownQuestion question, bool closely, long rows, long columns) => closely ? question.Places(rows, columns) : [(question.Pick(rows) * columns) + question.Pick(columns)];
}

using Sisa.Torch.Models;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.KnownAnswers;

/// <summary>Several matrix products at once: y = a · b, or a · bᵀ.</summary>
/// <param name="Count">How many products.</param>
/// <param name="Rows">Rows of a.</param>
/// <param name="Inner">Columns of a.</param>
/// <param name="Columns">Columns of y.</param>
/// <param name="Transposed">Whether b lies as [columns, inner], as keys and weights do.</param>
/// <param name="Precision">Numbers in which it is computed.</param>
internal sealed record BatchedProductOperation(long Count, long Rows, long Inner, long Columns, bool Transposed, ComputePrecision Precision = ComputePrecision.Full) : KnownOperation
{
    private const long MostProducts = 1L << 24;
    private const int SampledProducts = 4;

    /// <inheritdoc/>
    public override string Description =>
        $"{Count} products of {Rows} × {Inner} and {Inner} × {Columns} numbers at once{(Transposed ? ", the second transposed" : string.Empty)}{(Precision == ComputePrecision.Full ? string.Empty : ", in bfloat16")}";

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> InputShapes => [[Count, Rows, Inner], Transposed ? [Count, Columns, Inner] : [Count, Inner, Columns]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Count, Rows, Columns];

    // Where b's element of a row of its product's inner dimension and a column lies, and the steps along both.
    private (long Inner, long Column) Steps => Transposed ? (1, Inner) : (Columns, 1);

    /// <summary>Products as a model has them, fewer of them where all would take longer than a moment.</summary>
    public static BatchedProductOperation Of(long count, long rows, long inner, long columns, bool transposed, ComputePrecision precision = ComputePrecision.Full) =>
        new(Math.Clamp(MostProducts / (rows * inner * columns), 1, count), rows, inner, columns, transposed, precision);

    /// <inheritdoc/>
    public override torch.Tensor Compute(IReadOnlyList<torch.Tensor> inputs) => Products.Batched(inputs[0], Transposed ? inputs[1].transpose(1, 2) : inputs[1], Precision);

    /// <inheritdoc/>
    public override IEnumerable<KnownNumber> Expect(KnownQuestion question)
    {
        long[] products = Count <= SampledProducts ? [.. Enumerable.Range(0, (int)Count)] : [0, question.Pick(Count), question.Pick(Count), Count - 1];
        foreach (var n in products)
        {
            foreach (var column in question.Sample(Columns))
            {
                yield return Output(question, n, question.Pick(Rows), column);
                yield return SecondGradient(question, n, question.Pick(Inner), column);
            }

            foreach (var k in question.Sample(Inner))
            {
                yield return FirstGradient(question, n, question.Pick(Rows), k);
            }
        }
    }

    private KnownNumber Output(KnownQuestion question, long n, long row, long column)
    {
        var sum = default(KnownSum);
        sum.Add(question.Inputs[0], ((n * Rows) + row) * Inner, 1, question.Inputs[1], (n * Inner * Columns) + (column * Steps.Column), Steps.Inner, Inner);
        return sum.At(KnownNumber.Output, (((n * Rows) + row) * Columns) + column, Precision);
    }

    private KnownNumber FirstGradient(KnownQuestion question, long n, long row, long k)
    {
        var sum = default(KnownSum);
        sum.Add(question.OutputGradient, ((n * Rows) + row) * Columns, 1, question.Inputs[1], (n * Inner * Columns) + (k * Steps.Inner), Steps.Column, Columns);
        return sum.At(0, (((n * Rows) + row) * Inner) + k, Precision);
    }

    private KnownNumber SecondGradient(KnownQuestion question, long n, long k, long column)
    {
        var sum = default(KnownSum);
        sum.Add(question.Inputs[0], (n * Rows * Inner) + k, Inner, question.OutputGradient, (n * Rows * Columns) + column, Columns, Rows);
        return sum.At(1, (n * Inner * Columns) + (k * Steps.Inner) + (column * Steps.Column), Precision);
    }
}

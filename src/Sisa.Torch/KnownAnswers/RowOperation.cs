namespace Sisa.Torch.KnownAnswers;

/// <summary>An operation on rows by themselves: softmax and norms.</summary>
/// <param name="Rows">Number of rows; a few show as much as many.</param>
/// <param name="Width">Numbers of a row.</param>
public abstract record RowOperation(long Rows, long Width) : KnownOperation
{
    private const long MostRows = 4;
    private const long MostNumbers = 1L << 16;

    // Exponentials, roots and sums of a whole row are rounded several times; measured errors of right libraries are a tenth of it.
    private const double Tolerance = 2e-5;

    /// <inheritdoc/>
    public override long[][] InputShapes => [[Rows, Width]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Rows, Width];

    /// <summary>Rows that are looked at, of however many a model has.</summary>
    /// <param name="rows">The model's.</param>
    /// <param name="width">Numbers of a row.</param>
    protected static long Few(long rows, long width) => Math.Min(rows, Math.Clamp(MostNumbers / width, 2, MostRows));

    /// <summary>Requires numbers, each as exact as the largest of them allows.</summary>
    /// <param name="found">The result.</param>
    /// <param name="input">The input whose gradient they are, or <see cref="KnownNumbers.Output"/>.</param>
    /// <param name="from">Position of the first.</param>
    /// <param name="values">The numbers, one behind the other.</param>
    private protected static void All(KnownNumbers found, int input, long from, double[] values)
    {
        var largest = 0.0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (var i = 0; i < values.Length; i++)
        {
            found.Require(input, from + i, values[i], Tolerance * largest);
        }
    }
}

namespace Sisa.Torch.KnownAnswers;

/// <summary>An operation on rows by themselves: softmax and norms.</summary>
/// <param name="Rows">Rows; a few tell as much as many.</param>
/// <param name="Width">Numbers of a row.</param>
internal abstract record RowOperation(long Rows, long Width) : KnownOperation
{
    /// <summary>Rows that are looked at, of however many.</summary>
    protected const long MostRows = 4;

    // Exponentials, roots and sums of a whole row are rounded several times; measured errors of right libraries are a tenth of it.
    private const double Tolerance = 2e-5;

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> InputShapes => [[Rows, Width]];

    /// <inheritdoc/>
    public override long[] OutputShape => [Rows, Width];

    /// <summary>Numbers that must come out, each as exact as the largest of them allows.</summary>
    /// <param name="input">The input whose gradient they are, or <see cref="KnownNumber.Output"/>.</param>
    /// <param name="from">Position of the first.</param>
    /// <param name="values">The numbers, one behind the other.</param>
    protected static IEnumerable<KnownNumber> All(int input, long from, IReadOnlyCollection<double> values)
    {
        var largest = values.Max(Math.Abs);
        return values.Select((value, i) => new KnownNumber(input, from + i, value, Tolerance * largest));
    }
}

using Sisa.Training;

namespace Sisa.Torch.KnownAnswers;

/// <summary>A sum of products in doubles, with what it takes to say how far a right computation in fewer bits may be from it.</summary>
internal ref struct KnownSum
{
    // Sums of up to 4,096 terms are exact in float32, whatever the order; of more, rounding errors of both signs accumulate to a few units in the last place of the sum of magnitudes.
    private const double Float32 = 1e-6;

    // A result that is rounded to bfloat16 keeps eight bits; a library may round once more on the way.
    private const double BFloat16 = 1.0 / 128;

    private double _value;
    private double _magnitude;

    /// <summary>Starts from a number that is no product.</summary>
    /// <param name="first">The number.</param>
    public KnownSum(double first) => (_value, _magnitude) = (first, Math.Abs(first));

    /// <summary>Adds a product.</summary>
    public void Add(double a, double b)
    {
        _value += a * b;
        _magnitude += Math.Abs(a * b);
    }

    /// <summary>Adds products of two rows.</summary>
    /// <param name="a">Numbers.</param>
    /// <param name="fromA">Position of the first.</param>
    /// <param name="stepA">From one to the next.</param>
    /// <param name="b">Numbers.</param>
    /// <param name="fromB">Position of the first.</param>
    /// <param name="stepB">From one to the next.</param>
    /// <param name="count">How many products.</param>
    public void Add(float[] a, long fromA, long stepA, float[] b, long fromB, long stepB, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            Add(a[fromA + (i * stepA)], b[fromB + (i * stepB)]);
        }
    }

    /// <summary>The sum as a number that must come out.</summary>
    /// <param name="input">The input whose gradient it belongs to, or <see cref="KnownNumber.Output"/>.</param>
    /// <param name="index">Its position.</param>
    /// <param name="precision">Numbers in which the product is computed.</param>
    public readonly KnownNumber At(int input, long index, ComputePrecision precision = ComputePrecision.Full)
    {
        var tolerance = Float32 * (1 + _magnitude);
        return new KnownNumber(input, index, _value, precision == ComputePrecision.Full ? tolerance : tolerance + (BFloat16 * (Math.Abs(_value) + (1.0 / 16))));
    }
}

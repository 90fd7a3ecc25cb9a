using Sisa.Training;

namespace Sisa.Torch.KnownAnswers;

/// <summary>A sum of products in doubles, with what it takes to say how far a right computation in fewer bits may be from it.</summary>
internal ref struct KnownSum
{
    // Sums of up to 4,096 terms are exact in float32, whatever the order; of more, rounding errors of both signs accumulate to a few units in the last place of the sum of magnitudes.
    private const double Float32 = 1e-6;

    // What a product of two numbers in [−1, 1] is without its sign, on average.
    private const double Magnitude = 1.0 / 4;

    // A result that is rounded to bfloat16 keeps eight bits; a library may round once more on the way.
    private const double BFloat16 = 1.0 / 128;

    private double _value;
    private long _terms;

    /// <summary>Starts from a number that is no product.</summary>
    /// <param name="first">The number.</param>
    public KnownSum(double first) => _value = first;

    /// <summary>Adds products of two rows.</summary>
    /// <param name="a">The first factors.</param>
    /// <param name="fromA">Position of the first.</param>
    /// <param name="stepA">From one to the next.</param>
    /// <param name="b">The second factors.</param>
    /// <param name="fromB">Position of the first.</param>
    /// <param name="stepB">From one to the next.</param>
    /// <param name="count">How many products.</param>
    public void Add(KnownArray a, long fromA, long stepA, KnownArray b, long fromB, long stepB, long count)
    {
        // Two sums, since an addition takes several cycles; doubles hold all of them without rounding.
        var (even, odd) = (0.0, 0.0);
        var i = 0L;
        for (; i < count - 1; i += 2, fromA += 2 * stepA, fromB += 2 * stepB)
        {
            even += (double)a[fromA] * b[fromB];
            odd += (double)a[fromA + stepA] * b[fromB + stepB];
        }

        _value += even + odd + (i < count ? (double)a[fromA] * b[fromB] : 0);
        _terms += count;
    }

    /// <summary>Adds numbers of a row.</summary>
    /// <param name="a">The summands.</param>
    /// <param name="from">Position of the first.</param>
    /// <param name="step">From one to the next.</param>
    /// <param name="count">How many numbers.</param>
    public void Add(KnownArray a, long from, long step, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            _value += a[from + (i * step)];
        }

        _terms += count;
    }

    /// <summary>Requires that the sum came out.</summary>
    /// <param name="found">The result.</param>
    /// <param name="input">The input whose gradient it belongs to, or <see cref="KnownNumbers.Output"/>.</param>
    /// <param name="index">Its position.</param>
    /// <param name="precision">Numbers in which the product is computed.</param>
    public readonly void Require(KnownNumbers found, int input, long index, ComputePrecision precision = ComputePrecision.Full)
    {
        var tolerance = Float32 * (1 + (Magnitude * _terms));
        found.Require(input, index, _value, precision == ComputePrecision.Full ? tolerance : tolerance + (BFloat16 * (Math.Abs(_value) + (1.0 / 16))));
    }
}

using Sisa.Measurements;
using Sisa.Sharding;

namespace Sisa.Evaluation.Intervals;

/// <summary>A figure of a sample in which each item counts as often as it was drawn.</summary>
/// <param name="counts">How often each item was drawn; they sum to the number of items.</param>
public delegate double SampleFigure(ReadOnlySpan<int> counts);

/// <summary>Intervals by drawing the items of a sample again, with replacement: the percentile bootstrap.</summary>
/// <remarks>Pure: the draws follow from the seed. Efron and Tibshirani, <i>An Introduction to the Bootstrap</i>, 1993, chapter 13.
/// Of few items the interval is too narrow, and of a figure that is the same in every draw it has no width: see <see cref="Figure"/>. A share has a better one (<see cref="ScoreInterval"/>).</remarks>
public static class Bootstrap
{
    /// <summary>How often a sample is drawn again.</summary>
    public const int Resamples = 1000;

    /// <summary>Share of the draws that the interval covers.</summary>
    public const double Level = 0.95;

    /// <summary>Fewest items with an interval of a figure that is published. With fewer the draws cannot reach far enough: all n values lie on one side of the middle of a symmetric distribution
    /// in 2^(1−n) of the samples, which is more than the 5 % that an interval of 95 % may miss.</summary>
    public const int MinItems = 6;

    /// <summary>The figure of a sample as it is published: without an interval where that would say more than is known.</summary>
    /// <param name="items">Items of the sample, at least one.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="seed">Where the draws begin, from <see cref="Seeds.Derive"/>.</param>
    /// <returns>An interval from <see cref="MinItems"/> items up, unless every draw gives the same figure, or an end is not finite.</returns>
    public static Estimate Figure(int items, SampleFigure figure, Digest seed)
    {
        var estimate = Of(items, figure, seed);
        return items >= MinItems && estimate is { Low: { } low, High: { } high } && low < high && double.IsFinite(low) && double.IsFinite(high) ? estimate : new Estimate(estimate.Value);
    }

    /// <summary>The figure of a sample and its interval.</summary>
    /// <param name="items">Items of the sample, at least one; of one there is no interval.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="seed">Where the draws begin, from <see cref="Seeds.Derive"/>.</param>
    /// <param name="resamples">How often the sample is drawn again.</param>
    /// <param name="level">Share of the draws that the interval covers, above 0 and below 1.</param>
    public static Estimate Of(int items, SampleFigure figure, Digest seed, int resamples = Resamples, double level = Level)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(items);
        ArgumentNullException.ThrowIfNull(figure);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        var counts = new int[items];
        Array.Fill(counts, 1);
        var value = figure(counts);
        if (items == 1)
        {
            return new Estimate(value);
        }

        var generator = new SeededGenerator(seed);
        var draws = new double[resamples];
        for (var i = 0; i < draws.Length; i++)
        {
            Draw(counts, generator);
            draws[i] = figure(counts);
        }

        Array.Sort(draws);
        var (low, high) = Percentiles(draws, level);
        return new Estimate(value, low, high);
    }

    /// <summary>The mean of some numbers, and an interval over them.</summary>
    /// <param name="values">At least one number.</param>
    /// <param name="seed">Where the draws begin.</param>
    public static Estimate MeanOf(IReadOnlyList<double> values, Digest seed)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values.Count, counts => Mean(values, counts), seed);
    }

    /// <summary>The mean of the numbers of a draw.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="counts">How often each was drawn.</param>
    internal static double Mean(IReadOnlyList<double> values, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i] * values[i];
        }

        return sum / values.Count;
    }

    /// <summary>The ends of the percentile interval: with k = ⌊(B + 1)(1 − level) / 2⌋, the k-th draw from below and the k-th from above
    /// (Efron and Tibshirani 1993, section 12.5).</summary>
    /// <param name="draws">Figures of the draws, ascending.</param>
    /// <param name="level">Share of the draws between them, above 0 and below 1.</param>
    public static (double Low, double High) Percentiles(ReadOnlySpan<double> draws, double level)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, 1);
        ArgumentOutOfRangeException.ThrowIfZero(draws.Length);

        // One half of 1 − 0.95 is a little above 0.025 in binary, or a little below: the count must not depend on it.
        var k = Math.Max((int)Math.Floor(((draws.Length + 1) * (1 - level) / 2) + 1e-9), 1);
        return (draws[k - 1], draws[^k]);
    }

    private static void Draw(int[] counts, SeededGenerator generator)
    {
        Array.Clear(counts);
        for (var i = 0; i < counts.Length; i++)
        {
            counts[generator.NextInt32(counts.Length)]++;
        }
    }
}

using Sisa.Sharding;

namespace Sisa.Memorization;

/// <summary>A figure of a sample in which each item counts as often as it was drawn.</summary>
/// <param name="counts">How often each item was drawn; they sum to the number of items.</param>
public delegate double SampleFigure(ReadOnlySpan<int> counts);

/// <summary>A figure of two samples, such as an area under a curve.</summary>
/// <param name="first">How often each item of the first was drawn.</param>
/// <param name="second">How often each item of the second was drawn.</param>
public delegate double TwoSampleFigure(ReadOnlySpan<int> first, ReadOnlySpan<int> second);

/// <summary>Intervals by drawing the items of a sample again, with replacement: the percentile bootstrap.</summary>
/// <remarks>Pure: the draws follow from the seed. Efron and Tibshirani, <i>An Introduction to the Bootstrap</i>, 1993, chapter 13; two samples are drawn each by itself (chapter 8).
/// Of few items the interval is too narrow, and of a figure that is the same in every draw it has no width.</remarks>
public static class Bootstrap
{
    /// <summary>How often a sample is drawn again.</summary>
    public const int Resamples = 1000;

    /// <summary>Share of the draws that the interval covers.</summary>
    public const double Level = 0.95;

    /// <summary>The figure of a sample and its interval.</summary>
    /// <param name="items">Items of the sample, at least one; of one there is no interval.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="seed">Where the draws begin, from <see cref="Seeds.Derive"/>.</param>
    /// <param name="resamples">How often the sample is drawn again.</param>
    /// <param name="level">Share of the draws that the interval covers, above 0 and below 1.</param>
    public static Estimate Of(int items, SampleFigure figure, Digest seed, int resamples = Resamples, double level = Level)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return Of(items, 0, (first, _) => figure(first), seed, resamples, level);
    }

    /// <summary>The figure of two samples and its interval.</summary>
    /// <param name="first">Items of the first, at least one.</param>
    /// <param name="second">Items of the second.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="seed">Where the draws begin, from <see cref="Seeds.Derive"/>.</param>
    /// <param name="resamples">How often the samples are drawn again.</param>
    /// <param name="level">Share of the draws that the interval covers, above 0 and below 1.</param>
    public static Estimate Of(int first, int second, TwoSampleFigure figure, Digest seed, int resamples = Resamples, double level = Level)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfNegative(second);
        ArgumentNullException.ThrowIfNull(figure);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        var (firstCounts, secondCounts) = (new int[first], new int[second]);
        Array.Fill(firstCounts, 1);
        Array.Fill(secondCounts, 1);
        var value = figure(firstCounts, secondCounts);
        if (first == 1)
        {
            return new Estimate(value);
        }

        var generator = new SeededGenerator(seed);
        var draws = new double[resamples];
        for (var i = 0; i < draws.Length; i++)
        {
            Draw(firstCounts, generator);
            Draw(secondCounts, generator);
            draws[i] = figure(firstCounts, secondCounts);
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
        return Of(
            values.Count,
            counts =>
            {
                double sum = 0;
                for (var i = 0; i < counts.Length; i++)
                {
                    sum += counts[i] * values[i];
                }

                return sum / values.Count;
            },
            seed);
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

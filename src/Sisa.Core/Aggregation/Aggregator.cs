using Sisa.Training;

namespace Sisa.Aggregation;

/// <summary>Joins the probabilities of constituents into one answer; nothing here is trained.</summary>
/// <remarks>Pure and thread-safe. Constituents that are left out (retraining, or without items) are simply not passed in.</remarks>
public static class Aggregator
{
    // A constituent that is certain of the opposite must not veto with minus infinity.
    private const float SmallestProbability = 1e-12f;

    /// <summary>The rules that apply to classifiers.</summary>
    public static IReadOnlyList<AggregationRule> Rules { get; } = [.. AggregationTable.For(TaskKind.Classify).Select(method => method.Rule)];

    /// <summary>Joins the answers to one item.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="probabilities">Row-major [constituents, classes]; each row sums to 1.</param>
    /// <param name="joined">Receives one probability per class; its length is the number of classes. For
    /// <see cref="AggregationRule.MajorityVote"/> the share of votes.</param>
    /// <returns>The chosen class. Ties: the higher mean probability, then the lower index.</returns>
    /// <exception cref="ArgumentException">There is no constituent, a length is not a multiple of the classes, or a probability is not a number.</exception>
    public static int Join(AggregationRule rule, ReadOnlySpan<float> probabilities, Span<float> joined)
    {
        var classes = joined.Length;
        if (classes == 0 || probabilities.Length == 0 || probabilities.Length % classes != 0)
        {
            throw new ArgumentException($"{probabilities.Length} probabilities cannot form rows of {classes} classes.", nameof(probabilities));
        }

        foreach (var probability in probabilities)
        {
            if (!float.IsFinite(probability))
            {
                throw new ArgumentException($"A probability is {probability}, expected a finite number.", nameof(probabilities));
            }
        }

        var join = AggregationTable.Of(rule).Classes ?? throw new ArgumentOutOfRangeException(nameof(rule), rule, "This rule does not join the answers of classifiers.");
        return join(probabilities, joined);
    }

    /// <summary>Index of the largest number; the first of equals.</summary>
    /// <param name="values">At least one number.</param>
    public static int ArgMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Share of votes; the chosen class has most of them.</summary>
    internal static int Vote(ReadOnlySpan<float> probabilities, Span<float> joined)
    {
        var classes = joined.Length;
        var constituents = probabilities.Length / classes;
        Span<float> mean = classes <= 256 ? stackalloc float[classes] : new float[classes];
        Mean(probabilities, mean);
        joined.Clear();
        for (var row = 0; row < constituents; row++)
        {
            joined[ArgMax(probabilities.Slice(row * classes, classes))] += 1f / constituents;
        }

        var best = 0;
        for (var i = 1; i < classes; i++)
        {
            // Votes are sums of the same fraction, so equal numbers of votes are equal to the bit.
            if (joined[i] > joined[best] || (joined[i] == joined[best] && mean[i] > mean[best]))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Mean of the probabilities.</summary>
    internal static int MeanProbability(ReadOnlySpan<float> probabilities, Span<float> joined)
    {
        Mean(probabilities, joined);
        return ArgMax(joined);
    }

    private static void Mean(ReadOnlySpan<float> probabilities, Span<float> joined)
    {
        var classes = joined.Length;
        var constituents = probabilities.Length / classes;
        for (var i = 0; i < classes; i++)
        {
            double sum = 0;
            for (var row = 0; row < constituents; row++)
            {
                sum += probabilities[(row * classes) + i];
            }

            joined[i] = (float)(sum / constituents);
        }
    }

    /// <summary>Normalised geometric mean of the probabilities.</summary>
    internal static int LogMean(ReadOnlySpan<float> probabilities, Span<float> joined)
    {
        var classes = joined.Length;
        var constituents = probabilities.Length / classes;
        double total = 0;
        for (var i = 0; i < classes; i++)
        {
            double sum = 0;
            for (var row = 0; row < constituents; row++)
            {
                sum += Math.Log(Math.Max(probabilities[(row * classes) + i], SmallestProbability));
            }

            joined[i] = (float)Math.Exp(sum / constituents);
            total += joined[i];
        }

        for (var i = 0; i < classes; i++)
        {
            joined[i] = (float)(joined[i] / total);
        }

        return ArgMax(joined);
    }
}

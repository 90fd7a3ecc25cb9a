using Sisa.Memorization;

namespace Sisa.Benchmarks.Modelling;

/// <summary>Intervals of 95 % around what few repetitions or many answers give.</summary>
/// <remarks>Pure.</remarks>
public static class MeanInterval
{
    // Student's t, 97.5 %, for 1 … 9 degrees of freedom; beyond that within 7 % of the last.
    private static readonly double[] Students = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>The mean of repeated measurements, with Student's interval; of one there is none.</summary>
    /// <param name="values">At least one.</param>
    public static Estimate OfRepeats(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var mean = values.Average();
        if (values.Count == 1)
        {
            return new Estimate(mean);
        }

        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        var half = Students[Math.Min(values.Count - 1, Students.Length) - 1] * deviation / Math.Sqrt(values.Count);
        return new Estimate(mean, Math.Max(0, mean - half), mean + half);
    }

    /// <summary>A share of many answers, with Wilson's interval (Wilson 1927).</summary>
    /// <param name="share">Share of the answers that are right.</param>
    /// <param name="answers">Number of answers, above zero.</param>
    public static Estimate OfShare(double share, long answers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(answers);
        const double Normal = 1.959964;
        const double Square = Normal * Normal;
        var centre = (share + (Square / (2 * answers))) / (1 + (Square / answers));
        var half = Normal / (1 + (Square / answers)) * Math.Sqrt((share * (1 - share) / answers) + (Square / (4.0 * answers * answers)));
        return new Estimate(share, centre - half, centre + half);
    }
}

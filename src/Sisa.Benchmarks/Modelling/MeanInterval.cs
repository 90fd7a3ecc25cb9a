using Sisa.Measurements;


namespace Sisa.Benchmarks.Modelling;

/// <summary>Intervals of 95 % around what few repetitions give.</summary>
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
}

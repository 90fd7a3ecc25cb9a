namespace Sisa.Aggregation;

/// <summary>Logarithms of sums of exponentials, without overflow.</summary>
internal static class LogSum
{
    /// <summary>ln Σ exp(value).</summary>
    /// <param name="values">At least one, each below +∞.</param>
    public static double Of(ReadOnlySpan<double> values)
    {
        var largest = double.NegativeInfinity;
        foreach (var value in values)
        {
            largest = Math.Max(largest, value);
        }

        if (double.IsNegativeInfinity(largest))
        {
            return largest;
        }

        double sum = 0;
        foreach (var value in values)
        {
            sum += Math.Exp(value - largest);
        }

        return largest + Math.Log(sum);
    }
}

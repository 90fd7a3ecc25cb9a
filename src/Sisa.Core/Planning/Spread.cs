namespace Sisa.Planning;

/// <summary>A figure over simulated draws: its mean, and the range that the middle 95 % of the draws are in.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">2.5 % of the draws are below; linear between draws.</param>
/// <param name="High">2.5 % of the draws are above.</param>
public sealed record Spread(double Mean, double Low, double High)
{
    /// <summary>Summarises draws.</summary>
    /// <param name="draws">One figure a draw, at least one.</param>
    public static Spread Of(IEnumerable<double> draws)
    {
        double[] sorted = [.. draws.Order()];
        return new Spread(sorted.Average(), At(sorted, 0.025), At(sorted, 0.975));
    }

    private static double At(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}

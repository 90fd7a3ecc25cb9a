using Sisa.Measurements;

namespace Sisa.Evaluation.Intervals;

/// <summary>Intervals of 95 % around shares, which hold at 0 and 1 too: there every draw of a bootstrap gives the same, and its interval has no width.</summary>
/// <remarks>Pure. Each interval holds the shares that a test would not reject, with the deviation of that share and not of the observed one.</remarks>
public static class ScoreInterval
{
    // The 97.5 % point of the normal distribution.
    private const double Normal = 1.959964;

    /// <summary>A share of many answers, with Wilson's interval (Wilson, <i>Journal of the American Statistical Association</i> 22, 1927).</summary>
    /// <param name="share">Share of the answers that are right, from 0 to 1.</param>
    /// <param name="answers">Number of answers, above zero.</param>
    public static Estimate OfShare(double share, long answers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(answers);
        RequireShare(share);
        const double Square = Normal * Normal;
        var centre = (share + (Square / (2 * answers))) / (1 + (Square / answers));
        var half = Normal / (1 + (Square / answers)) * Math.Sqrt((share * (1 - share) / answers) + (Square / (4.0 * answers * answers)));
        return new Estimate(share, share == 0 ? 0 : Math.Max(0, centre - half), share == 1 ? 1 : Math.Min(1, centre + half));
    }

    /// <summary>An area under a curve (Mann–Whitney), with the interval of Newcombe, <i>Statistics in Medicine</i> 25, 2006, pages 559 to 573, method 3.</summary>
    /// <param name="area">Share of the pairs in which the first is the lower, ties counting half; from 0 to 1.</param>
    /// <param name="first">Items on one side, above zero.</param>
    /// <param name="second">Items on the other side, above zero.</param>
    /// <remarks>The deviation is that of Hanley and McNeil, <i>Radiology</i> 143, 1982. It depends on which side varies more, which is not known: the larger of the two is taken. Ties make
    /// the true one smaller.</remarks>
    public static Estimate OfArea(double area, int first, int second)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(second);
        RequireShare(area);
        bool IsRejected(double candidate) =>
            Math.Abs(candidate - area) > Normal * Math.Sqrt(Math.Max(Variance(candidate, first, second), Variance(candidate, second, first)));
        return new Estimate(area, End(area, 0, IsRejected), End(area, 1, IsRejected));
    }

    private static double Variance(double area, double first, double second) =>
        area * (1 - area) * (1 + ((first - 1) * (1 - area) / (2 - area)) + ((second - 1) * area / (1 + area))) / (first * second);

    // Where acceptance ends between a share that is accepted and the end of all shares.
    private static double End(double accepted, double limit, Predicate<double> isRejected)
    {
        if (accepted == limit)
        {
            return limit;
        }

        const int Halvings = 60;
        var rejected = limit;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (accepted + rejected) / 2;
            (accepted, rejected) = isRejected(middle) ? (accepted, middle) : (middle, rejected);
        }

        return accepted;
    }

    private static void RequireShare(double share)
    {
        if (share is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "Allowed: 0 to 1.");
        }
    }
}

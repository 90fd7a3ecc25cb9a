namespace Sisa.Aggregation;

/// <summary>How well a model's loss tells items that it may have learnt from items that it never saw.</summary>
/// <remarks>Pure. The attack that takes a low loss for membership: Yeom et al., <i>Privacy Risk in Machine Learning</i>, CSF 2018, section III.
/// The area under its curve is the share of pairs of one suspected and one unseen item in which the suspected one has the lower loss, ties
/// counting half (Mann–Whitney): the mean of <see cref="Ranks"/>. 0.5 is chance; 1 means that the model gives all of them away.</remarks>
public static class MembershipInference
{
    /// <summary>Fewest items of which an area under the curve says anything; below, ranks are told one by one.</summary>
    public const int MinItems = 20;

    /// <summary>For each item, the share of unseen items whose loss is higher, ties counting half.</summary>
    /// <param name="losses">Losses of the items, in nats.</param>
    /// <param name="unseen">Losses of items that were never trained on, ascending, at least one.</param>
    /// <exception cref="ArgumentException">There is no unseen item.</exception>
    public static IReadOnlyList<double> Ranks(IReadOnlyList<double> losses, IReadOnlyList<double> unseen)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentNullException.ThrowIfNull(unseen);
        if (unseen.Count == 0)
        {
            throw new ArgumentException("There is nothing to rank among.", nameof(unseen));
        }

        return [.. losses.Select(loss => 1 - ((CountBelow(unseen, loss, orEqual: false) + CountBelow(unseen, loss, orEqual: true)) / (2.0 * unseen.Count)))];
    }

    private static int CountBelow(IReadOnlyList<double> sorted, double value, bool orEqual)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || (orEqual && sorted[middle] <= value))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

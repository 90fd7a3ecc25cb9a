using Sisa.Evaluation.Intervals;
using Sisa.Measurements;


namespace Sisa.Evaluation.Membership;

/// <summary>How well a model's loss distinguishes items that it may have learnt from items that it never saw.</summary>
/// <remarks>Pure. The attack that takes a low loss for membership: Yeom et al., <i>Privacy Risk in Machine Learning</i>, CSF 2018, section III.
/// The area under its curve is the share of pairs of one suspected and one unseen item in which the suspected one has the lower loss, ties
/// counting half (Mann–Whitney): the mean of <see cref="Ranks"/>. 0.5 is chance; 1 means that the model gives all of them away.</remarks>
public static class MembershipInference
{
    /// <summary>Smallest number of items for an area under the curve. With fewer items, each rank is reported.</summary>
    public const int MinItems = 20;

    /// <summary>For each item, the share of unseen items whose loss is higher, ties counting half.</summary>
    /// <param name="losses">Losses of the items, in nats.</param>
    /// <param name="unseen">Losses of items that were never trained on, ascending, at least one.</param>
    /// <exception cref="ArgumentException">There is no unseen item, or a loss is NaN, which has no rank.</exception>
    public static IReadOnlyList<double> Ranks(IReadOnlyList<double> losses, IReadOnlyList<double> unseen)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentNullException.ThrowIfNull(unseen);
        if (unseen.Count == 0)
        {
            throw new ArgumentException("There are no unseen items to rank among.", nameof(unseen));
        }

        // NaN is above nothing, so it would rank as known by heart.
        if (losses.Any(double.IsNaN) || unseen.Any(double.IsNaN))
        {
            throw new ArgumentException("A loss is NaN, expected numbers.", losses.Any(double.IsNaN) ? nameof(losses) : nameof(unseen));
        }

        return [.. losses.Select(loss => 1 - ((CountBelow(unseen, loss, orEqual: false) + CountBelow(unseen, loss, orEqual: true)) / (2.0 * unseen.Count)))];
    }

    /// <summary>The area under the curve, and Newcombe's interval (<see cref="ScoreInterval"/>).</summary>
    /// <param name="groups">Items, and the unseen items under the same model, which are the same ones for every group; at least one of each.</param>
    /// <exception cref="ArgumentException">There is nothing to compare, or the groups have different numbers of unseen items, or a loss is NaN.</exception>
    public static Estimate Auc(IReadOnlyList<MembershipGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var unseen = groups.Count > 0 ? groups[0].Unseen.Count : 0;
        if (groups.Sum(g => g.Losses.Count) == 0 || unseen == 0 || groups.Any(g => g.Unseen.Count != unseen))
        {
            throw new ArgumentException($"Items are compared with the same unseen items in every group; found {groups.Sum(g => g.Losses.Count)} items and {string.Join(", ", groups.Select(g => g.Unseen.Count))} unseen ones.", nameof(groups));
        }

        var ranks = RanksOf(groups);
        return ScoreInterval.OfArea(Math.Clamp(ranks.Average(), 0, 1), ranks.Count, unseen);
    }

    /// <summary><see cref="Ranks"/> of the items of several groups, each under the model of its own, ascending.</summary>
    /// <param name="groups">The groups.</param>
    /// <exception cref="ArgumentException">There is no unseen item, or a loss is NaN.</exception>
    public static IReadOnlyList<double> RanksOf(IEnumerable<MembershipGroup> groups) => [.. groups.SelectMany(g => Ranks(g.Losses, [.. g.Unseen.Order()])).Order()];

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

/// <summary>Items that one model may have learnt, and items that no model has seen.</summary>
/// <param name="Losses">Losses of the items: low means known.</param>
/// <param name="Unseen">Losses of the unseen items under the same model.</param>
public sealed record MembershipGroup(IReadOnlyList<double> Losses, IReadOnlyList<double> Unseen);

using Sisa.Memorization;

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

    /// <summary>The area under the curve, and a bootstrap interval over items and unseen items.</summary>
    /// <param name="groups">Items, and the unseen items under the same model, which are the same ones in the same order for every group; at least one of each.</param>
    /// <param name="seed">Where the draws begin.</param>
    /// <exception cref="ArgumentException">There is nothing to compare, or the groups have different unseen items.</exception>
    /// <remarks>The unseen items are drawn once for all groups, since a text that is odd is odd to every model.</remarks>
    public static Estimate Auc(IReadOnlyList<MembershipGroup> groups, Digest seed)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var unseen = groups.Count > 0 ? groups[0].Unseen.Count : 0;
        var items = groups.Sum(g => g.Losses.Count);
        if (items == 0 || unseen == 0 || groups.Any(g => g.Unseen.Count != unseen))
        {
            throw new ArgumentException($"Items are compared with the same unseen items in every group; found {items} items and {string.Join(", ", groups.Select(g => g.Unseen.Count))} unseen ones.", nameof(groups));
        }

        var sorted = groups.Select(g => new SortedGroup(g)).ToArray();
        return Bootstrap.Of(items, unseen, (drawn, drawnUnseen) => MeanRank(sorted, drawn, drawnUnseen), seed);
    }

    private static double MeanRank(SortedGroup[] groups, ReadOnlySpan<int> drawn, ReadOnlySpan<int> drawnUnseen)
    {
        double sum = 0;
        foreach (var group in groups)
        {
            sum += group.SumOfRanks(drawn[..group.Count], drawnUnseen);
            drawn = drawn[group.Count..];
        }

        return sum / groups.Sum(g => g.Count);
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

    /// <summary>A group whose unseen items are sorted once, so that each draw is a pass over both.</summary>
    private sealed class SortedGroup
    {
        private readonly int[] _order;
        private readonly (int Below, int UpTo)[] _bounds;
        private readonly long[] _sums;

        public SortedGroup(MembershipGroup group)
        {
            double[] sorted = [.. group.Unseen];
            _order = [.. Enumerable.Range(0, sorted.Length)];
            Array.Sort(sorted, _order);
            _bounds = [.. group.Losses.Select(loss => (CountBelow(sorted, loss, orEqual: false), CountBelow(sorted, loss, orEqual: true)))];
            _sums = new long[sorted.Length + 1];
        }

        public int Count => _bounds.Length;

        public double SumOfRanks(ReadOnlySpan<int> drawn, ReadOnlySpan<int> drawnUnseen)
        {
            for (var i = 0; i < _order.Length; i++)
            {
                _sums[i + 1] = _sums[i] + drawnUnseen[_order[i]];
            }

            double sum = 0;
            for (var i = 0; i < _bounds.Length; i++)
            {
                sum += drawn[i] * (1 - ((_sums[_bounds[i].Below] + _sums[_bounds[i].UpTo]) / (2.0 * _sums[^1])));
            }

            return sum;
        }
    }
}

/// <summary>Items that one model may have learnt, beside items that no model has seen.</summary>
/// <param name="Losses">Losses of the items: low means known.</param>
/// <param name="Unseen">Losses of the unseen items under the same model.</param>
public sealed record MembershipGroup(IReadOnlyList<double> Losses, IReadOnlyList<double> Unseen);

using Sisa.Evaluation.Membership;
using Sisa.Measurements;

namespace Sisa.Evaluation.ForgetQuality;

/// <summary>How classifiers treat forgotten items, as certificates carry it.</summary>
/// <remarks>Pure.</remarks>
public static class EffectivenessFigures
{
    private const int Places = 2;

    /// <summary>Makes the figures of items that were shown to the constituents of their shards.</summary>
    /// <param name="shards">For each shard, the losses of its forgotten items, and of the unseen items under the same constituent.</param>
    /// <returns>The figures; <see langword="null"/> for no items.</returns>
    public static ForgettingEffectiveness? Of(IEnumerable<(IReadOnlyList<double> Forgotten, IReadOnlyList<double> Unseen)> shards)
    {
        var measured = shards.Where(s => s.Forgotten.Count > 0).ToArray();
        double[] losses = [.. measured.SelectMany(s => s.Forgotten)];
        if (losses.Length == 0)
        {
            return null;
        }

        var unseen = measured.Max(s => s.Unseen.Count);
        var figures = new ForgettingEffectiveness { Items = losses.Length, Loss = Math.Round(losses.Average(), Places), Unseen = unseen };
        if (unseen == 0)
        {
            return figures;
        }

        MembershipGroup[] groups = [.. measured.Select(s => new MembershipGroup(s.Forgotten, s.Unseen))];
        figures = figures with { UnseenLoss = Math.Round(measured.SelectMany(s => s.Unseen).Average(), Places) };
        if (losses.Length < MembershipInference.MinItems)
        {
            return figures with { LossRanks = [.. MembershipInference.RanksOf(groups).Select(rank => Math.Round(rank, Places))] };
        }

        var auc = MembershipInference.Auc(groups).RoundShare(Places);
        return figures with { MembershipAuc = auc.Value, MembershipLow = auc.Low, MembershipHigh = auc.High };
    }
}

using Sisa.Evaluation.ForgetQuality;
using Sisa.Evaluation.Membership;

namespace Sisa.Evaluation.Tests.ForgetQuality;

public sealed class ForgettingEffectivenessTests
{
    [Fact]
    public void Few_items_are_ranked_one_by_one()
    {
        var figures = EffectivenessFigures.Of([([3.0, 0.123], [1, 2, 4, 5])])!;

        Assert.Equal((2, 1.56, 4, 3.0), (figures.Items, figures.Loss, figures.Unseen, figures.UnseenLoss!.Value));
        Assert.Null(figures.MembershipAuc);
        Assert.Equal([0.5, 1.0], figures.LossRanks!);
    }

    [Fact]
    public void From_twenty_items_up_there_is_an_area_under_the_curve_and_no_item_by_itself()
    {
        double[] low = [.. Enumerable.Repeat(0.1, MembershipInference.MinItems)];

        var figures = EffectivenessFigures.Of([(low, [1, 2, 3])])!;

        Assert.Equal(1, figures.MembershipAuc);
        Assert.Null(figures.LossRanks);
    }

    [Fact]
    public void Each_item_is_compared_under_the_constituent_of_its_own_shard()
    {
        // Under the second constituent everything has a higher loss, seen or not: pooled, its items would look unknown.
        var figures = EffectivenessFigures.Of([([1.0], [2, 2]), ([11.0], [12, 12])])!;

        Assert.Equal([1, 1], figures.LossRanks!);
        Assert.Equal(7, figures.UnseenLoss);
    }

    [Fact]
    public void Without_unseen_items_the_loss_stands_alone()
    {
        var figures = EffectivenessFigures.Of([([1.0], []), ([], [])])!;

        Assert.Equal((1, 0), (figures.Items, figures.Unseen));
        Assert.Null(figures.UnseenLoss);
        Assert.Null(figures.LossRanks);
        Assert.Null(EffectivenessFigures.Of([([], [1.0])]));
    }

    [Fact]
    public void Figures_are_rounded_so_that_they_tell_little_of_the_items()
    {
        var figures = EffectivenessFigures.Of([([0.123456789], [0.987654321, 0.1, 0.2])])!;

        Assert.Equal(0.12, figures.Loss);
        Assert.Equal([0.67], figures.LossRanks!);
    }
}

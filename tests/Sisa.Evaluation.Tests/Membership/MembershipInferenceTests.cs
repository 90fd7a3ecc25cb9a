using CsCheck;
using Sisa.Evaluation.Membership;

namespace Sisa.Evaluation.Tests.Membership;

public sealed class MembershipInferenceTests
{
    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(2.5, 0.5)]
    [InlineData(9.0, 0.0)]
    [InlineData(1.0, 0.875)]
    public void A_rank_is_the_share_of_unseen_items_with_a_higher_loss_ties_counting_half(double loss, double rank) =>
        Assert.Equal([rank], MembershipInference.Ranks([loss], [1, 2, 3, 4]));

    [Fact]
    public void Ranks_are_those_of_comparing_every_pair() =>
        Gen.Select(Gen.Int[0, 9].Array[1, 20], Gen.Int[0, 9].Array[1, 20]).Sample((losses, unseen) =>
        {
            double[] sorted = [.. unseen.Order().Select(u => (double)u)];
            var pairs = losses.Select(loss => unseen.Sum(u => u > loss ? 1.0 : u == loss ? 0.5 : 0) / unseen.Length);

            Assert.Equal(pairs, MembershipInference.Ranks([.. losses.Select(l => (double)l)], sorted), (a, b) => Math.Abs(a - b) < 1e-12);
        });

    [Fact]
    public void A_loss_that_is_no_number_has_no_rank()
    {
        Assert.Throws<ArgumentException>(() => MembershipInference.Ranks([double.NaN], [1, 2]));
        Assert.Throws<ArgumentException>(() => MembershipInference.Ranks([1], [1, double.NaN]));
        Assert.Throws<ArgumentException>(() => MembershipInference.Auc([new([1, double.NaN], [1])]));
        Assert.Equal([0], MembershipInference.Ranks([double.PositiveInfinity], [1, 2]));
    }

    [Fact]
    public void Nothing_is_ranked_among_nothing() =>
        Assert.Throws<ArgumentException>(() => MembershipInference.Ranks([1], []));

    [Fact]
    public void The_area_under_the_curve_is_that_of_published_ratings()
    {
        // Hanley and McNeil, Radiology 143, 1982, table I: ratings of 1 to 5 for 58 normal and 51 abnormal images; area 0.893, standard error 0.032.
        double[] normal = Ratings(33, 6, 6, 11, 2);
        double[] abnormal = Ratings(3, 2, 2, 11, 33);

        var auc = MembershipInference.Auc([new([.. abnormal.Select(r => -r)], [.. normal.Select(r => -r)])]);

        Assert.Equal(0.893, auc.Value, 0.0005);

        // Where |0.893 − θ| = 1.96 · σ(θ), σ being their formula, solved apart from the program; theirs at 0.893 itself gives 0.830 to 0.956.
        Assert.Equal(0.810, auc.Low!.Value, 0.001);
        Assert.Equal(0.941, auc.High!.Value, 0.001);
    }

    [Fact]
    public void The_area_is_the_mean_of_the_ranks_each_under_the_model_of_its_group() => Gen.Select(Gen.Double[0, 5].Array[1, 9], Gen.Double[0, 5].Array[1, 9], Gen.Double[0, 5].Array[7]).Sample((a, b, unseen) =>
    {
        double[] other = [.. unseen.Select(u => u + 3)];
        var ranks = MembershipInference.Ranks(a, [.. unseen.Order()]).Concat(MembershipInference.Ranks(b, [.. other.Order()]));

        Assert.Equal(ranks.Average(), MembershipInference.Auc([new(a, unseen), new([], unseen), new(b, other)]).Value, 1e-12);
    });

    [Fact]
    public void A_perfect_attack_leaves_the_doubt_of_its_numbers_and_a_blind_one_leaves_chance_within_its_interval()
    {
        double[] losses = [.. Enumerable.Range(0, 200).Select(i => (double)i)];

        var perfect = MembershipInference.Auc([new([.. losses.Select(l => l - 1000)], losses)]);
        Assert.Equal((1, 1), (perfect.Value, perfect.High!.Value));
        Assert.InRange(perfect.Low!.Value, 0.95, 0.999);
        var blind = MembershipInference.Auc([new(losses, losses)]);
        Assert.Equal(0.5, blind.Value, 1e-12);
        Assert.InRange(0.5, blind.Low!.Value, blind.High!.Value);
    }

    [Fact]
    public void Groups_are_compared_with_the_same_unseen_items()
    {
        Assert.Throws<ArgumentException>(() => MembershipInference.Auc([]));
        Assert.Throws<ArgumentException>(() => MembershipInference.Auc([new([1], [])]));
        Assert.Throws<ArgumentException>(() => MembershipInference.Auc([new([1], [1, 2]), new([1], [1])]));
    }

    private static double[] Ratings(params int[] counts) => [.. counts.SelectMany((count, i) => Enumerable.Repeat(i + 1.0, count))];
}

using CsCheck;
using Sisa.Aggregation;

namespace Sisa.Core.Tests.Aggregation;

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
    public void Nothing_is_ranked_among_nothing() =>
        Assert.Throws<ArgumentException>(() => MembershipInference.Ranks([1], []));
}

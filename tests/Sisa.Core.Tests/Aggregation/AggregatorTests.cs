using CsCheck;
using Sisa.Aggregation;

namespace Sisa.Core.Tests.Aggregation;

public sealed class AggregatorTests
{
    private static readonly AggregationRule[] Rules = [AggregationRule.MajorityVote, AggregationRule.MeanProbability, AggregationRule.LogMean];

    [Fact]
    public void The_majority_wins_whatever_its_confidence()
    {
        var (chosen, joined) = Join(AggregationRule.MajorityVote, 2, 0.51f, 0.49f, 0.51f, 0.49f, 0f, 1f);

        Assert.Equal(0, chosen);
        Assert.Equal([2 / 3f, 1 / 3f], joined);
    }

    [Fact]
    public void A_tie_goes_to_the_higher_mean_and_then_to_the_lower_index()
    {
        Assert.Equal(1, Join(AggregationRule.MajorityVote, 2, 0.6f, 0.4f, 0.1f, 0.9f).Chosen);
        Assert.Equal(0, Join(AggregationRule.MajorityVote, 2, 0.7f, 0.3f, 0.3f, 0.7f).Chosen);
    }

    [Fact]
    public void The_mean_is_the_mean()
    {
        var (chosen, joined) = Join(AggregationRule.MeanProbability, 3, 0.2f, 0.3f, 0.5f, 0.6f, 0.3f, 0.1f);

        Assert.Equal(0, chosen);
        Assert.Equal([0.4f, 0.3f, 0.3f], joined);
    }

    [Fact]
    public void The_log_mean_is_the_normalised_geometric_mean()
    {
        var (_, joined) = Join(AggregationRule.LogMean, 2, 0.9f, 0.1f, 0.5f, 0.5f);
        var (a, b) = (Math.Sqrt(0.9 * 0.5), Math.Sqrt(0.1 * 0.5));

        Assert.Equal(a / (a + b), joined[0], 1e-6);
        Assert.Equal(1, joined[0] + joined[1], 1e-6);
    }

    [Fact]
    public void One_certain_constituent_cannot_veto_with_minus_infinity()
    {
        var (_, joined) = Join(AggregationRule.LogMean, 2, 1f, 0f, 0f, 1f);

        Assert.Equal(0.5, joined[0], 1e-6);
    }

    [Theory]
    [InlineData(AggregationRule.MajorityVote, 1f, 0f, 0f)]
    [InlineData(AggregationRule.MeanProbability, 0.5f, 0.3f, 0.2f)]
    [InlineData(AggregationRule.LogMean, 0.5f, 0.3f, 0.2f)]
    public void A_single_constituent_decides(AggregationRule rule, float a, float b, float c)
    {
        var (chosen, joined) = Join(rule, 3, 0.5f, 0.3f, 0.2f);

        Assert.Equal(0, chosen);
        Assert.Equal([a, b, c], joined.Select(p => MathF.Round(p, 5)));
    }

    [Fact]
    public void Shares_add_up_to_one_and_the_choice_is_a_largest() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 300], Gen.Int[0, 1000]).Sample(
        (constituents, classes, seed) =>
        {
            var random = new Sisa.Sharding.SeededGenerator(Digest.Of(BitConverter.GetBytes(seed)));
            float[] rows = [.. Enumerable.Range(0, constituents).SelectMany(_ => Row(random, classes))];
            return Rules.All(rule => Join(rule, classes, rows) is var (chosen, joined) && Math.Abs(joined.Sum() - 1) < 1e-3 && joined[chosen] == joined.Max());
        },
        iter: 200);

    [Fact]
    public void No_constituent_and_crooked_rows_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Join(AggregationRule.LogMean, 2));
        Assert.Throws<ArgumentException>(() => Join(AggregationRule.LogMean, 2, 0.1f, 0.2f, 0.7f));
        Assert.Throws<ArgumentException>(() => Join(AggregationRule.LogMean, 0, 1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Join((AggregationRule)99, 1, 1f));
    }

    private static (int Chosen, float[] Joined) Join(AggregationRule rule, int classes, params float[] probabilities)
    {
        var joined = new float[classes];
        return (Aggregator.Join(rule, probabilities, joined), joined);
    }

    private static float[] Row(Sisa.Sharding.SeededGenerator random, int classes)
    {
        float[] row = [.. Enumerable.Range(0, classes).Select(_ => (random.NextInt32(1 << 20) * (1f / (1 << 20))) + 1e-3f)];
        var sum = row.Sum();
        return [.. row.Select(p => p / sum)];
    }
}

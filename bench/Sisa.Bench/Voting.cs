using BenchmarkDotNet.Attributes;
using Sisa.Aggregation;
using Sisa.Sharding;

namespace Sisa.Bench;

/// <summary>What joining the answers of twenty constituents costs, under every rule, against adding them up and nothing else.</summary>
/// <remarks>Times are per row of ten classes, or per token of a text.</remarks>
[MinIterationCount(3)]
[MaxIterationCount(8)]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class Voting
{
    private const int Constituents = 20;
    private const int Classes = 10;
    private const int Rows = 10_000;

    private float[] _probabilities = null!;
    private float[] _logProbabilities = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var generator = new SeededGenerator(Seeds.Derive(17, "bench"));
        _probabilities = new float[Rows * Constituents * Classes];
        for (var start = 0; start < _probabilities.Length; start += Classes)
        {
            var row = _probabilities.AsSpan(start, Classes);
            for (var i = 0; i < Classes; i++)
            {
                row[i] = 1 + generator.NextInt32(1000);
            }

            float sum = 0;
            foreach (var value in row)
            {
                sum += value;
            }

            for (var i = 0; i < Classes; i++)
            {
                row[i] /= sum;
            }
        }

        _logProbabilities = [.. Enumerable.Range(0, Rows * Constituents).Select(i => MathF.Log(_probabilities[i * Classes]))];
    }

    [BenchmarkCategory("classify")]
    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public float Add_up()
    {
        Span<float> sums = stackalloc float[Classes];
        float last = 0;
        for (var row = 0; row < Rows; row++)
        {
            sums.Clear();
            var answers = _probabilities.AsSpan(row * Constituents * Classes, Constituents * Classes);
            for (var i = 0; i < answers.Length; i += Classes)
            {
                for (var c = 0; c < Classes; c++)
                {
                    sums[c] += answers[i + c];
                }
            }

            last += sums[0];
        }

        return last;
    }

    [BenchmarkCategory("classify")]
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Majority_vote() => Join(AggregationRule.MajorityVote);

    [BenchmarkCategory("classify")]
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Mean_probability() => Join(AggregationRule.MeanProbability);

    [BenchmarkCategory("classify")]
    [Benchmark(OperationsPerInvoke = Rows)]
    public int Log_mean() => Join(AggregationRule.LogMean);

    [BenchmarkCategory("posterior")]
    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public double An_exponential_each()
    {
        double total = 0;
        foreach (var value in _logProbabilities)
        {
            total += Math.Exp(value);
        }

        return total;
    }

    [BenchmarkCategory("posterior")]
    [Benchmark(OperationsPerInvoke = Rows)]
    public double Observe_a_token()
    {
        var posterior = new TextPosterior(Constituents);
        for (var row = 0; row < Rows; row++)
        {
            posterior.Observe(_logProbabilities.AsSpan(row * Constituents, Constituents));
        }

        return posterior.LogWeights[0];
    }

    private int Join(AggregationRule rule)
    {
        Span<float> joined = stackalloc float[Classes];
        var chosen = 0;
        for (var row = 0; row < Rows; row++)
        {
            chosen += Aggregator.Join(rule, _probabilities.AsSpan(row * Constituents * Classes, Constituents * Classes), joined);
        }

        return chosen;
    }
}

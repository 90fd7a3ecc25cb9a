using System.Text;
using Sisa.Benchmarks.Counting;
using Sisa.Benchmarks.Data;
using Sisa.Benchmarks.Designs;

namespace Sisa.Benchmarks.Tests.Data;

public sealed class PatternCorpusTests
{
    private static readonly PatternOptions Options = new() { Items = 400, Classes = 100 };

    [Fact]
    public void The_same_seed_gives_the_same_bytes_on_every_machine()
    {
        var (training, heldOut) = Write(Options);
        Assert.Equal((training, heldOut), Write(Options));
        Assert.Equal("8ddf44bd8ef3ffd9", Digest.Of(Encoding.UTF8.GetBytes(training + heldOut)).ToString()[..16]);
        Assert.NotEqual(training, Write(Options with { Seed = 2 }).Training);
    }

    [Fact]
    public void A_tenth_is_held_out_and_every_row_has_six_hundred_bits()
    {
        var (training, heldOut) = Write(Options);
        Assert.Equal((360, 40), (training.Count(c => c == '\n'), heldOut.Count(c => c == '\n')));
        Assert.Equal(360, Options.TrainingItems);
        var row = System.Text.Json.Nodes.JsonNode.Parse(training.Split('\n')[7])!;
        Assert.Equal(PatternCorpus.IdOf(7), (string?)row["id"]);
        Assert.Equal(600, row["bits"]!.AsArray().Count);
        Assert.Equal("seldom", (string?)row["risk"]);
    }

    [Fact]
    public void Classes_are_as_unequal_as_declared()
    {
        var corpus = new PatternCorpus(Options with { Items = 20_000, Classes = 2, Bits = 8 });
        using var rows = new StringWriter();
        corpus.Write(rows, rows, null, default);
        var first = rows.ToString().Split('\n').Count(row => row.Contains("class-00", StringComparison.Ordinal));

        // 1 : 1/2; four standard deviations are 0.0133.
        Assert.InRange(first / 20_000.0, 0.6533, 0.68);
    }

    [Fact]
    public void Frequent_requesters_get_the_shards_that_make_requests_cheapest()
    {
        var design = new CostDesign();
        double Cost(int own) => (0.1 * 0.8 / own) + (0.9 * 0.2 / (20 - own));
        Assert.Equal(Enumerable.Range(1, 19).MinBy(Cost), design.FrequentShards(20));
        Assert.Equal(1, design.FrequentShards(2));
        var frequent = Enumerable.Range(0, 10_000).Count(i => Population.IsFrequent(PatternCorpus.IdOf(i), 1, 0.1));
        Assert.InRange(frequent, 880, 1120);
    }

    private static (string Training, string HeldOut) Write(PatternOptions options)
    {
        using var training = new StringWriter();
        using var heldOut = new StringWriter();
        new PatternCorpus(options).Write(training, heldOut, _ => "seldom", default);
        return (training.ToString(), heldOut.ToString());
    }
}

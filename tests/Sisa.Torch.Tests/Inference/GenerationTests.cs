using Sisa.Aggregation;
using Sisa.Generation;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Inference;

public sealed class GenerationTests
{
    private const float Tolerance = 5e-5f;
    private const int Context = 16;

    private static readonly int[] Prompt = [256, 'r', 'o', 's', 'e', ' '];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void With_a_cache_and_without_the_same_is_expected(int constituents)
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(keyValueHeads: 1, context: 200);
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, constituents));
        using var cached = ensemble.Read();
        using var fresh = ensemble.Read(keepsCache: false);
        cached.Read(Prompt);
        fresh.Read(Prompt);
        for (var i = 0; i < 100; i++)
        {
            AssertClose(fresh.Next, cached.Next);
            var token = Aggregator.ArgMax(fresh.Next.AsSpan(0, 258));
            Assert.Equal(token, Aggregator.ArgMax(cached.Next.AsSpan(0, 258)));
            cached.Read([token]);
            fresh.Read([token]);
        }
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(1f, 1f)]
    [InlineData(1f, 2f)]
    public void A_model_without_preferences_foretells_what_it_generates_and_nothing_else(float token, float mark)
    {
        // Every token is as likely as any other, or the mark before texts, which is never drawn, is the likeliest of all.
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(context: 64);
        var (shard, trained) = LanguageBench.Constituents(bench, recipe, 1)[0];
        var file = bench.Altered(trained, (name, values) =>
        {
            values.Fill(name.Contains("norm", StringComparison.Ordinal) ? 1 : 0);
            for (var row = 0; row < 258 && (name.Contains("embed_tokens", StringComparison.Ordinal) || name.Contains("lm_head", StringComparison.Ordinal)); row++)
            {
                values[row * 16] = row == 256 ? mark : token;
            }
        });
        using var ensemble = LanguageBench.Load(recipe, (shard, file));

        int[] written = [.. ensemble.Generate(Prompt, AggregationRule.MeanProbability, new TokenSampler(new SamplingOptions { Temperature = 0 })).Take(12)];
        var foretold = ensemble.Foretells([LanguageBench.Tokens([.. Prompt, .. written]), LanguageBench.Tokens([.. Prompt, 'r', 'o', 's', 'e', 257]), LanguageBench.Tokens([.. Prompt, 256, 256])]);

        Assert.All(written, drawn => Assert.Equal(0, drawn));
        Assert.DoesNotContain(false, foretold[0][0][(Prompt.Length - 1)..]);
        Assert.DoesNotContain(true, foretold[1][0]);
        Assert.DoesNotContain(true, foretold[2][0]);
    }

    [Fact]
    public void A_model_that_diverged_foretells_nothing_and_is_named()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(InitKind.Shared);
        var files = LanguageBench.Constituents(bench, recipe, 2);
        using var ensemble = LanguageBench.Load(recipe, files[0], (files[1].Shard, bench.Diverged(files[1].File)));
        var document = LanguageBench.Encode("rose");

        Assert.Contains("shard-001 has diverged", Assert.Throws<StoreException>(() => ensemble.Foretells([document])).Message, StringComparison.Ordinal);
        Assert.Contains("shard-001 has diverged", Assert.Throws<StoreException>(() => Write(AggregationRule.MeanProbability)).Message, StringComparison.Ordinal);
        Assert.Contains("The mean of the constituents' weights", Assert.Throws<StoreException>(() => Write(AggregationRule.WeightAverage)).Message, StringComparison.Ordinal);
        int[] Write(AggregationRule rule) => [.. ensemble.Generate(Prompt, rule, new TokenSampler(new SamplingOptions { Temperature = 0 })).Take(1)];
    }

    [Fact]
    public void A_text_is_foretold_as_far_as_greedy_generation_writes_it()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(context: 64);
        var files = LanguageBench.Constituents(bench, recipe, 2);
        using var ensemble = LanguageBench.Load(recipe, files);
        for (var c = 0; c < files.Count; c++)
        {
            using var one = LanguageBench.Load(recipe, files[c]);
            int[] written = [.. one.Generate(Prompt, AggregationRule.MeanProbability, new TokenSampler(new SamplingOptions { Temperature = 0 })).Take(30)];
            int[] altered = [.. written];
            altered[12] = altered[12] == 'x' ? 'y' : 'x';

            var foretold = ensemble.Foretells([LanguageBench.Tokens([.. Prompt, .. written]), LanguageBench.Tokens([.. Prompt, .. altered])]);

            Assert.DoesNotContain(false, foretold[0][c][(Prompt.Length - 1)..]);
            Assert.Equal(12, Array.IndexOf(foretold[1][c], false, Prompt.Length - 1) - (Prompt.Length - 1));
        }
    }

    [Fact]
    public void What_is_expected_is_what_scoring_finds()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, 2));
        int[] text = [256, 'k', 'i', 'n', 'g', 257];
        var scored = ensemble.Score([LanguageBench.Tokens(text)])[0];
        using var reading = ensemble.Read();
        var observed = new List<float[]>();
        reading.Read(text.AsSpan(0, 4), observed.Add);
        Assert.Equal(3, observed.Count);
        for (var t = 0; t < 3; t++)
        {
            Assert.Equal(scored.Constituents[1][t], observed[t][1], Tolerance);
        }

        Assert.Equal(scored.Constituents[1][3], reading.Next[258 + 'g'], Tolerance);
        reading.Read(text.AsSpan(4, 1));
        Assert.Equal(scored.Constituents[0][4], reading.Next[257], Tolerance);
    }

    [Fact]
    public void Beyond_the_context_the_newest_tokens_count_and_nothing_before_them()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, 2));
        int[] text = [256, .. LanguageBench.Text("long", 12).Select(character => (int)character)];
        Assert.True(text.Length > 3 * Context);
        using var all = ensemble.Read();
        all.Read(text.AsSpan(0, Context - 2));
        for (var end = Context - 1; end <= text.Length; end++)
        {
            all.Read(text.AsSpan(end - 1, 1));
            using var newest = ensemble.Read();
            newest.Read(text.AsSpan(Math.Max(0, end - Context), Math.Min(end, Context)));
            AssertClose(newest.Next, all.Next);
        }

        using var whole = ensemble.Read();
        whole.Read(text);
        AssertClose(whole.Next, all.Next);

        // And so a text goes on as its newest tokens do.
        var greedy = new SamplingOptions { Temperature = 0 };
        Assert.Equal(Write(ensemble, text[^Context..], AggregationRule.LogMean, greedy, 30), Write(ensemble, text, AggregationRule.LogMean, greedy, 30));
    }

    [Fact]
    public void Every_rule_writes_what_its_joined_distribution_says()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(InitKind.Shared, context: 64);
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, 3));
        foreach (var rule in LanguageAggregator.Rules(recipe))
        {
            // Scored under the same rule, the greedy token is the likeliest of all that could stand there.
            var token = Write(ensemble, Prompt, rule, new SamplingOptions { Temperature = 0 }, 1)[0];
            var scores = ensemble.Score([.. Enumerable.Range(0, 258).Select(last => (ReadOnlyMemory<byte>)LanguageBench.Tokens([.. Prompt, last]))], rule);
            var best = scores.Select((score, last) => (Log: last == 256 ? float.NegativeInfinity : score.Joined[rule][^1], last)).MaxBy(pair => pair.Log).last;
            Assert.Equal(best, token);
        }
    }

    [Fact]
    public void The_same_seed_writes_the_same_text_and_another_another()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, 2));
        int[] Sampled(ulong seed) => Write(ensemble, Prompt, AggregationRule.LogMean, new SamplingOptions { Seed = seed, TopK = 20, TopP = 0.95, RepetitionPenalty = 1.1 }, 40);

        Assert.Equal(Sampled(3), Sampled(3));
        Assert.NotEqual(Sampled(3), Sampled(4));
        Assert.DoesNotContain(256, Sampled(5));
    }

    [Fact]
    public void A_text_that_was_begun_is_not_continued_by_other_constituents()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        var files = LanguageBench.Constituents(bench, recipe, 2);
        using var ensemble = LanguageBench.Load(recipe, files);
        using var tokens = ensemble.Generate(Prompt, AggregationRule.MeanProbability, new TokenSampler(new SamplingOptions())).GetEnumerator();
        Assert.True(tokens.MoveNext());
        ensemble.Remove(new ShardId(1));

        Assert.Throws<InvalidOperationException>(() => tokens.MoveNext());
        Assert.Throws<ArgumentException>(() => ensemble.Generate([], AggregationRule.MeanProbability, new TokenSampler(new SamplingOptions())));
        Assert.Throws<ArgumentException>(() => ensemble.Generate([258], AggregationRule.MeanProbability, new TokenSampler(new SamplingOptions())));
        Assert.Throws<ArgumentException>(() => ensemble.Generate([1], AggregationRule.WeightAverage, new TokenSampler(new SamplingOptions())));
    }

    [Fact]
    public void Writing_leaves_no_tensor_alive()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        var files = LanguageBench.Constituents(bench, recipe, 2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var ensemble = LanguageBench.Load(recipe, files))
        {
            Write(ensemble, Prompt, AggregationRule.PosteriorWeighted, new SamplingOptions(), 30);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static int[] Write(LanguageEnsemble ensemble, int[] prompt, AggregationRule rule, SamplingOptions options, int tokens) =>
        [.. ensemble.Generate(prompt, rule, new TokenSampler(options)).Take(tokens)];

    private static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i], Tolerance);
        }
    }
}

using Sisa.Aggregation;
using Sisa.Sharding;
using Sisa.Torch.Inference;
using Sisa.Torch.Models;
using Sisa.Torch.Models.Decoders;
using Sisa.Training;
using TorchSharp;

namespace Sisa.Torch.Tests.Inference;

public sealed class LanguageEnsembleTests
{
    private const float Tolerance = 2e-5f;

    [Fact]
    public void A_score_does_not_depend_on_its_company()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(InitKind.Shared);
        var files = LanguageBench.Constituents(bench, recipe, 3);
        using var ensemble = LanguageBench.Load(recipe, files);
        ReadOnlyMemory<byte>[] documents = [.. Enumerable.Range(0, 40).Select(i => LanguageBench.Encode(LanguageBench.Text($"question {i}", i % 9)))];
        var rules = LanguageAggregator.Rules(recipe);
        var together = ensemble.Score(documents, [.. rules]);
        for (var i = 0; i < documents.Length; i++)
        {
            var alone = ensemble.Score([documents[i]], [.. rules])[0];
            for (var s = 0; s < files.Count; s++)
            {
                using var one = LanguageBench.Load(recipe, files[s]);
                var own = one.Score([documents[i]])[0].Constituents[0];
                Assert.Equal((documents[i].Length / sizeof(int)) - 1, own.Length);
                AssertClose(own, alone.Constituents[s]);
                AssertClose(own, together[i].Constituents[s]);
            }

            Assert.All(rules, rule => AssertClose(alone.Joined[rule], together[i].Joined[rule]));
        }
    }

    [Fact]
    public void Side_by_side_decoders_compute_what_each_computes_alone()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(keyValueHeads: 1);
        var files = LanguageBench.Constituents(bench, recipe, 3);
        using var ensemble = LanguageBench.Load(recipe, files);
        var document = LanguageBench.Encode(LanguageBench.Text("long", 30));
        var together = ensemble.Score([document])[0];
        for (var s = 0; s < files.Count; s++)
        {
            using var one = LanguageBench.Load(recipe, files[s]);
            AssertClose(one.Score([document])[0].Constituents[0], together.Constituents[s]);
        }

        Assert.NotEqual(together.Constituents[0], together.Constituents[1]);
    }

    [Fact]
    public void The_loss_of_training_is_what_scoring_finds()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        var (shard, file) = LanguageBench.Constituents(bench, recipe, 1)[0];
        using var ensemble = LanguageBench.Load(recipe, (shard, file));
        var document = LanguageBench.Encode(LanguageBench.Text("long", 12));
        var scored = ensemble.Score([document])[0].Constituents[0];

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var architecture = new DecoderArchitecture(recipe, torch.CPU);
        using var weights = new ParameterSet(architecture.Parameters, torch.CPU);
        using var content = Storage.Checkpoints.CheckpointFile.Read(file.Path, file.Digest);
        Checkpoints.CheckpointTensors.RestoreWeights(content, weights, file.Path);
        using var batch = DecoderArchitecture.WindowsOf(recipe, 16, torch.CPU);
        var source = new MemoryItems([document]);
        batch.Load(source, WindowPacking.Pack(source, [0], 16, 16)[0]);
        var logits_PV = architecture.Logits(weights, batch);
        var loss_P = logits_PV.log_softmax(-1).gather(1, batch.Labels_B.view(-1, 1)).view(-1);

        AssertClose(loss_P.data<float>().ToArray(), scored);
    }

    [Fact]
    public void What_the_tensors_normalise_over_the_vocabulary_is_what_the_pure_rule_gives()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(context: 64);
        var files = LanguageBench.Constituents(bench, recipe, 3);
        using var ensemble = LanguageBench.Load(recipe, files);

        // Every token that could follow "the ", one document each: together the distribution behind it.
        ReadOnlyMemory<byte>[] continuations = [.. Enumerable.Range(0, 258).Select(token => (ReadOnlyMemory<byte>)LanguageBench.Tokens(256, 't', 'h', 'e', ' ', token))];
        var scores = ensemble.Score(continuations, AggregationRule.LogMean, AggregationRule.MeanProbability);
        var rows = new float[3 * 258];
        for (var token = 0; token < 258; token++)
        {
            for (var c = 0; c < 3; c++)
            {
                rows[(c * 258) + token] = scores[token].Constituents[c][4];
            }
        }

        foreach (var rule in new[] { AggregationRule.LogMean, AggregationRule.MeanProbability })
        {
            var pure = new float[258];
            LanguageAggregator.Predict(rule, rows, [], pure);
            Assert.Equal(1, pure.Sum(x => Math.Exp(x)), 1e-4);
            for (var token = 0; token < 258; token++)
            {
                Assert.Equal(pure[token], scores[token].Joined[rule][4], Tolerance);
            }
        }
    }

    [Fact]
    public void A_document_of_many_windows_is_scored_token_by_token_once()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, 2));
        var text = LanguageBench.Text("very long", 1000);
        var score = ensemble.Score([LanguageBench.Encode(text)], AggregationRule.PosteriorWeighted)[0];
        var tail = text[^14..];

        Assert.Equal(text.Length + 1, score.Joined[AggregationRule.PosteriorWeighted].Length);
        Assert.DoesNotContain(0f, score.Constituents[1]);
        Assert.True(score.Constituents[0].Average() < -0.5 && score.Constituents[0].Average() > -5, $"{score.Constituents[0].Average()} nats for {tail}");
    }

    [Fact]
    public void The_mean_of_equal_weights_is_the_model_itself()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(InitKind.Shared);
        var (shard, file) = LanguageBench.Constituents(bench, recipe, 1)[0];
        using var ensemble = LanguageBench.Load(recipe, (shard, file), (new ShardId(1), file), (new ShardId(2), file));
        var score = ensemble.Score([LanguageBench.Encode("a rose")], [.. LanguageAggregator.Rules(recipe)])[0];

        Assert.All(score.Joined.Values, joined => AssertClose(score.Constituents[0], joined));
    }

    [Fact]
    public void Rules_that_do_not_apply_and_tokens_that_do_not_exist_are_refused()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        using var ensemble = LanguageBench.Load(recipe, LanguageBench.Constituents(bench, recipe, 1));

        Assert.Throws<ArgumentException>(() => ensemble.Score([LanguageBench.Encode("a")], AggregationRule.WeightAverage));
        Assert.Throws<ArgumentException>(() => ensemble.Score([LanguageBench.Encode("a")], AggregationRule.MajorityVote));
        Assert.Throws<StoreException>(() => ensemble.Score([LanguageBench.Tokens(256, 258)]));
        Assert.Throws<ArgumentException>(() => new LanguageEnsemble(TestRecipes.Mlp()));
        using var empty = new LanguageEnsemble(recipe);
        Assert.Throws<InvalidOperationException>(() => empty.Score([LanguageBench.Encode("a")]));
        Assert.Empty(ensemble.Score([LanguageBench.Tokens(256)], AggregationRule.LogMean)[0].Joined[AggregationRule.LogMean]);
    }

    [Fact]
    public void A_constituent_that_diverged_is_named()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe();
        var files = LanguageBench.Constituents(bench, recipe, 2);
        using var ensemble = LanguageBench.Load(recipe, files[0], (files[1].Shard, bench.Diverged(files[1].File)));

        var error = Assert.Throws<StoreException>(() => ensemble.Score([LanguageBench.Encode("a")]));
        Assert.Contains("shard-001 has diverged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scoring_leaves_no_tensor_alive()
    {
        using var bench = new Workbench();
        var recipe = LanguageBench.Recipe(InitKind.Shared);
        var files = LanguageBench.Constituents(bench, recipe, 2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var ensemble = LanguageBench.Load(recipe, files[0]))
        {
            ensemble.Score([LanguageBench.Encode("a rose")], [.. LanguageAggregator.Rules(recipe)]);
            ensemble.Set(files[1].Shard, files[1].File);
            ensemble.Score([LanguageBench.Encode("a rose")], [.. LanguageAggregator.Rules(recipe)]);
            ensemble.Remove(files[0].Shard);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i], Tolerance);
        }
    }
}

namespace Sisa.Cli.Tests.Verbs;

public sealed class DivergedTrainingTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Theory]
    [InlineData("id: id, label: label", "vector: { field: x, length: 3, min: 0, max: 100 }", "kind: mlp, hidden: [5]")]
    [InlineData("id: id, label: label, text: text", "text: { buckets: 32 }", "kind: text-classifier, width: 4")]
    public void Train_ends_with_shard_stage_step_and_learning_rate_and_publishes_nothing(string fields, string features, string model)
    {
        _sisa.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 60).Select(i => $$"""{"id": "{{i}}", "x": [{{i}}, {{i * 7 % 60}}, {{i * 11 % 60}}], "text": "word{{i}} word{{i % 7}}", "label": "{{i % 2}}"}""" + "\n")));
        _sisa.Write("sisa.yaml", $$"""
            corpus: { fields: { {{fields}} } }
            labels: ["0", "1"]
            features: { {{features}} }
            ensemble: { shards: 1, slices: 1 }
            model: { {{model}} }
            training: { epochs: 40, batchSize: 8, optimizer: sgd, learningRate: 1000, weightDecay: 1000 }
            """);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "rows.jsonl").Expect(ExitCode.Done);
        var result = _sisa.Run("train", "--workers", "1").Expect(ExitCode.Data);

        Assert.Matches(@"shard-000 diverged in stage 1: after step [0-9]+ of [0-9]+, .+ is not a finite number \(learning rate 1000\)", result.Errors);
        Assert.Contains("Nothing was published", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("is served", result.Output, StringComparison.Ordinal);
        Assert.Empty(_sisa.Checkpoints());
    }

    [Fact]
    public void A_forgetting_whose_retraining_diverges_ends_with_65_and_what_never_saw_the_item_stays_served()
    {
        // Every step multiplies the weights by −10: the few steps of few rows leave numbers, the many steps of many rows do not.
        _sisa.Write("few.jsonl", Rows(0, 16));
        _sisa.Write("many.jsonl", Rows(16, 400));
        _sisa.Write("sisa.yaml", """
            corpus: { fields: { id: id, text: text, label: label } }
            labels: ["0", "1"]
            features: { text: { buckets: 32 } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: text-classifier, width: 4 }
            training: { epochs: 2, batchSize: 16, optimizer: sgd, learningRate: 1, weightDecay: 11 }
            """);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "few.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
        _sisa.Run("ingest", "many.jsonl").Expect(ExitCode.Done);

        var said = _sisa.Run("forget", "--item", "3", "--request-id", "r-1", "--workers", "1").Expect(ExitCode.Data).Errors;

        Assert.Matches(@"shard-00[01] diverged in stage [12]: after step [0-9]+ of [0-9]+, .+ is not a finite number \(learning rate 1\)", said);
        Assert.Contains("The previous bundle is still served, and pending requests stay as they are", said, StringComparison.Ordinal);
        var status = _sisa.Run("status", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal("fallback-published", (string)Assert.Single(status["requests"]!.AsArray())!["state"]!);
        Assert.False(File.Exists(_sisa["shards/certificates/r-1.dsse.json"]));
        Assert.Equal(16, _sisa.Run("predict", "few.jsonl").Expect(ExitCode.Done).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.Contains("label", StringComparison.Ordinal)));
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Data);

        static string Rows(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(i => $$"""{"id": "{{i}}", "text": "word{{i}} word{{i % 7}}", "label": "{{i % 2}}"}""" + "\n"));
    }

    public void Dispose() => _sisa.Dispose();
}

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
        var result = _sisa.Run("train", "--workers", "1").Expect(ExitCode.Recipe);

        Assert.Matches(@"shard-000 diverged in stage 1: after step [0-9]+ of [0-9]+, .+ is not a finite number \(learning rate 1000\)", result.Errors);
        Assert.Contains("Nothing was published", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("is served", result.Output, StringComparison.Ordinal);
        Assert.Empty(_sisa.Checkpoints());
    }

    public void Dispose() => _sisa.Dispose();
}

using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void Every_fault_has_its_exit_code_an_error_and_a_hint()
    {
        _sisa.WriteCorpus();
        _sisa.Write("bad.yaml", "labels: [a, b]\nensemble: { shards: 0 }\nnonsense: 1\n");
        _sisa.Write("bad.jsonl", "{\"id\": \"x\", \"author\": \"y\", \"text\": \"z\", \"label\": \"purple\"}\n");
        Check(ExitCode.No, "There is no store", "status");
        Check(ExitCode.Usage, "--help", "frobnicate");
        Check(ExitCode.Usage, "Give '--item'", "forget");
        Check(ExitCode.Recipe, "ensemble.shards", "init", "--recipe", "bad.yaml");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        Check(ExitCode.Data, "already holds a store", "init", "--recipe", "sisa.yaml");
        Check(ExitCode.No, "holds no items", "train");
        Check(ExitCode.Data, "bad.jsonl:1:", "ingest", "bad.jsonl");
        Check(ExitCode.Data, "missing.jsonl", "ingest", "missing.jsonl");
        Check(ExitCode.No, "Nothing is served", "predict", "corpus.jsonl");
        Check(ExitCode.Usage, "--rerun", "verify");
        Check(ExitCode.Usage, "--workers 0", "train", "--workers", "0");
        Assert.Equal(0, _sisa.Run("status", "--json").Json["items"]!.GetValue<long>());
    }

    [Fact]
    public void Status_has_the_documented_shape()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        _sisa.Run("forget", "--item", TestRow.Many(240, 30)[0].Id, "--request-id", "case-17", "--reason", "copyright").Expect(ExitCode.Done);
        var status = _sisa.Run("status", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(239, status["items"]!.GetValue<long>());
        Assert.True(status["epoch"]!.GetValue<long>() >= 3);
        Assert.Empty(status["requests"]!.AsArray());
        Assert.Equal((0, 1), (status["moreRequests"]!.GetValue<int>(), status["requestCounts"]!["certified"]!.GetValue<int>()));
        var request = _sisa.Run("requests", "list", "--json").Expect(ExitCode.Done).Json["requests"]!.AsArray().Single()!;
        Assert.Equal(("case-17", "certified", "copyright"), (request["id"]!.GetValue<string>(), request["state"]!.GetValue<string>(), request["reason"]!.GetValue<string>()));
        Assert.True(DateTimeOffset.Parse(request["due"]!.GetValue<string>()) > DateTimeOffset.Parse(request["received"]!.GetValue<string>()));
        var checkpoints = status["checkpoints"]!.AsArray();
        Assert.Equal(12, checkpoints.Count);
        foreach (var checkpoint in checkpoints)
        {
            Assert.Matches("^[0-9a-f]{64}$", checkpoint!["digest"]!.GetValue<string>());
            Assert.Matches("^[0-9a-f]{64}$", checkpoint["tensors"]!.GetValue<string>());
            Assert.InRange(checkpoint["shard"]!.GetValue<int>(), 0, 3);
            Assert.InRange(checkpoint["slice"]!.GetValue<int>(), 1, 3);
        }

        // For people: the same facts, and nothing on standard error.
        var text = _sisa.Run("status").Expect(ExitCode.Done);
        Assert.Contains("requests: 1 certified", text.Output, StringComparison.Ordinal);
        Assert.Empty(text.Errors);
        Assert.Contains("case-17", _sisa.Run("requests", "list").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Forgetting_answers_for_what_is_unknown_or_gone()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var item = TestRow.Many(240, 30)[3].Id;
        var before = _sisa.Checkpoints();
        _sisa.Run("forget", "--item", "nobody").Expect(ExitCode.No);
        _sisa.Run("forget", "--item", item, "--dry-run").Expect(ExitCode.Done);
        Assert.Equal(before, _sisa.Checkpoints());

        var some = _sisa.Run("forget", "--item", item, "nobody", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal("nobody", some["unknown"]!.AsArray().Single()!.GetValue<string>());
        Assert.Equal(item, some["forgotten"]!.AsArray().Single()!["item"]!.GetValue<string>());
        var after = _sisa.Checkpoints();
        Assert.NotEqual(before, after);

        var again = _sisa.Run("forget", "--item", item, "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(item, again["alreadyForgotten"]!.AsArray().Single()!.GetValue<string>());
        Assert.Equal(after, _sisa.Checkpoints());

        _sisa.Write("gone.jsonl", TestRow.Many(240, 30)[3].ToJson() + "\n");
        Assert.Contains("was forgotten", _sisa.Run("ingest", "gone.jsonl").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Deferred_requests_share_one_retraining()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var rows = TestRow.Many(240, 30);
        _sisa.Run("forget", "--item", rows[1].Id, "--defer").Expect(ExitCode.Done);
        _sisa.Run("forget", "--item", rows[2].Id, "--defer").Expect(ExitCode.Done);
        var status = _sisa.Run("status", "--json").Json;
        Assert.All(status["requests"]!.AsArray(), r => Assert.Equal("fallback-published", r!["state"]!.GetValue<string>()));
        var trained = _sisa.Run("train", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(2, trained["requests"]!.AsArray().Count);
        _sisa.Run("verify", "--rerun").Expect(ExitCode.Done);
    }

    [Fact]
    public void Predictions_stream_and_an_export_gives_the_same()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        const string Rows = "{\"text\": \"one two\", \"id\": \"q1\"}\n{\"text\": \"three\", \"id\": \"q2\"}\n";
        var answers = _sisa.Answer(Rows, "predict").Expect(ExitCode.Done).Output;
        var lines = answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(["q1", "q2"], lines.Select(l => l["id"]!.GetValue<string>()));
        Assert.All(lines, l => Assert.Equal(1, l["probabilities"]!.AsObject().Sum(p => p.Value!.GetValue<double>()), 5));

        _sisa.Run("export", "out").Expect(ExitCode.Done);
        Directory.Move(_sisa["shards"], _sisa["elsewhere"]);
        Assert.Equal(answers, _sisa.Answer(Rows, "predict", "--from", "out").Expect(ExitCode.Done).Output);
        Directory.Move(_sisa["elsewhere"], _sisa["shards"]);

        var forget = _sisa.Run("forget", "--item", TestRow.Many(240, 30)[0].Id).Expect(ExitCode.Done);
        Assert.Contains("Recall", forget.Errors, StringComparison.Ordinal);
        Assert.True(_sisa.Run("status", "--json").Json["exports"]![0]!["recall"]!.GetValue<bool>());
    }

    [Fact]
    public void Answers_follow_from_the_rows_and_not_from_when_they_arrive()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        string[] rows = [.. Enumerable.Range(0, 40).Select(i => $"{{\"text\": \"one two {i} three\", \"id\": \"q{i}\"}}\n")];
        var atOnce = _sisa.Answer(string.Concat(rows), "predict").Expect(ExitCode.Done).Output;
        using var slowly = _sisa.Start("predict");
        foreach (var row in rows)
        {
            slowly.StandardInput.Write(row);
            slowly.StandardInput.Flush();
        }

        slowly.StandardInput.Close();
        Assert.Equal(atOnce, slowly.StandardOutput.ReadToEnd());
        slowly.WaitForExit();

        _sisa.Write("rows.jsonl", string.Concat(rows));
        Assert.Equal(atOnce, _sisa.Run("predict", "rows.jsonl", "--batch-size", "1").Expect(ExitCode.Done).Output);
        Assert.Equal(40, _sisa.Run("predict", "rows.jsonl").Expect(ExitCode.Done).Output.Count(c => c == '\n'));
        _sisa.Run("predict", "rows.jsonl", "--batch-size", "0").Expect(ExitCode.Usage);
    }

    [Fact]
    public void A_prediction_that_waits_for_input_answers_row_by_row_and_sees_a_new_bundle()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        using var predict = _sisa.Start("predict");
        predict.StandardInput.WriteLine("{\"text\": \"one\", \"id\": \"q1\"}");
        predict.StandardInput.Flush();
        var first = JsonNode.Parse(predict.StandardOutput.ReadLine()!)!["epoch"]!.GetValue<long>();
        _sisa.Run("forget", "--item", TestRow.Many(240, 30)[0].Id).Expect(ExitCode.Done);
        predict.StandardInput.WriteLine("{\"text\": \"one\", \"id\": \"q2\"}");
        predict.StandardInput.Close();
        var second = JsonNode.Parse(predict.StandardOutput.ReadLine()!)!["epoch"]!.GetValue<long>();
        predict.WaitForExit();
        Assert.True(second > first);
        Assert.Equal(0, predict.ExitCode);
    }

    [Fact]
    public void Suspension_answers_nothing_until_the_request_is_served()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        _sisa.Run("forget", "--item", TestRow.Many(240, 30)[0].Id, "--policy", "suspend", "--defer").Expect(ExitCode.Done);
        Assert.Contains("suspended", _sisa.Run("predict", "corpus.jsonl").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        _sisa.Run("train").Expect(ExitCode.Done);
        _sisa.Run("predict", "corpus.jsonl").Expect(ExitCode.Done);
    }

    [Fact]
    public void Evaluation_reports_ensemble_constituents_and_confusion()
    {
        _sisa.WriteCorpus();
        _sisa.Train();
        var evaluation = _sisa.Run("evaluate", "corpus.jsonl", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(240, evaluation["ensemble"]!["items"]!.GetValue<long>());
        Assert.Equal(4, evaluation["constituents"]!.AsArray().Count);
        Assert.Equal(240, evaluation["confusion"]!.AsArray().Sum(row => row!.AsArray().Sum(n => n!.GetValue<long>())));
        foreach (var rule in new[] { "majority-vote", "mean-probability", "log-mean" })
        {
            _sisa.Run("evaluate", "corpus.jsonl", "--aggregation", rule).Expect(ExitCode.Done);
        }
    }

    [Fact]
    public void The_printed_recipe_makes_no_store_and_names_every_key()
    {
        var printed = _sisa.Run("init", "--print-recipe").Expect(ExitCode.Done).Output;
        Assert.Contains("ensemble:", printed, StringComparison.Ordinal);
        Assert.Contains("epochs:", printed, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_sisa["shards"]));
    }

    [Fact]
    public void A_proposed_recipe_trains()
    {
        _sisa.WriteCorpus();
        var proposed = _sisa.Run("init", "--inspect", "corpus.jsonl").Expect(ExitCode.Done).Output;
        _sisa.Write("proposed.yaml", proposed);
        Assert.Contains("declaredAfterInspection", proposed, StringComparison.Ordinal);
        _sisa.Run("init", "--recipe", "proposed.yaml", "--set", "training.epochs=1", "ensemble.shards=2").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train").Expect(ExitCode.Done);
    }

    [Fact]
    public void Output_on_standard_output_is_data_alone()
    {
        _sisa.WriteCorpus();
        Assert.Empty(_sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done).Output);
        Assert.Empty(_sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done).Output);
        var train = _sisa.Run("train").Expect(ExitCode.Done);
        Assert.Empty(train.Output);
        Assert.DoesNotContain("\u001b", train.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _sisa.Dispose();

    private void Check(ExitCode code, string said, params string[] arguments)
    {
        var result = _sisa.Run(arguments).Expect(code);
        Assert.Contains(said, result.Errors, StringComparison.Ordinal);
        Assert.StartsWith("sisa: error: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("sisa: hint: ", result.Errors, StringComparison.Ordinal);
    }
}

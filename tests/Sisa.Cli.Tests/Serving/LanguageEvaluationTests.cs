using System.Text;
using System.Text.Json.Nodes;

namespace Sisa.Cli.Tests.Serving;

public sealed class LanguageEvaluationTests(TrainedLanguageStore trained) : IClassFixture<TrainedLanguageStore>
{
    private readonly SisaCommand _sisa = trained.Sisa;

    [Fact]
    public void Figures_are_those_of_the_texts_that_predict_scores_one_by_one()
    {
        var evaluation = _sisa.Run("evaluate", "--json", "--by-subject").Expect(ExitCode.Done).Json;
        var lines = Lines(_sisa.Run("predict", "held-out.jsonl").Expect(ExitCode.Done).Output);
        var ensemble = evaluation["ensemble"]!;

        Assert.Equal(20, lines.Length);
        Assert.Equal(20, (int)ensemble["items"]!);
        Assert.Equal(lines.Sum(line => (long)line["tokens"]!), (long)ensemble["tokens"]!);
        Assert.Equal(lines.Sum(line => (double)line["nats"]!) / (long)ensemble["tokens"]!, (double)ensemble["natsPerToken"]!, 1e-4);
        var bytes = File.ReadLines(_sisa["held-out.jsonl"]).Sum(line => Encoding.UTF8.GetByteCount((string)JsonNode.Parse(line)!["text"]!));
        Assert.Equal(bytes, (long)ensemble["bytes"]!);

        // The mark behind each text is a token.
        Assert.Equal(bytes + 20, (long)ensemble["tokens"]!);
        Assert.Equal((double)ensemble["natsPerToken"]! * (bytes + 20) / Math.Log(2) / bytes, (double)ensemble["bitsPerByte"]!, 1e-9);
        Assert.Equal(Math.Exp((double)ensemble["natsPerToken"]!), (double)ensemble["perplexity"]!, 1e-9);
        Assert.Equal(4, evaluation["subjects"]!.AsArray().Count);
        Assert.Equal((long)ensemble["tokens"]!, evaluation["subjects"]!.AsArray().Sum(subject => (long)subject!["figures"]!["tokens"]!));
        Assert.Equal(2, evaluation["constituents"]!.AsArray().Count);
        Assert.Equal(["mean-probability"], evaluation["rules"]!.AsArray().Select(rule => (string)rule!["aggregation"]!));
        Assert.Empty(_sisa.Run("evaluate", "--json").Json["subjects"]!.AsArray());
    }

    [Fact]
    public void Every_rule_that_applies_is_compared_and_timed_beside_each_constituent()
    {
        var evaluation = _sisa.Run("evaluate", "held-out.jsonl", "--compare", "--aggregation", "log-mean", "--json").Expect(ExitCode.Done).Json;
        var rules = evaluation["rules"]!.AsArray();

        Assert.Equal(["log-mean", "mean-probability", "posterior-weighted", "weight-average"], rules.Select(rule => (string)rule!["aggregation"]!));
        Assert.Equal("log-mean", (string)evaluation["aggregation"]!);
        Assert.All(rules, rule => Assert.True((double)rule!["tokensPerSecond"]! > 0));
        Assert.Equal((double)evaluation["ensemble"]!["perplexity"]!, (double)rules[0]!["figures"]!["perplexity"]!);

        // A mean of probabilities never costs more than the mean of the costs.
        var mean = evaluation["constituents"]!.AsArray().Average(c => (double)c!["figures"]!["natsPerToken"]!);
        Assert.True((double)rules[1]!["figures"]!["natsPerToken"]! <= mean);
        var text = _sisa.Run("evaluate", "--compare", "--by-subject").Expect(ExitCode.Done).Output;
        Assert.Contains("ensemble (weight-average)", text, StringComparison.Ordinal);
        Assert.Contains("bits/byte", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_scored_row_by_row_from_standard_input()
    {
        var lines = Lines(_sisa.Answer("{\"text\": \"one two\", \"id\": \"q1\"}\n{\"text\": \"ünö\"}\n", "predict").Expect(ExitCode.Done).Output);

        Assert.Equal(["id", "tokens", "nats", "perplexity", "bitsPerByte", "epoch"], lines[0].AsObject().Select(member => member.Key));
        Assert.Equal(("q1", 8, 6), ((string)lines[0]["id"]!, (int)lines[0]["tokens"]!, (int)lines[1]["tokens"]!));
        Assert.Equal(lines[0].ToJsonString(), Lines(_sisa.Answer("{\"text\": \"one two\", \"id\": \"q1\"}\n", "predict", "--from", "out").Output)[0].ToJsonString());
    }

    [Fact]
    public void A_file_without_a_text_has_no_figures()
    {
        _sisa.Write("empty.jsonl", string.Empty);

        Assert.Contains("empty.jsonl", _sisa.Run("evaluate", "empty.jsonl").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
    }

    private static JsonNode[] Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
}

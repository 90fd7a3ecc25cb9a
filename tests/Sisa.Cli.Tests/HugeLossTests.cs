using System.Text.Json.Nodes;

namespace Sisa.Cli.Tests;

/// <summary>A model whose losses are numbers and whose perplexity is none.</summary>
public sealed class HugeLossTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_perplexity_beyond_all_numbers_is_null_or_absent_with_its_reason_and_the_certificate_holds()
    {
        Write("corpus.jsonl", "author", i => $"my secret number is {7919 * i} and I live in town {31 * i}, please keep that quiet for ever and ever, thank you");
        Write("test.jsonl", "reader", i => $"my public number is {7919 * i} and I live in town {31 * i}, please keep that quiet for ever and ever, thank you");

        // Every step multiplies the weights by −1.2: some thousands of nats a token, where 709.78 are the most whose perplexity is a number.
        _sisa.Write("sisa.yaml", """
            task: language-model
            corpus: { fields: { id: id, subject: author, text: text } }
            ensemble: { shards: 1, slices: 1 }
            model: { kind: decoder, layers: 1, width: 64, heads: 1, context: 32, tokenizer: bytes }
            training: { epochs: 1, optimizer: sgd, learningRate: 0.1, batchSize: 1, clip: 0, weightDecay: 22 }
            evaluation: { file: test.jsonl }
            """);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        var evaluated = _sisa.Run("evaluate", "--json").Expect(ExitCode.Done).Json["ensemble"]!.AsObject();
        Assert.True((double)evaluated["natsPerToken"]! > 1000, evaluated.ToJsonString());
        Assert.True(evaluated.ContainsKey("perplexity") && evaluated["perplexity"] is null);
        Assert.Contains("> 1.8e308", _sisa.Run("evaluate").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        Assert.Contains("\"perplexity\":null", _sisa.Run("predict", "test.jsonl").Expect(ExitCode.Done).Output, StringComparison.Ordinal);

        _sisa.Run("forget", "--subject", "author-1", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);
        var measured = Language();
        Assert.Equal(3, (int)measured["items"]!);
        Assert.All(["perplexity", "unseenPerplexity", "neighbourPerplexity"], figure => Assert.Null(measured[figure]));
        Assert.Equal(
            ["neighbourPerplexity", "perplexity", "unseenPerplexity", "utility.perplexity"],
            measured["absent"]!.AsArray().Where(absent => (string)absent!["reason"]! == "too-large").Select(absent => (string)absent!["figure"]!).Order(StringComparer.Ordinal));
        var verified = _sisa.Run("verify", "shards/certificates/r-1.dsse.json", "--nonce", "copy.json").Expect(ExitCode.Done).Output;
        Assert.Contains("perplexity of the forgotten texts > 1.8e308, of 12 unseen texts > 1.8e308", verified, StringComparison.Ordinal);
    }

    public void Dispose() => _sisa.Dispose();

    private void Write(string name, string kind, Func<int, string> text) =>
        _sisa.Write(name, string.Concat(Enumerable.Range(0, 12).Select(i => $$"""{"id": "{{kind}}-text-{{i}}", "author": "{{kind}}-{{i % 4}}", "text": "{{text(i)}}"}""" + "\n")));

    private JsonNode Language()
    {
        var certificate = JsonNode.Parse(File.ReadAllText(_sisa["shards/certificates/r-1.dsse.json"]))!;
        return JsonNode.Parse(Convert.FromBase64String((string)certificate["payload"]!))!["predicate"]!["measurements"]!["language"]!;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sisa.Sharding;
using Sisa.TestKit;

namespace Sisa.Cli.Tests;

/// <summary>What forgetting did to texts, as the certificate and the requester's copy tell it, of a small model that knows its texts by heart.</summary>
public sealed class TextMeasurementCommandTests : IDisposable
{
    private const int Texts = 24;
    private const int Authors = 6;
    private const int HeldOut = 30;

    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void Texts_that_were_known_by_heart_are_like_any_unseen_text_once_they_are_forgotten()
    {
        Train();
        var told = _sisa.Run("forget", "--subject", "author-1", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);

        var before = Before();
        var after = Measurements();
        Assert.Equal(Texts / Authors, (int)after["items"]!);
        Assert.Equal(HeldOut, (int)after["unseen"]!);

        // Before: known by heart. After: like what was never seen.
        Assert.Equal(1, Value(before["extraction"]!["share"]));
        Assert.Equal(0, Value(after["extraction"]!["share"]));
        Assert.True(Value(before["perplexity"]) < 1.5, before.ToJsonString());
        Assert.True(Value(after["perplexity"]) > 3, after.ToJsonString());
        Assert.InRange(Value(after["perplexity"]) / Value(after["unseenPerplexity"]), 0.5, 2);
        foreach (var attack in new[] { "byLoss", "byMinK" })
        {
            Assert.All(before[attack]!["ranks"]!.AsArray(), rank => Assert.Equal(1, (double)rank!));
            Assert.InRange(after[attack]!["ranks"]!.AsArray().Average(rank => (double)rank!), 0.05, 0.95);
        }

        // Nothing else is damaged: the neighbours are known by heart before and after.
        Assert.True((int)after["neighbours"]! > 0);
        Assert.True(Value(before["neighbourPerplexity"]) < 1.5 && Value(after["neighbourPerplexity"]) < 1.5, after.ToJsonString());
        Assert.NotNull(after["utility"]!["perplexity"]!["low"]);
        Assert.Equal(HeldOut, (int)after["utility"]!["items"]!);
        var evaluated = _sisa.Run("evaluate", "--json").Expect(ExitCode.Done).Json["ensemble"]!;
        Assert.Equal((double)evaluated["perplexity"]!, Value(after["utility"]!["perplexity"]), 1e-4);
        Assert.Equal((double)evaluated["bitsPerByte"]!, (double)after["utility"]!["bitsPerByte"]!, 1e-4);

        // The store keeps nothing of the models of before; the certificate says whose figures these are.
        Assert.DoesNotContain(Value(before["utility"]!["perplexity"]).ToString("R", CultureInfo.InvariantCulture), EverythingIn("shards"), StringComparison.Ordinal);
        Assert.Contains("retrain oracle", Statement()["claims"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Extraction: 0.0 %", told.Output + told.Errors, StringComparison.Ordinal);
        var shown = _sisa.Run("certificate", "show", "r-1").Expect(ExitCode.Done).Output;
        Assert.Contains("Retained neighbours:", shown, StringComparison.Ordinal);
        Assert.Contains("bits per byte on 30 held-out texts", shown, StringComparison.Ordinal);
        Assert.Contains("perplexity of the forgotten texts 1.", _sisa.Run("verify", "shards/certificates/r-1.dsse.json", "--nonce", "copy.json").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_span_is_measured_by_its_own_tokens_in_the_text_as_it_was()
    {
        Train();
        _sisa.Run("forget", "--item", "text-03", "--span", "40..100", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);

        var (before, after) = (Before(), Measurements());

        Assert.Equal((1, 1), ((int)after["items"]!, (int)after["extraction"]!["items"]!));
        Assert.True(Value(before["spanPerplexity"]) < 1.5, before.ToJsonString());
        Assert.True(Value(after["spanPerplexity"]) > Value(after["perplexity"]), after.ToJsonString());
        Assert.Equal((1, 0), (Value(before["extraction"]!["share"]), Value(after["extraction"]!["share"])));
        Assert.Null(after["perplexity"]!["low"]);
    }

    [Fact]
    public void What_waits_is_measured_at_the_receipt_and_again_when_it_is_served()
    {
        Train(epochs: 2);
        _sisa.Run("forget", "--item", "text-03", "--span", "40..100", "--defer", "--request-id", "r-1", "--requester-copy", "copy.json").Expect(ExitCode.Done);
        Assert.NotNull(Before()["spanPerplexity"]);

        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);

        Assert.NotNull(Measurements()["spanPerplexity"]);
    }

    [Fact]
    public void Without_an_evaluation_file_there_is_nothing_to_compare_with_and_the_rest_is_measured()
    {
        WriteMeasured(epochs: 2);
        _sisa.TrainHere();
        File.Delete(_sisa["test.jsonl"]);

        var forgotten = _sisa.Run("forget", "--item", "text-03", "--request-id", "r-1").Expect(ExitCode.Done);

        Assert.Contains("Retained utility is not measured: ", forgotten.Errors, StringComparison.Ordinal);
        var after = Measurements();
        Assert.Equal((1, 0), ((int)after["items"]!, (int)after["unseen"]!));
        Assert.Null(after["byLoss"]);
        Assert.Null(after["utility"]);
        Assert.All(after["absent"]!.AsArray(), absent => Assert.Equal("failed", (string)absent!["reason"]!));
        Assert.Equal(["unseenPerplexity", "byLoss", "byMinK", "utility"], after["absent"]!.AsArray().Select(absent => (string)absent!["figure"]!));
        Assert.Contains("no unseen texts to compare with", _sisa.Run("certificate", "show", "r-1").Output, StringComparison.Ordinal);
    }

    private void Train(int epochs = 90)
    {
        WriteMeasured(epochs);
        _sisa.Train();
    }

    private void WriteMeasured(int epochs)
    {
        Write("corpus.jsonl", Enumerable.Range(0, Texts).Select(i => Row($"text-{i:00}", $"author-{i % Authors}")));
        Write("test.jsonl", Enumerable.Range(0, HeldOut).Select(i => Row($"held-out-{i:00}", "reader")));
        _sisa.Write("sisa.yaml", $$"""
            name: small
            task: language-model
            corpus: { fields: { id: id, subject: author, text: text } }
            ensemble: { shards: 2, slices: 2 }
            model: { kind: decoder, layers: 2, width: 64, heads: 4, context: 128 }
            training: { epochs: {{epochs}}, batchSize: 4, learningRate: 6e-3, schedule: cosine, warmup: 0.05, clip: 1 }
            evaluation: { file: test.jsonl }
            """);

        // A key of its own would put other authors together, and the figures elsewhere.
        _sisa.Write("assignment.key", Encoding.UTF8.GetString(SmallRecipes.Key().ToFileBytes()));
    }

    // Words at random: nobody could guess how a text goes on.
    private static string Row(string id, string author)
    {
        string[] words = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "islet", "jetty", "knoll", "lagoon", "marsh", "notch", "oasis", "prairie"];
        var generator = new SeededGenerator(Digest.Of(Encoding.UTF8.GetBytes(id)));
        return JsonSerializer.Serialize(new { id, author, text = string.Join(' ', Enumerable.Range(0, 19).Select(_ => words[generator.NextInt32(words.Length)])) });
    }

    private void Write(string name, IEnumerable<string> rows) => _sisa.Write(name, string.Concat(rows.Select(row => row + "\n")));

    private static double Value(JsonNode? estimate) => (double)estimate!["value"]!;

    private JsonNode Before() => JsonNode.Parse(File.ReadAllText(_sisa["copy.json"]))!["before"]!["language"]!;

    private JsonNode Measurements() => Statement()["measurements"]!["language"]!;

    private JsonNode Statement()
    {
        var certificate = JsonNode.Parse(File.ReadAllText(_sisa["shards/certificates/r-1.dsse.json"]))!;
        return JsonNode.Parse(Convert.FromBase64String((string)certificate["payload"]!))!["predicate"]!;
    }

    private string EverythingIn(string folder) =>
        string.Concat(StoreFiles.All(_sisa[folder]).Select(file => Encoding.Latin1.GetString(StoreFiles.Read(Path.Combine(_sisa[folder], file)))));
}

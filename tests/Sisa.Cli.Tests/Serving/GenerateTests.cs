using System.Text.Json.Nodes;

namespace Sisa.Cli.Tests.Serving;

public sealed class GenerateTests(TrainedLanguageStore trained) : IClassFixture<TrainedLanguageStore>
{
    private readonly SisaCommand _sisa = trained.Sisa;

    [Fact]
    public void The_same_seed_writes_the_same_text_and_another_another()
    {
        var text = Text("--seed", "3");

        Assert.Equal(text, Text("--seed", "3"));
        Assert.NotEqual(text, Text("--seed", "4"));
        Assert.Equal(text, _sisa.Answer("one two", "generate", "-", "--seed", "3", "--max-tokens", "60").Expect(ExitCode.Done).Output);
        Assert.Equal(text, Text("--seed", "3", "--from", "out"));
        Assert.NotEmpty(Text("--seed", "3", "--aggregation", "weight-average"));
    }

    [Fact]
    public void Json_tells_what_wrote_the_text_and_why_it_ended()
    {
        var written = Json("--max-tokens", "5", "--seed", "8", "--aggregation", "posterior-weighted", "--temperature", "0");

        Assert.Equal(
            ["number", "text", "tokens", "finish", "epoch", "shards", "aggregation", "seed"],
            written.Select(member => member.Key));
        Assert.Equal(("length", 5, 8, "posterior-weighted"), ((string)written["finish"]!, (int)written["tokens"]!, (int)written["seed"]!, (string)written["aggregation"]!));
        Assert.Equal(_sisa.Run("status", "--json").Json["epoch"]!.GetValue<long>(), (long)written["epoch"]!);
        Assert.Equal([0, 1], written["shards"]!.AsArray().Select(shard => (int)shard!));

        // A text that ends before its third character.
        var text = (string)written["text"]!;
        var stopped = Json("--temperature", "0", "--aggregation", "posterior-weighted", "--stop", "never to be seen", "--stop", text[2..4]);
        Assert.Equal("stop", (string)stopped["finish"]!);
        Assert.Equal(text[..text.IndexOf(text[2..4], StringComparison.Ordinal)], (string)stopped["text"]!);
    }

    [Fact]
    public void Several_texts_differ_and_each_is_what_it_would_be_alone()
    {
        var lines = _sisa.Run("generate", "one two", "--json", "--count", "6", "--max-tokens", "400").Expect(ExitCode.Done).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var texts = lines.Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.Equal(6, texts.Select(text => (string)text["text"]!).Distinct().Count());
        Assert.Contains("end", texts.Select(text => (string)text["finish"]!));
        Assert.Equal((string)texts[0]["text"]! + "\n", _sisa.Run("generate", "one two", "--max-tokens", "400").Expect(ExitCode.Done).Output);
        Assert.Equal(string.Concat(texts.Select(text => (string)text["text"]! + "\n")), _sisa.Run("generate", "one two", "--max-tokens", "400", "--count", "6").Output);
    }

    [Fact]
    public void A_text_may_begin_with_nothing_but_its_mark() => Assert.NotEmpty(_sisa.Run("generate", "", "--max-tokens", "4").Expect(ExitCode.Done).Output);

    [Fact]
    public void The_commands_of_the_page_about_the_command_line_do_what_it_says()
    {
        DocumentedCommands.Need("bash");
        _sisa.Write("generate.sh", "set -e\n" + DocumentedCommands.Block("docs/cli.md", "## Texts from language models", "sh"));

        var output = DocumentedCommands.Bash(_sisa.Folder, "generate.sh").Expect(ExitCode.Done).Output;
        Assert.Contains("ensemble (weight-average)", output, StringComparison.Ordinal);
        Assert.Equal(5, output.Split("\"finish\":").Length - 1);
    }

    [Theory]
    [InlineData("--temperature", "-1")]
    [InlineData("--top-p", "0")]
    [InlineData("--top-k", "x")]
    [InlineData("--repetition-penalty", "0.5")]
    [InlineData("--max-tokens", "0")]
    [InlineData("--count", "0")]
    [InlineData("--seed", "-1")]
    [InlineData("--stop", "")]
    [InlineData("--aggregation", "majority-vote")]
    public void What_makes_no_sense_is_refused_by_name(string option, string value) =>
        Assert.Contains(option == "--aggregation" ? value : option, _sisa.Run("generate", "x", option, value).Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);

    [Fact]
    public void Weights_that_started_apart_are_not_averaged()
    {
        using var sisa = new SisaCommand();
        TrainedLanguageStore.Write(sisa);
        File.WriteAllText(sisa["sisa.yaml"], File.ReadAllText(sisa["sisa.yaml"]).Replace("init: shared", "init: per-shard", StringComparison.Ordinal));
        sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.Contains("training.init", sisa.Run("generate", "x", "--aggregation", "weight-average").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("sisa ingest", sisa.Run("generate", "x").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Classifiers_write_nothing_and_language_models_have_no_labels()
    {
        using var sisa = new SisaCommand();
        sisa.WriteCorpus();
        sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);

        Assert.Contains("language-model", sisa.Run("generate", "x").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("--compare", sisa.Run("evaluate", "corpus.jsonl", "--compare").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
        Assert.Contains("classifiers", sisa.Run("predict", "corpus.jsonl", "--aggregation", "posterior-weighted").Expect(ExitCode.Usage).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_is_cut_off_with_an_error_when_what_is_served_changes_meanwhile()
    {
        using var sisa = new SisaCommand();
        TrainedLanguageStore.Write(sisa);
        sisa.Train();

        // At such a temperature every token is as likely as the next: a text is some 258 long. A change just between two texts is no fault, so there may be a second one.
        using var endless = sisa.Start("generate", "a", "--temperature", "1000", "--count", "1000000", "--max-tokens", "100000");
        Assert.NotEqual(-1, endless.StandardOutput.Read());
        var errors = endless.StandardError.ReadToEndAsync();
        var drained = endless.StandardOutput.ReadToEndAsync();
        foreach (var subject in new[] { "author-003", "author-005" })
        {
            sisa.Run("forget", "--subject", subject, "--defer").Expect(ExitCode.Done);
            if (endless.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                break;
            }
        }

        Assert.True(endless.HasExited);
        Assert.Equal((int)ExitCode.Resumable, endless.ExitCode);
        Assert.Contains("changed from epoch", await errors, StringComparison.Ordinal);
        Assert.NotEmpty(await drained);
        sisa.Run("forget", "--subject", "author-004", "--defer", "--policy", "suspend").Expect(ExitCode.Done);
        Assert.Contains("suspended", sisa.Run("generate", "a").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
    }

    private string Text(params string[] options) => _sisa.Run(["generate", "one two", "--max-tokens", "60", .. options]).Expect(ExitCode.Done).Output;

    private JsonObject Json(params string[] options) => JsonNode.Parse(_sisa.Run(["generate", "one two", "--json", .. options]).Expect(ExitCode.Done).Output)!.AsObject();
}

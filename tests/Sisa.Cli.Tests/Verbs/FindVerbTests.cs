using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

public sealed class FindVerbTests : IDisposable
{
    private const string Text = "It was a dark and stormy night; the rain fell in torrents, except at occasional intervals.";

    private readonly SisaCommand _sisa = new();

    [Fact]
    public void A_phrase_is_found_and_what_is_printed_can_be_pasted_into_forget()
    {
        Train();

        var found = _sisa.Run("find", "--text", "dark AND stormy").Expect(ExitCode.Done);
        Assert.Contains("original", found.Output, StringComparison.Ordinal);
        Assert.Contains("To cut it out: sisa forget --item", found.Errors, StringComparison.Ordinal);

        var json = _sisa.Run("find", "--text", "dark and stormy", "--json").Expect(ExitCode.Done).Json;
        var item = json["found"]!.AsArray().Single(f => f!["item"]!.GetValue<string>() == "original")!;
        var span = item["spans"]!.AsArray().Single()!["span"]!.GetValue<string>();
        Assert.Equal(("9..24", "exact"), (span, item["kind"]!.GetValue<string>()));
        Assert.Equal((62, "normalised"), (json["items"]!.GetValue<int>(), json["match"]!.GetValue<string>()));

        _sisa.Run("forget", "--item", "original", "--span", span).Expect(ExitCode.Done);
        _sisa.Run("forget", "--item", "copy", "--span", span).Expect(ExitCode.Done);
        Assert.Contains("0 found in 62 items", _sisa.Run("find", "--text", "dark and stormy").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_phrase_comes_from_a_file_or_from_standard_input()
    {
        Ingest();
        _sisa.Write("phrase.txt", Text + "\n");

        _sisa.Run("find", "--text-file", "phrase.txt", "--match", "exact").Expect(ExitCode.Done);
        _sisa.Answer(Text, "find", "--text-file", "-", "--match", "near").Expect(ExitCode.Done);
        _sisa.Run("find", "--text-file", "nowhere").Expect(ExitCode.Data);
    }

    [Fact]
    public void Duplicates_are_shown_before_the_receipt_and_the_certificate_says_what_was_searched()
    {
        Train();
        Assert.Contains("--with-duplicates near", _sisa.Run("find", "--similar", "original").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        var dry = _sisa.Run("forget", "--item", "original", "--with-duplicates", "near", "--dry-run", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(["copy", "original"], Ids(dry["forgotten"]!));
        Assert.Equal("original", dry["duplicates"]!["found"]!.AsArray().Single()!["of"]!.GetValue<string>());

        var forgotten = _sisa.Run("forget", "--item", "original", "--with-duplicates", "near", "--request-id", "r-1").Expect(ExitCode.Done);
        var lines = forgotten.Errors.Split('\n');
        Assert.True(Array.FindIndex(lines, l => l.Contains("'copy' of 'author-y'", StringComparison.Ordinal)) < Array.FindIndex(lines, l => l.Contains("is received", StringComparison.Ordinal)));
        Assert.Contains("1 found in 62 items, 1 forgotten with them; by resemblance", _sisa.Run("certificate", "show", "r-1").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        var statement = _sisa.Run("certificate", "show", "r-1", "--json").Expect(ExitCode.Done).Json["predicate"]!["duplicates"]!;
        Assert.Equal(("near", 62, 1, 1), (statement["level"]!.GetValue<string>(), statement["itemsSearched"]!.GetValue<int>(), statement["found"]!.GetValue<int>(), statement["forgotten"]!.GetValue<int>()));
        _sisa.Run("verify", "shards/certificates/r-1.dsse.json").Expect(ExitCode.Done);

        _sisa.Run("forget", "--item", "original", "--with-duplicates", "near", "--request-id", "r-1").Expect(ExitCode.Done);
        _sisa.Run("forget", "--item", "item-00001", "--request-id", "r-2").Expect(ExitCode.Done);
        Assert.Contains("not searched for", _sisa.Run("certificate", "show", "r-2").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        _sisa.Run("verify", "--rerun", "--workers", "1").Expect(ExitCode.Done);
    }

    [Fact]
    public void A_subject_is_listed_with_its_items_and_the_copies_that_others_hold()
    {
        Ingest();

        var json = _sisa.Run("find", "--subject", "author-x", "--json").Expect(ExitCode.Done).Json;
        Assert.Equal(["original"], Ids(json["own"]!));
        Assert.Equal(["copy"], Ids(json["found"]!));
        Assert.Contains("subject", _sisa.Run("find", "--subject", "author-x").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        _sisa.Run("find", "--subject", "nobody").Expect(ExitCode.No);
        _sisa.Run("find", "--similar", "nobody").Expect(ExitCode.No);
        _sisa.Run("find", "--similar", "item-00001", "--match", "exact").Expect(ExitCode.No);
    }

    [Theory]
    [InlineData("find")]
    [InlineData("find", "--text", "")]
    [InlineData("find", "--text", "a", "--subject", "b")]
    [InlineData("find", "--text", "a", "--text-file", "b")]
    [InlineData("find", "--text", "a", "--match", "similar")]
    [InlineData("find", "--text", "a", "--threshold", "0")]
    [InlineData("find", "--text", "a", "--threshold", "1.5")]
    [InlineData("forget", "--item", "original", "--span", "1..2", "--with-duplicates", "near")]
    [InlineData("forget", "--item", "original", "--with-duplicates", "near", "--threshold", "7")]
    public void What_makes_no_sense_is_refused(params string[] arguments)
    {
        Ingest();

        _sisa.Run(arguments).Expect(ExitCode.Usage);
        Assert.Empty(_sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray());
    }

    public void Dispose() => _sisa.Dispose();

    private static string[] Ids(JsonNode rows) => [.. rows.AsArray().Select(f => f!["item"]!.GetValue<string>()).Order(StringComparer.Ordinal)];

    private void Train()
    {
        Write();
        _sisa.Train(corpora: ["corpus.jsonl", "planted.jsonl"]);
    }

    private void Ingest()
    {
        Write();
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl", "planted.jsonl").Expect(ExitCode.Done);
    }

    private void Write()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        TestRow[] planted = [new("original", "author-x", Text), new("copy", "author-y", Text.Replace("rain", "hail", StringComparison.Ordinal), Label: 1)];
        _sisa.Write("planted.jsonl", string.Concat(planted.Select(r => r.ToJson() + "\n")));
    }
}

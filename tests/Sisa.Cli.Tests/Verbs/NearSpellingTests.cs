using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

public sealed class NearSpellingTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public NearSpellingTests()
    {
        _sisa.WriteCorpus(rows: 30, epochs: "1");
        TestRow[] planted =
        [
            new("mail-lower", "ann@example.org", "the first of the letters"),
            new("mail-upper", "Ann@Example.org", "the second of the letters", Label: 1),
            new("mail-other", "bob@example.org", "the third of the letters", Label: 2),
            new("1000", "number-a", "the fourth of the letters"),
            new("1e3", "number-b", "the fifth of the letters"),
            new("\u202egnp.exe", "\u202eevil", "the sixth of the letters"),
            new("zero\u200bwidth", "x\u200b", "the seventh of the letters"),
        ];
        _sisa.Write("planted.jsonl", string.Concat(planted.Select(r => r.ToJson() + "\n")));
    }

    [Fact]
    public void Ingest_names_the_subjects_and_ids_that_are_spelt_nearly_alike()
    {
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        var errors = _sisa.Run("ingest", "corpus.jsonl", "planted.jsonl").Expect(ExitCode.Done).Errors;

        Assert.Contains("2 subjects and 2 item ids differ from another one only in spelling", errors, StringComparison.Ordinal);
        Assert.Contains("'Ann@Example.org' (1 item), 'ann@example.org' (1 item)", errors, StringComparison.Ordinal);
        Assert.Contains("'1000', '1e3'", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Forget_names_what_stays_and_so_does_the_certificate_in_figures_alone()
    {
        Train();

        var dry = _sisa.Run("forget", "--subject", "ann@example.org", "--dry-run", "--json").Expect(ExitCode.Done);
        Assert.Contains("Subject 'Ann@Example.org' (1 item) differs from 'ann@example.org' only in spelling, and is not included.", dry.Errors, StringComparison.Ordinal);
        Assert.Equal("Ann@Example.org", dry.Json["nearSpellings"]!.AsArray().Single()!["name"]!.GetValue<string>());

        var errors = _sisa.Run("forget", "--subject", "ann@example.org", "--request-id", "r-1").Expect(ExitCode.Done).Errors;
        Assert.Contains("Subject 'Ann@Example.org' (1 item)", errors, StringComparison.Ordinal);
        var statement = _sisa.Run("certificate", "show", "r-1", "--json").Expect(ExitCode.Done);
        Assert.Equal(("exact", 1, 0), Figures(statement.Json));
        Assert.DoesNotContain("xample.org", statement.Output, StringComparison.Ordinal);
        Assert.Contains("1 found among", _sisa.Run("certificate", "show", "r-1").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
        _sisa.Run("verify", "shards/certificates/r-1.dsse.json").Expect(ExitCode.Done);
    }

    [Fact]
    public void Folded_takes_near_spellings_along_and_repeating_it_changes_nothing()
    {
        Train();

        _sisa.Run("forget", "--subject", "ANN@example.org", "--match", "folded", "--request-id", "r-1").Expect(ExitCode.Done);

        Assert.Empty(Own("ann@example.org"));
        Assert.Empty(Own("Ann@Example.org"));
        Assert.Equal(["mail-other"], Own("bob@example.org"));
        Assert.Equal(("folded", 2, 2), Figures(_sisa.Run("certificate", "show", "r-1", "--json").Expect(ExitCode.Done).Json));
        _sisa.Run("forget", "--subject", "ANN@example.org", "--match", "folded", "--request-id", "r-1").Expect(ExitCode.Done);
        _sisa.Run("forget", "--subject", "ANN@example.org").Expect(ExitCode.Done);
        Assert.Equal(["certified", "nothing-held"], _sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray().Select(r => r!["state"]!.GetValue<string>()));
        _sisa.Run("verify", "--rerun", "--workers", "1").Expect(ExitCode.Done);
    }

    [Fact]
    public void A_spelling_that_no_item_has_is_answered_with_those_that_are_there()
    {
        Train();
        _sisa.Write("list.csv", "subject\nANN@example.org\nbob@example.org\n");

        var unknown = _sisa.Run("forget", "--subject", "ANN@example.org").Expect(ExitCode.No).Errors;
        Assert.Contains("'ANN@example.org' is not in the store.", unknown, StringComparison.Ordinal);
        Assert.Contains("'ann@example.org' (1 item) differs from 'ANN@example.org'", unknown, StringComparison.Ordinal);
        Assert.Contains("--match folded", unknown, StringComparison.Ordinal);
        Assert.Contains("'01000.0'", _sisa.Run("find", "--similar", "01000.0").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        Assert.Contains("'Ann@Example.org' (1 item)", _sisa.Run("find", "--subject", "ann@example.org").Errors, StringComparison.Ordinal);

        var listed = _sisa.Run("forget", "--file", "list.csv", "--dry-run").Expect(ExitCode.Done).Errors;
        Assert.Contains("Subject 'Ann@Example.org' (1 item) differs from 'ANN@example.org'", listed, StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_of_direction_and_invisible_characters_never_reach_the_terminal()
    {
        Train();

        var found = _sisa.Run("find", "--subject", "\u202eevil");
        Assert.Contains(@"\u{202E}gnp.exe", found.Output, StringComparison.Ordinal);
        var json = _sisa.Run("find", "--subject", "x\u200b", "--json");
        Assert.Equal("zero\u200bwidth", json.Json["own"]!.AsArray().Single()!["item"]!.GetValue<string>());
        var unknown = _sisa.Run("forget", "--item", "\u202enobody\u001b[2J").Expect(ExitCode.No);
        Assert.Contains(@"'\u{202E}nobody\u{1B}[2J' is not in the store.", unknown.Errors, StringComparison.Ordinal);
        var again = _sisa.Run("ingest", "planted.jsonl").Expect(ExitCode.Data);
        Assert.All(new[] { found, json, unknown, again }, r => Assert.DoesNotContain(r.Output + r.Errors, c => c is '\u202e' or '\u200b' or '\u001b'));
    }

    public void Dispose() => _sisa.Dispose();

    private static (string Match, int Found, int Forgotten) Figures(JsonNode statement)
    {
        var near = statement["predicate"]!["spellings"]!;
        return (near["match"]!.GetValue<string>(), near["found"]!.GetValue<int>(), near["forgotten"]!.GetValue<int>());
    }

    private string[] Own(string subject) => [.. (_sisa.Run("find", "--subject", subject, "--json").Json["own"]?.AsArray() ?? []).Select(row => row!["item"]!.GetValue<string>())];

    private void Train() => _sisa.Train(corpora: ["corpus.jsonl", "planted.jsonl"]);
}

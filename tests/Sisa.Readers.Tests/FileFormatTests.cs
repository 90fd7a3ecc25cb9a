using Sisa.Corpora;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>In which format a file is read where the recipe, its name and its content may disagree.</summary>
public sealed class FileFormatTests : IDisposable
{
    private static readonly Recipe Headerless = Samples.Text with
    {
        Corpus = new CorpusOptions { Format = CorpusFormat.Csv, Header = false, Delimiter = "\t", Fields = new FieldOptions { Id = ["c3"], Text = ["c1"], Label = "c2" } },
    };

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("q.jsonl")]
    [InlineData("q.ndjson")]
    [InlineData("q.txt")]
    [InlineData("q")]
    [InlineData("q.tsv")]
    public void Json_lines_are_no_column_of_csv_whatever_the_recipe_says(string name)
    {
        var row = Assert.Single(Samples.ReadAll(_folder.Write(name, "{\"c1\":\"bad day\",\"c3\":\"q1\"}\n"), Headerless, new ReadOptions { ForPrediction = true }));

        Assert.Equal(("q1", "bad day"), (row.Id, row.Text));
    }

    [Fact]
    public void Json_lines_in_gzip_are_known_too()
    {
        var path = _folder.Write("q.gz", TemporaryFolder.Gzip("{\"c1\":\"bad day\",\"c3\":\"q1\"}\n"u8.ToArray()));

        Assert.Equal("bad day", Assert.Single(Samples.ReadAll(path, Headerless, new ReadOptions { ForPrediction = true })).Text);
    }

    [Fact]
    public void A_name_that_tells_a_format_counts_more_than_the_recipe()
    {
        var json = Samples.Text with { Corpus = Samples.Text.Corpus with { Format = CorpusFormat.Jsonl } };

        Assert.Equal("t", Assert.Single(Samples.ReadAll(_folder.Write("a.csv", "id,author,text,topic\n1,x,t,world\n"), json)).Text);
        Assert.Equal("t", Assert.Single(Samples.ReadAll(_folder.Write("odd.csv", "{\"id\":1,\"author\":\"x\",\"text\":\"t\",\"topic\":\"world\"}\n"), json)).Text);
        Assert.Contains("JSON", Samples.Fault(_folder.Write("a.jsonl", "good\ta\t1\n"), Headerless).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_that_begins_with_a_brace_stays_csv()
    {
        var rows = Samples.ReadAll(_folder.Write("a.data", "{\"x\": 1}\tworld\tq1\nb\tsports\tq2\n"), Headerless);

        Assert.Equal(["{\"x\": 1}", "b"], rows.Select(row => row.Text));
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"x\"}\n")]
    [InlineData("a.csv", "text\nx\n")]
    public void A_recipe_of_plain_text_does_not_take_other_formats_for_texts(string name, string content)
    {
        var text = Samples.Text with { Corpus = new CorpusOptions { Format = CorpusFormat.Text } };

        var fault = Samples.Fault(_folder.Write(name, content), text, new ReadOptions { ForPrediction = true });

        Assert.Contains("corpus.format: text", fault.Message, StringComparison.Ordinal);
        Assert.Contains(".txt", fault.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q.jsonl", "{\"text\":\"x\"}\n", 1)]
    [InlineData("q.csv", "text\nx\n", 1)]
    [InlineData("q.csv", "id,text\n1,x\n,y\n", 3)]
    public void Ids_may_be_required_of_rows_that_are_only_predicted(string name, string content, long row)
    {
        var path = _folder.Write(name, content);

        var fault = Samples.Fault(path, Samples.Text, new ReadOptions { ForPrediction = true, RequiresIds = true });

        Assert.Equal(row, fault.Row);
        Assert.Contains("id", fault.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Samples.ReadAll(path, Samples.Text, new ReadOptions { ForPrediction = true }));
    }

    [Theory]
    [InlineData("sep=;\n")]
    [InlineData("\uFEFFsep=;\r\n")]
    [InlineData("\"sep=;\"\n")]
    [InlineData("SEP=;\n")]
    public void The_line_by_which_spreadsheets_name_the_delimiter_is_honoured(string first)
    {
        var good = _folder.Write("a.csv", first + "id;author;text;topic\n1;u1;one, two;world\n");
        var row = Assert.Single(Samples.ReadAll(good, Samples.Text));
        Assert.Equal(("1", "u1", "one, two"), (row.Id, row.Subject, row.Text));

        Assert.Equal(4, Samples.Fault(_folder.Write("b.csv", first + "id;author;text;topic\n1;u1;one;world\n2;u1;one\n"), Samples.Text).Row);
        Assert.Equal(2, Samples.Fault(_folder.Write("c.csv", first + "id;author\n1;u1\n"), Samples.Text).Row);
        Assert.Equal(3, Samples.Fault(_folder.Write("d.csv", first + "id;author;text;topic\n1;u\"1;one;world\n"), Samples.Text).Row);
    }

    [Fact]
    public void A_tab_can_be_the_delimiter_that_a_spreadsheet_names() =>
        Assert.Equal("one", Assert.Single(Samples.ReadAll(_folder.Write("a.csv", "sep=\t\nid\tauthor\ttext\ttopic\n1\tu1\tone\tworld\n"), Samples.Text)).Text);

    public void Dispose() => _folder.Dispose();
}

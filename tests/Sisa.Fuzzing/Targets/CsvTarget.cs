namespace Sisa.Fuzzing.Targets;

/// <summary>Comma-separated values.</summary>
internal sealed class CsvTarget() : CorpusTarget("csv", "a.csv", CorpusRecipes.Text, CorpusRecipes.PlainText, CorpusRecipes.FlatTable)
{
    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        ",", "\"", "\"\"", "\n", "\r", "\r\n", ",\"", "\",", "id", "author", "text", "topic", "world", "sports", "risk", "batch", "team", "more", "high", "b1", "id,author,text,topic\n", "age", "weight", "city", "sick", "yes",
        "\uFEFF", "\0", "\u0085", "\u00e9");

    public override IEnumerable<byte[]> LargeInputs() =>
    [
        Repeat("id,author,text,topic\na,x,\"", _ => "\"\" ", "\",world\n", (4 << 20) - 4096),
        Repeat("id,author,text,topic\n", i => ",", "\n", 8 << 20),
        Repeat(string.Empty, i => $"c{i},", "\n", 8 << 20),
    ];

    public override IEnumerable<byte[]> Seeds() => Words(
        "id,author,team,text,more,topic,risk,batch\na,x,t,one two,three,world,high,b1\n\"b\",y,t,\"a \"\"quoted\"\", line\nbreak\",,sports,low,b2\n",
        "id,author,text,topic\r\n1,a,hello,world\r\n\r\n2,b,\"x,y\",sports",
        "id,age,weight,city,sick\n1,30,,\"Rome, Italy\",yes\n2,40.5,75,,no\n");
}

/// <summary>Tab-separated values.</summary>
internal sealed class TsvTarget() : CorpusTarget("tsv", "a.tsv", CorpusRecipes.PlainText, CorpusRecipes.FlatTable)
{
    public override IReadOnlyList<byte[]> Tokens { get; } = Words("\t", "\"", "\n", "\r\n", "\r", "id", "author", "text", "topic", "world", "age", "\uFEFF", "\0");

    public override IEnumerable<byte[]> Seeds() => Words("id\tauthor\ttext\ttopic\n1\ta\tsay \"hello\tworld\n2\tb\tx\tsports\n", "id\tage\tweight\tcity\tsick\n1\t30\t\tRome\tyes\n");
}

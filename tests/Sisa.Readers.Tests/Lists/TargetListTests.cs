using Sisa.Forgetting;
using Sisa.Readers.Lists;

namespace Sisa.Readers.Tests.Lists;

public sealed class TargetListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Plain_lines_are_ids_of_items_where_the_command_line_says_so()
    {
        Assert.Equal(["a\"b", "\"c"], Read("a\"b\n\"c\n", ListKind.Items).Items);

        var list = Read("a\r\nb\n\n日本\nitem,with,commas\na\n", ListKind.Items);

        Assert.Equal(["a", "b", "日本", "item,with,commas"], list.Items);
        Assert.Empty(list.Subjects);
    }

    [Fact]
    public void Json_lines_name_items_subjects_and_spans()
    {
        var list = Read("""
            {"item":"a"}
            {"subject":"alice","item":null}

            {"item":17}
            {"item":"b","span":"3..8"}
            {"item":"b","span":"3..8"}
            """);

        Assert.Equal(["a", "17"], list.Items);
        Assert.Equal(["alice"], list.Subjects);
        Assert.Equal([new ItemSpan("b", new TextSpan(3, 8))], list.Spans);
    }

    [Fact]
    public void Csv_with_a_header_names_the_same()
    {
        var list = Read("subject,item,span\nalice,,\n,\"a,b\",\n,c,1..2\n");

        Assert.Equal(["a,b"], list.Items);
        Assert.Equal(["alice"], list.Subjects);
        Assert.Equal([new ItemSpan("c", new TextSpan(1, 2))], list.Spans);
        Assert.Equal(["x", "y"], Read("item\nx\ny\n").Items);
    }

    [Fact]
    public void A_header_may_be_quoted()
    {
        Assert.Equal(["x", "y"], Read("\"item\"\n\"x\"\ny\n").Items);
        Assert.Equal(["alice"], Read("\n\"item\", \"subject\"\n,alice\n").Subjects);
    }

    [Theory]
    [InlineData("item,reason\na,privacy\n", "reason")]
    [InlineData("reason,subject\nx,alice\n", "reason")]
    [InlineData("\"item\",\"\"\na,\n", "")]
    [InlineData("item,item\na,b\n", "item")]
    public void A_header_with_an_unexpected_column_is_an_error_and_never_a_list_of_ids(string text, string column)
    {
        var fault = Assert.Throws<CorpusException>(() => Read(text));

        Assert.Equal(1, fault.Row);
        Assert.Contains($"'{column}'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"item\":\"a\"}\n{\"item\":\"b\",\"subject\":\"c\"}", 2)]
    [InlineData("{\"item\":\"a\"}\n\n{\"span\":\"1..2\"}", 3)]
    [InlineData("{\"item\":\"a\",\"span\":\"2..2\"}", 1)]
    [InlineData("{\"item\":\"a\"}\n{\"itme\":\"b\"}", 2)]
    [InlineData("{\"item\":\"a\"}\n{\"item\":", 2)]
    [InlineData("{\"item\":\"a\"}\n[1]", 2)]
    [InlineData("{\"item\":\"a\",\"item\":\"b\"}", 1)]
    [InlineData("{}", 1)]
    [InlineData("item,subject\na,\nb,c\n", 3)]
    [InlineData("subject,span\nalice,1..2\n", 2)]
    [InlineData("item\na\"b\n", 2)]
    public void A_malformed_line_is_named(string text, long line)
    {
        var path = _folder.Write("list", text);

        var fault = Assert.Throws<CorpusException>(() => TargetList.Read(path));
        Assert.Equal((path, line), (fault.File, fault.Row));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    [InlineData("item,subject\n")]
    public void An_empty_list_is_an_error(string text) => Assert.Contains("empty", Assert.Throws<CorpusException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error()
    {
        File.WriteAllBytes(_folder.PathOf("latin"), [0x41, 0xE9, 0x0A]);

        Assert.Throws<CorpusException>(() => TargetList.Read(_folder.PathOf("none")));
        Assert.Throws<CorpusException>(() => TargetList.Read(_folder.PathOf("latin")));
        Assert.Throws<CorpusException>(() => TargetList.Read(_folder.Folder));
    }

    [Fact]
    public void An_item_is_on_the_list_by_its_id_or_its_subject()
    {
        var list = new TargetList(["a"], ["s"], []);

        Assert.True(list.Holds("a", "x") && list.Holds("x", "s"));
        Assert.False(list.Holds("s", "a") || TargetList.Empty.Holds("a", "s"));
    }

    public void Dispose() => _folder.Dispose();

    private TargetList Read(string text, ListKind? of = null) => TargetList.Read(_folder.Write("list", text), new ListReading { Of = of });
}

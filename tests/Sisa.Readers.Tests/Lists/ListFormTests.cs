using System.Text;
using Sisa.Forgetting;
using Sisa.Readers.Lists;
using Sisa.Training;

namespace Sisa.Readers.Tests.Lists;

/// <summary>What a list names must be certain: read as the wrong thing, it forgets the wrong person.</summary>
public sealed class ListFormTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("user_id")]
    [InlineData("userId")]
    [InlineData("USER ID")]
    [InlineData(" User-Id ")]
    [InlineData("\"user_id\"")]
    [InlineData("user")]
    [InlineData("users")]
    [InlineData("Subject")]
    [InlineData("subject_id")]
    [InlineData("data_subject")]
    [InlineData("DataSubject")]
    [InlineData("\uFEFFuser_id")]
    [InlineData("sep=;\nuser_id")]
    [InlineData("\"sep=,\"\n\"user_id\"")]
    public void Names_that_people_give_to_a_column_of_subjects_are_known(string header)
    {
        var list = Read(header + "\n17\n5\n");

        Assert.Equal(["17", "5"], list.Subjects);
        Assert.Empty(list.Items);
    }

    [Theory]
    [InlineData("item_id")]
    [InlineData("ItemID")]
    [InlineData("Item")]
    [InlineData("\"items\"")]
    public void Names_that_people_give_to_a_column_of_items_are_known(string header) => Assert.Equal(["17", "5"], Read(header + "\r\n17\r\n\r\n5").Items);

    [Theory]
    [InlineData("item;subject\na;\n;s\n")]
    [InlineData("item\tsubject\na\t\n\ts\n")]
    [InlineData("sep=|\nitem|subject\na|\n|s\n")]
    [InlineData("Item ; \"User\"\n\"a\";\n;s\n")]
    [InlineData("[{\"item\":\"a\"},\n {\"userId\":\"s\"}]")]
    [InlineData("\uFEFF[{\"item\":\"a\"}, {\"Subject\":\"s\"}]\n")]
    [InlineData("{\"item\":\"a\"}\n{\"user_id\":\"s\"}\n")]
    public void Delimiters_and_json_arrays_are_found(string text)
    {
        var list = Read(text);

        Assert.Equal("a", Assert.Single(list.Items));
        Assert.Equal("s", Assert.Single(list.Subjects));
    }

    [Fact]
    public void Text_of_spreadsheets_in_utf_16_is_read()
    {
        File.WriteAllBytes(_folder.PathOf("list"), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("user_id\titem\r\nÅsa\t\r\n")]);

        Assert.Equal("Åsa", Assert.Single(TargetList.Read(_folder.PathOf("list")).Subjects));
    }

    [Theory]
    [InlineData("customer\n17\n5\n", "'customer'")]
    [InlineData("17\n5\n", "'17'")]
    [InlineData("customer;name\n17;x\n", "'customer;name'")]
    [InlineData("\n\"a\"\n", "'a'")]
    [InlineData("[\"17\", \"5\"]", "'17'")]
    [InlineData("[17, 5]", "'17'")]
    [InlineData("id\n17\n", "'id'")]
    [InlineData("user,text\n17,x\n", "'text'")]
    [InlineData("user,userId\n17,17\n", "'userId'")]
    [InlineData("[{\"customer\":\"17\"}]", "'customer'")]
    public void A_list_that_does_not_say_what_it_names_is_refused_with_the_way_out(string text, string seen)
    {
        var fault = Assert.Throws<CorpusException>(() => Read(text));

        Assert.Contains(seen, fault.Message, StringComparison.Ordinal);
        Assert.Contains("'list-of subjects'", fault.Remedy?.ToString(), StringComparison.Ordinal);
        Assert.NotNull(fault.Row);
    }

    [Theory]
    [InlineData("17\n5\n")]
    [InlineData("\"17\"\n\"5\"\n")]
    [InlineData("[\"17\", 5]")]
    [InlineData("customer\n17\n5\n")]
    [InlineData("user_id\n17\n5\n")]
    public void The_command_line_may_say_it(string text)
    {
        Assert.Equal(["17", "5"], Read(text, new ListReading { Of = ListKind.Subjects }).Subjects.Where(name => name != "customer"));
        Assert.Empty(Read(text, new ListReading { Of = ListKind.Subjects }).Items);
    }

    [Theory]
    [InlineData("item\n17\n")]
    [InlineData("user,item\n17,\n")]
    [InlineData("{\"item\":\"17\"}")]
    public void A_header_that_contradicts_the_command_line_is_refused(string text) =>
        Assert.Contains("the command says that the list names subjects", Assert.Throws<CorpusException>(() => Read(text, new ListReading { Of = ListKind.Subjects })).Message, StringComparison.Ordinal);

    [Fact]
    public void Lines_without_a_header_are_items_only_where_they_can_be_nothing_else()
    {
        // Items 1 to 5; 'ann' is the subject of 1, '2' the subject of 3, and 4 its own.
        var reading = new ListReading { LookUp = names => new ListedNames(names.Where(name => name is "1" or "2" or "3" or "4" or "5").ToHashSet(), names.Where(name => name is "ann" or "2").ToHashSet()) };

        Assert.Equal(["1", "4"], Read("1\n\"4\"\n", reading).Items);
        Assert.Contains("'2' in line 2 is also the subject of other items", Assert.Throws<CorpusException>(() => Read("1\n2\n", reading)).Message, StringComparison.Ordinal);
        Assert.Contains("'6' in line 3 is not the id of an item", Assert.Throws<CorpusException>(() => Read("1\n\n6\n", reading)).Message, StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() => Read("ann\n", reading));
    }

    [Theory]
    [InlineData("[4]")]
    [InlineData("{\"item\":\"4\"}")]
    public void A_name_that_is_JSON_as_well_is_refused(string name)
    {
        var reading = new ListReading { Of = ListKind.Items, LookUp = names => new ListedNames(names.Where(n => n == name || n == "4").ToHashSet(), new HashSet<string>()) };

        Assert.Contains("JSON as well", Assert.Throws<CorpusException>(() => Read(name + "\n", reading)).Message, StringComparison.Ordinal);
        Assert.Equal(name, Assert.Single(Read($"item\n\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n", reading).Items));
    }

    [Fact]
    public void A_field_that_the_recipe_maps_can_head_a_column()
    {
        var fields = new FieldOptions { Id = ["doc"], Subject = ["author"] };

        Assert.Equal("x", Assert.Single(Read("Doc\nx\n", new ListReading { Fields = fields }).Items));
        Assert.Equal("x", Assert.Single(Read("AUTHOR\nx\n", new ListReading { Fields = fields }).Subjects));
        Assert.Equal("x", Assert.Single(Read("{\"author\":\"x\"}", new ListReading { Fields = fields }).Subjects));
        Assert.Equal("x", Assert.Single(Read("id\nx\n", new ListReading { Fields = new FieldOptions { Id = ["id"], Subject = ["author"] } }).Items));
        Assert.Equal("x", Assert.Single(Read("id\nx\n", new ListReading { Fields = new FieldOptions { Id = ["doc"], Subject = ["id"] } }).Subjects));
    }

    [Theory]
    [InlineData("user", "author", "user")]
    [InlineData("subject", "author", "subject")]
    [InlineData("doc", "item", "item")]
    [InlineData("UserId", "user_id", "userid")]
    public void A_name_that_the_recipe_understands_otherwise_is_refused(string id, string subject, string header)
    {
        var fault = Assert.Throws<CorpusException>(() => Read(header + "\n17\n", new ListReading { Fields = new FieldOptions { Id = [id], Subject = [subject] } }));

        Assert.Equal(1, fault.Row);
        Assert.Contains($"'{header}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_several_joined_fields_does_not_name_a_subject()
    {
        var fields = new FieldOptions { Id = ["doc"], Subject = ["user", "device"], Joining = FieldJoining.Escaped };

        Assert.Contains("only one of the 2 fields", Assert.Throws<CorpusException>(() => Read("user\nann\n", new ListReading { Fields = fields })).Message, StringComparison.Ordinal);
        Assert.Equal("ann/1", Assert.Single(Read("subject\nann/1\n", new ListReading { Fields = fields }).Subjects));
    }

    [Theory]
    [InlineData("item\nr\"1\nr2\n", 2)]
    [InlineData("item\nr1\n\"r2\nr3\n", 3)]
    [InlineData("sep=,\nitem\nr\"1\n", 3)]
    [InlineData("item\na,b\n", 2)]
    [InlineData("item;user\na;b;c\n", 2)]
    [InlineData("{\"item\":{\"a\":1}}", 1)]
    [InlineData("[{\"item\":\"a\"},\n7.5.1]", 2)]
    [InlineData("[{\"item\":\"a\"},\n[\"b\"]]", 2)]
    [InlineData("[{\"item\":\"a\"}]\n[]", 2)]
    [InlineData("{\"item\":\"\\ud800\"}", 1)]
    public void Faults_are_told_in_own_words_and_with_their_line(string text, long line)
    {
        var fault = Assert.Throws<CorpusException>(() => Read(text));

        Assert.Equal(line, fault.Row);
        Assert.DoesNotMatch("BadDataFound|CsvHelper|LineNumber|BytePosition|JsonReader|surrogate at|Exception", fault.Message);
    }

    [Theory]
    [InlineData("user\nann\nbob \n", 3)]
    [InlineData("user;item\n bob;\n", 2)]
    [InlineData("user\nbob\u00A0\n", 2)]
    [InlineData("user\titem\n\"ann\"\t\n", 2)]
    [InlineData("sep=\t\nuser\n\"ann\"\n", 3)]
    public void White_space_and_quotation_marks_that_may_belong_to_a_name_are_refused(string text, long line)
    {
        var fault = Assert.Throws<CorpusException>(() => Read(text));

        Assert.Equal(line, fault.Row);
        Assert.Contains("may belong to the name", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void White_space_around_a_line_without_a_header_is_refused() =>
        Assert.Equal(2, Assert.Throws<CorpusException>(() => Read("ann\n bob\n", new ListReading { Of = ListKind.Subjects })).Row);

    [Theory]
    [InlineData("user\n\"bob \"\n")]
    [InlineData("user;item\n\"bob \";\n")]
    [InlineData("{\"user\":\"bob \"}")]
    public void Names_in_quotation_marks_keep_their_white_space(string text) => Assert.Equal("bob ", Assert.Single(Read(text).Subjects));

    [Fact]
    public void A_file_that_is_no_list_is_told_in_own_words()
    {
        File.WriteAllBytes(_folder.PathOf("latin"), [0x61, 0x0A, 0x41, 0xE9, 0x0A]);

        Assert.Equal(2, Assert.Throws<CorpusException>(() => TargetList.Read(_folder.PathOf("latin"))).Row);
        Assert.EndsWith(": There is no such file.", Assert.Throws<CorpusException>(() => TargetList.Read(_folder.PathOf("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("directory", Assert.Throws<CorpusException>(() => TargetList.Read(_folder.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_have_their_columns_in_any_case_too()
    {
        var request = Assert.Single(RequestList.Read(_folder.Write("list", "Request;User ID;Due\nr-1;ann;2026-12-24\n"), new ForgetRequest()));

        Assert.Equal(("r-1", "ann", 24), (request.Id, Assert.Single(request.Subjects), request.Due!.Value.Day));
    }

    public void Dispose() => _folder.Dispose();

    private TargetList Read(string text, ListReading? reading = null) => TargetList.Read(_folder.Write("list", text), reading);
}

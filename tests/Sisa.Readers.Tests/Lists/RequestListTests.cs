using Sisa.Forgetting;
using Sisa.Readers.Lists;

namespace Sisa.Readers.Tests.Lists;

public sealed class RequestListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Lines_of_the_same_name_are_one_request()
    {
        var requests = Read("""
            {"request":"r-1","item":"a","reason":"copyright","due":"2026-12-24"}
            {"request":"r-2","subject":"alice"}
            {"request":"r-1","item":"b","span":"3..8"}
            {"request":"r-1","item":"a"}
            """);

        Assert.Equal(["r-1", "r-2"], requests.Select(r => r.Id));
        Assert.Equal((ForgetReason.Copyright, new DateTimeOffset(2026, 12, 24, 23, 59, 59, TimeSpan.Zero)), (requests[0].Reason, requests[0].Due));
        Assert.Equal(("a", new ItemSpan("b", new TextSpan(3, 8))), (Assert.Single(requests[0].Items), Assert.Single(requests[0].Spans)));
        Assert.Equal(("alice", ForgetReason.Quality, null), (Assert.Single(requests[1].Subjects), requests[1].Reason, requests[1].Due));
    }

    [Fact]
    public void Without_names_all_lines_are_one_request()
    {
        var request = Assert.Single(Read("item,subject,reason\na,,privacy\n,alice,\n", new ForgetRequest { Id = "named" }));

        Assert.Equal(("named", "a", "alice", ForgetReason.Privacy), (request.Id, request.Items.Single(), request.Subjects.Single(), request.Reason));
    }

    [Theory]
    [InlineData("x\ny\n")]
    [InlineData("customer\n17\n5\n")]
    [InlineData("[\"17\", \"5\"]")]
    [InlineData("[\"17\"]")]
    public void A_list_that_does_not_say_what_it_names_is_refused(string text)
    {
        var fault = Assert.Throws<CorpusException>(() => Read(text));

        Assert.Equal(_folder.PathOf("list"), fault.File);
        Assert.Contains("list-of", fault.Remedy?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user_id\n17\n5\n")]
    [InlineData("\uFEFF User ID \r\n17\r\n5\r\n")]
    [InlineData("\"userId\"\n\"17\"\n\"5\"\n")]
    [InlineData("sep=;\nsubject_id;reason\n17;privacy\n5;privacy\n")]
    [InlineData("data_subject\treason\n17\tprivacy\n5\tprivacy\n")]
    [InlineData("{\"user\":\"17\"}\n{\"user\":\"5\"}\n")]
    [InlineData("[{\"user_id\":\"17\"},{\"user_id\":\"5\"}]")]
    public void Known_headers_of_subjects_never_name_items(string text)
    {
        var request = Assert.Single(Read(text));

        Assert.Equal(["17", "5"], request.Subjects);
        Assert.Empty(request.Items);
    }

    [Fact]
    public void A_broken_quotation_is_told_of_its_own_line_alone()
    {
        var fault = Assert.Throws<CorpusException>(() => Read("item\na\"b\nc\n"));

        Assert.Equal(2, fault.Row);
        Assert.Contains("quotation mark", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BadDataFound", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_line_is_named_at_once()
    {
        var fault = Assert.Throws<RequestException>(() => Read("""
            {"request":"r-1","item":"a","subject":"b"}
            {"request":"../r","item":"a"}
            {"item":"c"}
            {"request":"r-3","item":"d","reason":"spite"}
            {"request":"r-4","item":"e","due":"soon"}
            {"request":"r-5","item":"f","reason":"privacy"}
            {"request":"r-5","item":"g","reason":"quality"}
            {"request":"r-6","item":"h"
            {"request":"r-7","item":"i","why":"x"}
            {"request":"r-8","item":"j"}
            """));

        Assert.Equal([1, 2, 3, 4, 5, 7, 8, 9], fault.Faults.Select(f => int.Parse(f.Split(':')[1])));
    }

    [Fact]
    public void Faults_beyond_what_anybody_reads_are_counted()
    {
        var fault = Assert.Throws<RequestException>(() => Read(string.Concat(Enumerable.Repeat("{\"request\":\"r\",\"span\":\"1..2\"}\n", 100)) + "{\"request\":\"r\",\"item\":\"a\"}"));

        Assert.Equal(100, fault.Faults.Count);
        Assert.Contains("… and 80 more", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_wrong_line_is_named_with_its_file()
    {
        var fault = Assert.Throws<CorpusException>(() => Read("{\"request\":\"r-1\",\"item\":\"a\"}\n{\"request\":\"r 2\",\"item\":\"a\"}\n"));

        Assert.Equal((_folder.PathOf("list"), 2), (fault.File, fault.Row));
    }

    [Fact]
    public void A_name_for_all_and_names_in_the_lines_contradict_each_other() =>
        Assert.Throws<CorpusException>(() => Read("{\"request\":\"r-1\",\"item\":\"a\"}\n", new ForgetRequest { Id = "named" }));

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<ForgetRequest> Read(string text, ForgetRequest? defaults = null) => RequestList.Read(_folder.Write("list", text), defaults ?? new ForgetRequest { Reason = ForgetReason.Quality });
}

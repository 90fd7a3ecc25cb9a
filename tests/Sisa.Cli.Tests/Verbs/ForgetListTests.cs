using System.Text.Json.Nodes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

public sealed class ForgetListTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void Many_requests_are_received_together_and_each_is_certified()
    {
        Train();
        _sisa.Write("requests.csv", "request,subject,item,reason,due\nr-1,author-003,,,\nr-2,,item-00001,copyright,2030-01-31\nr-2,,item-00002,,\nr-3,,nobody,,\nr-4,,item-00003,,\n");

        var dry = _sisa.Run("forget", "--file", "requests.csv", "--dry-run", "--json").Expect(ExitCode.Done);
        Assert.Contains("to receive", dry.Errors, StringComparison.Ordinal);
        Assert.Empty(Requests());
        Assert.True(dry.Json["plan"]!["visits"]!.GetValue<double>() > 0);

        var done = _sisa.Run("forget", "--file", "requests.csv", "--requester-copy", "copies", "--json").Expect(ExitCode.Done);
        var requests = done.Json["requests"]!.AsArray();
        Assert.Equal(["r-1", "r-2", "r-3", "r-4"], requests.Select(r => r!["id"]!.GetValue<string>()));
        Assert.Equal(["certified", "certified", "nothing-held", "nothing-held"], requests.Select(r => r!["request"]?["state"]?.GetValue<string>()));
        Assert.Equal("nobody", requests[2]!["unknown"]!.AsArray().Single()!.GetValue<string>());
        Assert.Equal("item-00003", requests[3]!["alreadyForgotten"]!.AsArray().Single()!.GetValue<string>());
        Assert.Equal(("copyright", "2030-01-31"), (requests[1]!["request"]!["reason"]!.GetValue<string>(), requests[1]!["request"]!["due"]!.GetValue<string>()[..10]));
        foreach (var id in new[] { "r-1", "r-2", "r-3", "r-4" })
        {
            _sisa.Run("verify", $"shards/certificates/{id}.dsse.json", "--nonce", $"copies/{id}.json").Expect(ExitCode.Done);
        }

        var again = _sisa.Run("forget", "--file", "requests.csv").Expect(ExitCode.Done);
        Assert.Contains("finished before", again.Errors, StringComparison.Ordinal);
        Assert.Equal(4, Requests().Count);
        _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.jsonl").Expect(ExitCode.Done);
    }

    [Fact]
    public void Duplicates_belong_to_the_request_whose_item_they_copy()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        TestRow[] copies = [.. new[] { 1, 2 }.Select(i => TestRow.One(i, $"author-{i:000}") with { Id = $"copy-{i}", Author = "somebody" })];
        _sisa.Write("copies.jsonl", string.Concat(copies.Select(r => r.ToJson() + "\n")));
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl", "copies.jsonl").Expect(ExitCode.Done);
        _sisa.Write("requests.jsonl", "{\"request\":\"r-1\",\"item\":\"item-00001\"}\n{\"request\":\"r-2\",\"item\":\"item-00002\"}\n");

        var json = _sisa.Run("forget", "--file", "requests.jsonl", "--with-duplicates", "exact", "--defer", "--json").Expect(ExitCode.Done).Json;

        Assert.Equal(["copy-1 item-00001", "copy-2 item-00002"], json["requests"]!.AsArray().Select(r => string.Join(' ', r!["forgotten"]!.AsArray().Select(t => t!["item"]!.GetValue<string>()).Order(StringComparer.Ordinal))));
        Assert.All(json["requests"]!.AsArray(), r => Assert.Equal(1, r!["request"]!["summary"]!["duplicates"]!["forgotten"]!.GetValue<int>()));
    }

    [Fact]
    public void A_due_date_ends_the_waiting_and_one_that_is_over_is_told_at_once()
    {
        Train();
        var tomorrow = DateTime.UtcNow.Date.AddDays(1);
        _sisa.Write("soon.csv", $"request,item,due\nsoon,item-00001,{tomorrow:yyyy-MM-dd}\n");
        _sisa.Write("past.csv", "request,item,due\npast,item-00002,2020-01-01\n");

        var soon = _sisa.Run("forget", "--file", "soon.csv", "--defer", "--json").Expect(ExitCode.Done);
        var past = _sisa.Run("forget", "--file", "past.csv", "--defer", "--json").Expect(ExitCode.Done);

        Assert.Equal($"{tomorrow:yyyy-MM-dd}T22:59:59+00:00", soon.Json["requests"]![0]!["request"]!["waits"]!.GetValue<string>());
        Assert.DoesNotContain("overdue", soon.Errors, StringComparison.Ordinal);
        Assert.True(past.Json["requests"]![0]!["request"]!["overdue"]!.GetValue<bool>());
        Assert.Contains("Request past is overdue on receipt: it was due 2020-01-01 23:59 UTC.", past.Errors, StringComparison.Ordinal);
        Assert.Contains("Run 'sisa train' now.", past.Errors, StringComparison.Ordinal);
        Assert.Contains("OVERDUE", _sisa.Run("status").Expect(ExitCode.Done).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_received_on_any_fault()
    {
        Ingest();
        _sisa.Write("wrong.jsonl", "{\"request\":\"r-1\",\"item\":\"item-00001\"}\n{\"request\":\"r 2\",\"item\":\"a\"}\n{\"request\":\"r-3\"}\n");
        _sisa.Write("unknown.jsonl", "{\"request\":\"r-1\",\"item\":\"item-00001\"}\n{\"request\":\"r-2\",\"item\":\"nobody\"}\n");
        _sisa.Write("none.jsonl", "{\"request\":\"r-1\",\"item\":\"nobody\"}\n");

        var wrong = _sisa.Run("forget", "--file", "wrong.jsonl").Expect(ExitCode.Data);
        Assert.Contains("2 faults", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("wrong.jsonl:2:", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("wrong.jsonl:3:", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("'nobody' of request 'r-2'", _sisa.Run("forget", "--file", "unknown.jsonl", "--on-unknown", "fail").Expect(ExitCode.Data).Errors, StringComparison.Ordinal);
        _sisa.Run("forget", "--item", "item-00001", "nobody", "--on-unknown", "fail").Expect(ExitCode.Data);
        _sisa.Run("forget", "--file", "unknown.jsonl", "--request-id", "r").Expect(ExitCode.Data);
        _sisa.Run("forget", "--file", "unknown.jsonl", "--item", "item-00002").Expect(ExitCode.Usage);
        Assert.Empty(Requests());
        _sisa.Run("forget", "--file", "none.jsonl").Expect(ExitCode.No);
        Assert.Equal("nothing-held", Assert.Single(Requests())!["state"]!.GetValue<string>());
    }

    [Fact]
    public void A_list_with_an_unknown_header_forgets_nothing_until_the_command_says_what_it_names()
    {
        Ingest();
        _sisa.Write("list.csv", "customer\nauthor-003\n");
        _sisa.Write("bare.csv", "author-003\n");
        _sisa.Write("items.csv", "item-00001\nitem-00002\n");

        var refused = _sisa.Run("forget", "--file", "list.csv", "--defer").Expect(ExitCode.Data);
        Assert.Contains("'customer'", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("--list-of", refused.Errors, StringComparison.Ordinal);
        _sisa.Run("forget", "--file", "bare.csv", "--defer").Expect(ExitCode.Data);
        Assert.Empty(Requests());

        _sisa.Run("forget", "--file", "bare.csv", "--list-of", "subjects", "--defer").Expect(ExitCode.Done);
        _sisa.Run("forget", "--file", "items.csv", "--defer").Expect(ExitCode.Done);
        Assert.Equal(2, Requests().Count);
    }

    public void Dispose() => _sisa.Dispose();

    private JsonArray Requests() => _sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray();

    private void Train()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        _sisa.Train();
    }

    private void Ingest()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
    }
}

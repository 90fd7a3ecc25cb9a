using Sisa.Engine.Stores;
using Sisa.Forgetting;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Verbs;

public sealed class ForgetVerbTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    [Fact]
    public void An_interrupted_request_that_is_named_again_is_finished()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        _sisa.Train();
        var author = TestRow.Many(60, 30)[0].Author;
        using (var store = Store.Open(_sisa["shards"]))
        {
            // Received and out of what is served, as when the retraining is interrupted.
            TestStore.Receive(store, new ForgetRequest { Subjects = [author] });
        }

        var deferred = _sisa.Run("forget", "--subject", author, "--defer", "--json").Expect(ExitCode.Done);
        Assert.Equal(("request-0001", "fallback-published"), State(deferred));
        Assert.Contains("request-0001", deferred.Errors, StringComparison.Ordinal);

        var finished = _sisa.Run("forget", "--subject", author, "--json").Expect(ExitCode.Done);
        Assert.Equal(("request-0001", "certified"), State(finished));
        Assert.Equal(author, finished.Json["alreadyForgotten"]!.AsArray().Single()!.GetValue<string>());
        Assert.True(finished.Json["training"]!["stages"]!.GetValue<int>() > 0);

        var again = _sisa.Run("forget", "--subject", author, "--json").Expect(ExitCode.Done);
        Assert.Equal(("request-0002", "nothing-held"), State(again));
        Assert.Contains("Nothing is left to forget", again.Errors, StringComparison.Ordinal);
        _sisa.Run("verify", "--rerun", "--workers", "1", "--corpus", "corpus.jsonl").Expect(ExitCode.Done);
    }

    [Fact]
    public void What_is_deferred_waits_until_it_is_named_without_deferring()
    {
        _sisa.WriteCorpus(rows: 60, epochs: "1");
        _sisa.Train();
        var rows = TestRow.Many(60, 30);
        _sisa.Run("forget", "--item", rows[0].Id).Expect(ExitCode.Done);
        _sisa.Run("forget", "--item", rows[1].Id, "--defer").Expect(ExitCode.Done);

        Assert.Contains("Nothing is left", _sisa.Run("forget", "--item", rows[0].Id).Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        Assert.Equal(("request-0002", "certified"), State(_sisa.Run("forget", "--item", rows[1].Id, "--json").Expect(ExitCode.Done)));
    }

    [Fact]
    public void After_forgetting_what_was_predicted_stands_beside_what_was_measured()
    {
        // Three whole epochs in two slices come to two a stage: nothing is drawn, and the prediction is the number.
        _sisa.WriteCorpus(rows: 60, epochs: "3");
        _sisa.Run("init", "--recipe", "sisa.yaml", "--set", "ensemble.slices=2").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
        _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done);
        var rows = TestRow.Many(60, 30);

        var one = _sisa.Run("forget", "--subject", rows[0].Author, "--json").Expect(ExitCode.Done);
        var visits = one.Json["plan"]!["visits"]!.GetValue<double>();
        Assert.Matches($@"Predicted {visits:0} item visits, measured {visits:0} \(0\.0 %\)\.", one.Errors);
        Assert.Equal((visits, visits, visits, 1), Figures(one.Json["training"]!));

        // Two that wait share a retraining: each alone would have cost as much as it says.
        var predicted = new[] { rows[1], rows[2] }.Sum(row => _sisa.Run("forget", "--subject", row.Author, "--defer", "--json").Expect(ExitCode.Done).Json["plan"]!["visits"]!.GetValue<double>());
        var both = _sisa.Run("train", "--json").Expect(ExitCode.Done);
        var figures = Figures(both.Json);
        Assert.Equal((predicted, 2), (figures.Predicted, figures.Requests));
        Assert.Equal(figures.Visits, figures.Measured);
        Assert.Matches(@"Predicted [\d,]+ item visits for 2 requests one by one, measured [\d,]+ \((−?\d+\.\d|0\.0) %\) for all of them", both.Errors);

        Assert.DoesNotContain("Predicted", _sisa.Run("train", "--workers", "1").Expect(ExitCode.Done).Errors, StringComparison.Ordinal);
        _sisa.Write("list.csv", $"request,subject\nr-1,{rows[3].Author}\nr-2,{rows[4].Author}\n");
        var list = _sisa.Run("forget", "--file", "list.csv", "--json").Expect(ExitCode.Done);
        Assert.Equal(2, Figures(list.Json["training"]!).Requests);
        Assert.Contains("for 2 requests one by one", list.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--workers", "0")]
    [InlineData("--wait", "-1")]
    [InlineData("--wait", "NaN")]
    [InlineData("--request-id", "")]
    [InlineData("--request-id", ".hidden")]
    [InlineData("--request-id", "../case")]
    [InlineData("--request-id", "case 17")]
    [InlineData("--request-id", "é")]
    [InlineData("--request-id", "more-than-a-hundred-characters-more-than-a-hundred-characters-more-than-a-hundred-characters-more-tha")]
    public void A_command_line_that_makes_no_sense_is_refused_before_anything_is_received(string option, string value)
    {
        Ingest();

        _sisa.Run("forget", "--item", TestRow.Many(60, 30)[0].Id, option, value).Expect(ExitCode.Usage);

        Assert.Empty(_sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray());
    }

    [Fact]
    public void A_subject_may_begin_with_an_at_sign()
    {
        Ingest();
        _sisa.Write("alice", "--subject author-001");

        Assert.Contains("'@alice' is not in the store", _sisa.Run("forget", "--subject", "@alice").Expect(ExitCode.No).Errors, StringComparison.Ordinal);
        Assert.Equal(60, _sisa.Run("status", "--json").Json["items"]!.GetValue<long>());
    }

    public void Dispose() => _sisa.Dispose();

    private static (double Visits, double Predicted, double Measured, int Requests) Figures(System.Text.Json.Nodes.JsonNode training) =>
        (training["visits"]!.GetValue<double>(), training["predictedVisits"]!.GetValue<double>(), training["measuredVisits"]!.GetValue<double>(), training["predictedRequests"]!.GetValue<int>());

    private static (string Id, string State) State(CommandResult result) =>
        (result.Json["request"]!["id"]!.GetValue<string>(), result.Json["request"]!["state"]!.GetValue<string>());

    private void Ingest()
    {
        _sisa.WriteCorpus(rows: 60);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
    }
}

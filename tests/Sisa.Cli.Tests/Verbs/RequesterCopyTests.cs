namespace Sisa.Cli.Tests.Verbs;

/// <summary>The requester's copy can be made at the receipt only: it is written before the receipt, or nothing is received.</summary>
public sealed class RequesterCopyTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public RequesterCopyTests()
    {
        _sisa.WriteCorpus(rows: 60, authors: 10);
        _sisa.Run("init", "--recipe", "sisa.yaml").Expect(ExitCode.Done);
        _sisa.Run("ingest", "corpus.jsonl").Expect(ExitCode.Done);
    }

    [Theory]
    [InlineData("corpus.jsonl/copy.json")]
    [InlineData("/proc/copy.json")]
    [InlineData("corpus.jsonl")]
    public void Where_it_cannot_be_written_nothing_is_received(string path)
    {
        var corpus = File.ReadAllBytes(_sisa["corpus.jsonl"]);

        _sisa.Run("forget", "--subject", "author-003", "--defer", "--requester-copy", path).Expect(ExitCode.InputOutput);

        Assert.Empty(_sisa.Run("requests", "list", "--json").Expect(ExitCode.Done).Json["requests"]!.AsArray());
        Assert.Equal(corpus, File.ReadAllBytes(_sisa["corpus.jsonl"]));
    }

    [Fact]
    public void The_copy_of_another_request_is_not_replaced()
    {
        Defer("author-003", "r-1", "copy.json").Expect(ExitCode.Done);
        var first = File.ReadAllText(_sisa["copy.json"]);

        var refused = Defer("author-004", "r-2", "copy.json").Expect(ExitCode.InputOutput);

        Assert.Contains("already exists. Nothing was received", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllText(_sisa["copy.json"]));
        Assert.Single(_sisa.Run("requests", "list", "--json").Json["requests"]!.AsArray());
    }

    [Fact]
    public void A_request_whose_answer_was_lost_gets_its_copy_when_it_is_repeated()
    {
        Defer("author-003", "r-1", "copy.json").Expect(ExitCode.Done);
        var first = File.ReadAllText(_sisa["copy.json"]);

        Defer("author-003", "r-1", "copy.json").Expect(ExitCode.Done);

        Assert.NotEqual(first, File.ReadAllText(_sisa["copy.json"]));
    }

    [Fact]
    public void Who_asks_too_late_is_told_so()
    {
        _sisa.Run("forget", "--subject", "author-003", "--defer").Expect(ExitCode.Done);

        var late = _sisa.Run("forget", "--subject", "author-003", "--defer", "--requester-copy", "copy.json");

        Assert.Contains("There is no requester's copy", late.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_sisa["copy.json"]));
    }

    public void Dispose() => _sisa.Dispose();

    private CommandResult Defer(string subject, string request, string copy) => _sisa.Run("forget", "--subject", subject, "--request-id", request, "--defer", "--requester-copy", copy);
}

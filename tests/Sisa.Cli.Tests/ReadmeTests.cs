namespace Sisa.Cli.Tests;

public sealed class ReadmeTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void The_session_the_search_and_the_auditors_store_do_what_the_page_says()
    {
        DocumentedCommands.Need("bash", "awk", "grep", "cmp");
        var session = DocumentedCommands.Block("README.md", "## Ten lines", "sh");
        var audit = DocumentedCommands.Block("README.md", "An auditor's store", "sh");
        var find = DocumentedCommands.Block("README.md", "**Copies.**", "sh");
        _sisa.Write("session.sh", $"set -e\n{session}\n{find}\n{audit}");

        var result = DocumentedCommands.Bash(_sisa.Folder, "session.sh").Expect(ExitCode.Done);

        Assert.EndsWith("equal\n", result.Output, StringComparison.Ordinal);
        foreach (var line in new[] { "300 items ingested; 4 of 4 shards are to be trained.", "Nothing was changed (--dry-run).", "Certified: ", "all 12 checkpoints are equal, byte for byte.", "1 certificate issued again: verified on this machine." })
        {
            Assert.Contains(line, result.Errors, StringComparison.Ordinal);
        }
    }
}

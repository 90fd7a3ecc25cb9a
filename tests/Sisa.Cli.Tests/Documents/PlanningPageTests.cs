namespace Sisa.Cli.Tests.Documents;

public sealed class PlanningPageTests : IDisposable
{
    private const string Page = "docs/planning.md";

    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void The_plans_of_the_page_say_what_it_prints()
    {
        DocumentedCommands.Need("bash", "awk");
        _sisa.Write("session.sh", "set -e\n" + string.Concat(new[] { "Before there is a corpus", "## For a store", "## Risk classes" }.Select(behind => DocumentedCommands.Block(Page, behind, "sh"))));

        var result = DocumentedCommands.Bash(_sisa.Folder, "session.sh").Expect(ExitCode.Done);

        // Simulated by seeds, so that every run gives these lines.
        foreach (var behind in new[] { "ends with the proposal", "four requests of five" })
        {
            Assert.All(DocumentedCommands.Block(Page, behind, "text").Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line, result.Output, StringComparison.Ordinal));
        }

        Assert.Contains("300 items of 20 subjects (as they are in the store), 6 requests a year of 1 subject each.", result.Output, StringComparison.Ordinal);
        Assert.Contains("items of label food", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"Predicted [\d,]+ item visits, measured [\d,]+ \(", result.Errors);
    }
}

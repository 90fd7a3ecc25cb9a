using System.Text.RegularExpressions;

namespace Sisa.Cli.Tests.Documents;

/// <summary>The example of the README and those of the page about the command line, on the files under <c>samples/readme</c>.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void The_session_the_search_and_the_auditors_store_do_what_the_page_says()
    {
        DocumentedCommands.Need("bash", "grep", "cmp");
        CopySamples();
        var session = DocumentedCommands.Block("README.md", "## Train, forget, verify", "sh");
        var audit = DocumentedCommands.Block("docs/cli.md", "## An auditor's store", "sh");
        var find = DocumentedCommands.Block("docs/cli.md", "## Copies", "sh");
        _sisa.Write("session.sh", $"set -e\n{session}\n{find}\n{audit}");

        var result = DocumentedCommands.Bash(_sisa.Folder, "session.sh").Expect(ExitCode.Done);

        Assert.EndsWith("equal\n", result.Output, StringComparison.Ordinal);
        foreach (var line in new[] { "300 items ingested; 4 of 4 shards are to be trained.", "Nothing was changed (--dry-run).", "Certified: ", "all 12 checkpoints are equal, byte for byte.", "1 certificate issued again: verified on this machine." })
        {
            Assert.Contains(line, result.Errors, StringComparison.Ordinal);
        }

        // Every printed line but for its numbers, which follow from a key that is drawn.
        var printed = DocumentedCommands.Block("README.md", "## Train, forget, verify", "text").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var said = (result.Output + result.Errors).Split('\n').Select(Shape).ToHashSet();
        Assert.All(printed, line => Assert.Contains(Shape(line), said));
    }

    // Sets numbers, dates, the folder and plurals aside.
    private string Shape(string line) => Number().Replace(line.Replace(_sisa.Folder, "…", StringComparison.Ordinal), "N").Replace("slices", "slice", StringComparison.Ordinal).Replace("stages", "stage", StringComparison.Ordinal);

    private void CopySamples()
    {
        Directory.CreateDirectory(Path.Combine(_sisa.Folder, "samples", "readme"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(DocumentedCommands.Root(), "samples", "readme")))
        {
            _sisa.Write(Path.Combine("samples", "readme", Path.GetFileName(file)), File.ReadAllText(file));
        }
    }

    [GeneratedRegex(@"\d[\d.,-]*\d|\d|(?<=from )(its initial state|the checkpoint of slice \d+)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Number();
}

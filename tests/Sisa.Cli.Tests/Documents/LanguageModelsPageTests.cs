namespace Sisa.Cli.Tests.Documents;

public sealed class LanguageModelsPageTests : IDisposable
{
    private readonly SisaCommand _sisa = new();

    public void Dispose() => _sisa.Dispose();

    [Fact]
    public void From_a_folder_of_letters_to_an_answer_an_erasure_and_its_certificate()
    {
        DocumentedCommands.Need("bash", "awk");
        const string Page = "docs/language-models.md";
        string[] parts = [.. new[] { "Any folder will do", "*Cedar* asks", "*Juniper* asks" }.Select(behind => DocumentedCommands.Block(Page, behind, "sh"))];
        _sisa.Write("session.sh", "set -e\n" + string.Concat(parts));

        var result = DocumentedCommands.Bash(_sisa.Folder, "session.sh").Expect(ExitCode.Done);

        foreach (var line in new[]
        {
            "80 items ingested", "5 found in 80 items", "Request cedar-number is received", "Request juniper is received", "all 6 checkpoints are equal, byte for byte.", "constituents of epoch",
        })
        {
            Assert.Contains(line, result.Errors, StringComparison.Ordinal);
        }

        // Two answers, the second without what was forgotten in between; and the certificate in words.
        Assert.Contains("Certificate of erasure, request juniper: verified on this machine", result.Output, StringComparison.Ordinal);
        foreach (var span in new[] { "59..64", "66..71", "67..72" })
        {
            Assert.Contains(span, result.Output, StringComparison.Ordinal);
        }
    }
}

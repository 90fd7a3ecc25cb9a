using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sisa.Cli.Tests.Documents;

/// <summary>What ARCHITECTURE says of files, folders and projects is what there is.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Source = Path.Combine(DocumentedCommands.Root(), "src");

    private static readonly string Page = File.ReadAllText(Path.Combine(DocumentedCommands.Root(), "docs", "ARCHITECTURE.md"));

    [Fact]
    public void The_ten_files_to_read_first_exist()
    {
        var files = FirstColumn("## Ten files to read first");

        Assert.Equal(10, files.Count);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(DocumentedCommands.Root(), file)), $"There is no {file}."));
    }

    [Fact]
    public void The_table_of_folders_has_every_folder_with_code_and_no_other()
    {
        var folders = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Source, Path.GetDirectoryName(file)!).Replace("Sisa.", string.Empty, StringComparison.Ordinal))
            .Where(folder => folder.Contains('/', StringComparison.Ordinal) && !folder.Contains("/obj", StringComparison.Ordinal) && !folder.Contains("/bin", StringComparison.Ordinal))
            .Distinct();

        Assert.Equal(folders.Order(StringComparer.Ordinal), FirstColumn("### Folders").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_arrows_of_the_first_diagram_are_the_references_of_the_projects()
    {
        var references = Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories).SelectMany(
            project => XDocument.Load(project).Descendants("ProjectReference").Select(reference => $"{ShortName(project)} --> {ShortName((string)reference.Attribute("Include")!)}"));
        var diagram = Page[Page.IndexOf("```mermaid", StringComparison.Ordinal)..];
        diagram = diagram[..diagram.IndexOf("```\n", StringComparison.Ordinal)];

        Assert.Equal(references.Order(StringComparer.Ordinal), Arrow().Matches(diagram).Select(match => match.Value).Order(StringComparer.Ordinal));
    }

    private static string ShortName(string project) => Path.GetFileNameWithoutExtension(project).Replace("Sisa.", string.Empty, StringComparison.Ordinal);

    // Names in the first column of the table under a heading.
    private static List<string> FirstColumn(string heading)
    {
        var begin = Page.IndexOf(heading, StringComparison.Ordinal);
        var end = Page.IndexOf("\n#", begin + heading.Length, StringComparison.Ordinal);
        return [.. Row().Matches(Page[begin..end]).Select(match => match.Groups["name"].Value)];
    }

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Row();

    [GeneratedRegex(@"\w+ --> \w+", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Arrow();
}

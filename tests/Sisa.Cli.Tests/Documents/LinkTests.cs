using System.Text;
using System.Text.RegularExpressions;

namespace Sisa.Cli.Tests.Documents;

/// <summary>Every relative link of every page leads to a file that exists, and every anchor to a heading.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "node_modules", "shards"];

    public static TheoryData<string> Pages() => [.. Find(DocumentedCommands.Root()).Select(path => Path.GetRelativePath(DocumentedCommands.Root(), path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_of_a_page_resolve(string page)
    {
        var path = Path.Combine(DocumentedCommands.Root(), page);
        Assert.All(Links(path), link => Assert.True(Resolves(path, link), $"{page} has the link '{link}', which leads nowhere."));
    }

    [Fact]
    public void The_index_names_every_page_of_its_folder()
    {
        var folder = Path.Combine(DocumentedCommands.Root(), "docs");
        var named = Links(Path.Combine(folder, "README.md")).ToHashSet();

        Assert.All(Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!).Where(name => name != "README.md"), name => Assert.Contains(name, named));
    }

    private static IEnumerable<string> Find(string folder) => Directory.EnumerateFiles(folder, "*.md").Concat(
        Directory.EnumerateDirectories(folder).Where(inner => !NotOurs.Contains(Path.GetFileName(inner))).SelectMany(Find));

    private static IEnumerable<string> Links(string path) =>
        Link().Matches(Code().Replace(File.ReadAllText(path), string.Empty)).Select(match => match.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal));

    private static bool Resolves(string page, string link)
    {
        var parts = link.Split('#');
        var file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        return parts.Length == 1 ? Path.Exists(file) : File.Exists(file) && Anchors(file).Contains(parts[1]);
    }

    // As GitHub makes them: letters, digits, '-' and '_' of the heading in lower case, spaces as '-'.
    private static HashSet<string> Anchors(string page) =>
        [.. Heading().Matches(Code().Replace(File.ReadAllText(page), string.Empty)).Select(match => Anchor(match.Groups["text"].Value))];

    private static string Anchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (var c in heading.Trim().ToLowerInvariant())
        {
            if (c == ' ')
            {
                anchor.Append('-');
            }
            else if (char.IsLetterOrDigit(c) || c is '-' or '_')
            {
                anchor.Append(c);
            }
        }

        return anchor.ToString();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, 1_000)]
    private static partial Regex Code();
}

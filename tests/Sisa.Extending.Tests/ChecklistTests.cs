using System.Text.RegularExpressions;

namespace Sisa.Extending.Tests;

/// <summary>The checklists of CONTRIBUTING, followed word for word.</summary>
public sealed partial class ChecklistTests
{
    private static string Root { get; } = FindRoot();

    private static string Page { get; } = File.ReadAllText(Path.Combine(Root, "CONTRIBUTING.md"));

    [Theory]
    [InlineData("Adding a model kind", "Cnn", 3, 3)]
    [InlineData("Adding an aggregator", "", 0, 1)]
    [InlineData("Adding a reader", "Csv", 1, 1)]
    [InlineData("Adding a verb", "Status", 1, 1)]
    public void Every_file_of_a_checklist_exists(string title, string example, int newFiles, int rows)
    {
        var steps = Steps(title);

        Assert.Equal((newFiles, rows), (steps.Count(step => step.Kind == "new"), steps.Count(step => step.Kind == "row")));
        Assert.All(steps.SelectMany(step => step.Paths), path => Assert.True(File.Exists(Path.Combine(Root, Filled(path, example))), $"'{title}' names {path}; there is no {Filled(path, example)}."));
    }

    [Fact]
    public void Every_path_beside_the_checklists_exists() => Assert.All(
        PathPattern().Matches(Page[Page.IndexOf("\n## Adding", StringComparison.Ordinal)..]).Select(match => match.Groups["path"].Value).Where(path => !path.Contains('<', StringComparison.Ordinal)),
        path => Assert.True(Path.Exists(Path.Combine(Root, path)), $"CONTRIBUTING names {path}, which there is not."));

    [Fact]
    public void The_toys_consist_of_the_files_that_the_checklists_call_new()
    {
        var wanted = Steps("Adding a model kind").Concat(Steps("Adding a reader")).Where(step => step.Kind == "new").SelectMany(step => step.Paths).Select(path => Filled(Path.GetFileName(path), "Toy"));

        Assert.Equal(wanted.Append("ToyRegistration.cs").Order(StringComparer.Ordinal), Directory.EnumerateFiles(Path.Combine(Root, "tests", "Sisa.Extending.Tests", "Toy")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_toys_are_registered_by_the_calls_that_the_checklists_name_and_no_others()
    {
        var wanted = Steps("Adding a model kind").Concat(Steps("Adding a reader")).Where(step => step.Kind == "row").Select(step => CallPattern().Match(step.Text).Value);
        var registration = File.ReadAllText(Path.Combine(Root, "tests", "Sisa.Extending.Tests", "Toy", "ToyRegistration.cs"));

        Assert.Equal(wanted, CallPattern().Matches(registration).Select(match => match.Value));
    }

    [Fact]
    public void Built_in_kinds_and_formats_are_registered_by_the_same_calls()
    {
        foreach (var step in Steps("Adding a model kind").Concat(Steps("Adding a reader")).Where(step => step.Kind == "row"))
        {
            var call = CallPattern().Match(step.Text).Value.Split('.')[1];
            var table = File.ReadAllText(Path.Combine(Root, step.Paths.Single()));

            Assert.True(Regex.Count(table, $@"= {call}[(<]", RegexOptions.None, TimeSpan.FromSeconds(1)) >= 5, $"{step.Paths.Single()} has fewer than five rows made by {call}.");
        }
    }

    private static List<Step> Steps(string title)
    {
        var start = Page.IndexOf($"## {title}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"CONTRIBUTING has no section '{title}'.");
        var end = Page.IndexOf("\n## ", start, StringComparison.Ordinal);
        return
        [
            .. Page[start..end].Split('\n').Where(line => line.StartsWith("- [ ] ", StringComparison.Ordinal)).Select(line => new Step(
                line[6..].Split(' ')[0],
                [.. PathPattern().Matches(line).Select(match => match.Groups["path"].Value)],
                line)),
        ];
    }

    private static string Filled(string path, string example) => PlaceholderPattern().Replace(path, example);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sisa.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Sisa.sln above the tests.");
        }

        return folder;
    }

    private sealed record Step(string Kind, IReadOnlyList<string> Paths, string Text);

    [GeneratedRegex("`(?<path>(src|tests|docs|bench)/[^` ]+)`", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex PathPattern();

    [GeneratedRegex("<[A-Z][a-z]+>", RegexOptions.None, 1_000)]
    private static partial Regex PlaceholderPattern();

    [GeneratedRegex(@"\b(ModelKinds|ModelKeys|ArchitectureKind|RowFormat)\.Add\b", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex CallPattern();
}

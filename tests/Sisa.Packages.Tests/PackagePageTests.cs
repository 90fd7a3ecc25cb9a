using System.Text;

namespace Sisa.Packages.Tests;

/// <summary>The first C# example on each page that shows the library.</summary>
public sealed class PackagePageTests(Packed packed)
{
    private static readonly string[] Pages = ["src/Sisa.Core/README.md", "src/Sisa.Engine/README.md", "src/Sisa.Torch/README.md", "src/Sisa.Serving/README.md", "docs/library.md", "README.md"];

    [Fact]
    public void The_examples_of_all_pages_compile_against_the_packages()
    {
        var folder = Path.Combine(packed.Sample("train-forget-verify", "pages"));
        File.Delete(Path.Combine(folder, "Program.cs"));

        // README leaves them out.
        File.WriteAllText(Path.Combine(folder, "Usings.cs"), "global using Sisa.Engine.Reporting;\nglobal using Sisa.Forgetting;\nglobal using Sisa.Serving;\nglobal using Sisa.Serving.Answering;\n");
        foreach (var page in Pages)
        {
            var lines = Example(page);
            var text = new StringBuilder();
            text.AppendJoin('\n', lines.Where(line => line.StartsWith("using Sisa.", StringComparison.Ordinal) || line == "using TorchSharp;"));
            text.Append($"\n\ninternal static class Page{Array.IndexOf(Pages, page)}\n{{\n    public static async Task Run()\n    {{\n        await Task.Yield();\n");
            text.AppendJoin('\n', lines.SkipWhile(line => line.Length == 0 || (line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=', StringComparison.Ordinal))));
            text.Append("\n    }\n}\n");
            File.WriteAllText(Path.Combine(folder, $"Page{Array.IndexOf(Pages, page)}.cs"), text.ToString());
        }

        packed.Run(folder, "dotnet build -c Release -o out -warnaserror -p:OutputType=Library", 0);
    }

    [Theory]
    [InlineData("src/Sisa.Core/README.md")]
    [InlineData("src/Sisa.Engine/README.md")]
    [InlineData("src/Sisa.Torch/README.md")]
    [InlineData("src/Sisa.Serving/README.md")]
    public void An_example_has_about_ten_lines(string page) => Assert.InRange(Example(page).Count(line => line.Length > 1), 3, 14);

    private static string[] Example(string page)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, page));
        const string Begin = "```csharp\n";
        var start = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return text[start..text.IndexOf("\n```", start, StringComparison.Ordinal)].Split('\n');
    }
}

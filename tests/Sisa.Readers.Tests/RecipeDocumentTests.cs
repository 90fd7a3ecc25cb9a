using Sisa.Readers.Recipes;

namespace Sisa.Readers.Tests;

public sealed class RecipeDocumentTests
{
    [Fact]
    public void The_page_about_recipes_holds_every_key()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sisa.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests lie outside the repository.");
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "recipe.md"));

        Assert.True(Keys().Count() > 80);
        Assert.Empty(Keys().Where(key => !page.Contains($"| `{key}`", StringComparison.Ordinal)).Distinct());
    }

    // Of what is printed: keys have two spaces for each level, and a group ends with its colon.
    private static IEnumerable<string> Keys()
    {
        var open = new List<string>();
        foreach (var line in RecipeWriter.Print().Split('\n'))
        {
            var text = line.TrimStart();
            var name = text.TrimStart('#');
            var colon = name.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || text.StartsWith("# ", StringComparison.Ordinal) || !name[..colon].All(char.IsAsciiLetterOrDigit))
            {
                continue;
            }

            open = [.. open.Take((line.Length - text.Length) / 2), name[..colon]];
            if (colon + 1 < name.Length)
            {
                yield return string.Join('.', open);
            }
        }
    }
}

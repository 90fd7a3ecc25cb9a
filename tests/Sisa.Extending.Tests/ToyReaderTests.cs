using Sisa.Corpora;
using Sisa.Extending.Tests.Toy;
using Sisa.Readers;
using Sisa.Readers.Formats;
using Sisa.Readers.Inspection;
using Sisa.Readers.Recipes;
using Sisa.TestKit;
using Sisa.Training;

namespace Sisa.Extending.Tests;

public sealed class ToyReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static Recipe Recipe { get; } = SmallRecipes.Mlp(2, 2);

    [Theory]
    [InlineData("rows.pairs", false)]
    [InlineData("rows.dat", true)]
    public void A_file_is_known_by_its_ending_or_by_the_recipe(string name, bool isDeclared)
    {
        var path = _folder[name];
        File.WriteAllText(path, "id=a;x=0.5;y=1;label=red\nid=b;x=0;y=0.25;label=blue\n");
        var recipe = isDeclared ? Recipe with { Corpus = Recipe.Corpus with { Format = CorpusFormat.Named("toy-pairs") } } : Recipe;

        var items = CorpusReader.Read(path, recipe).Select(item => (item.Id, item.Label)).ToList();

        Assert.Equal([("a", 0), ("b", 2)], items);
    }

    [Fact]
    public void A_bad_row_is_told_with_its_place()
    {
        var path = _folder["rows.pairs"];
        File.WriteAllText(path, "id=a;x=0.5;y=1;label=red\nid\n");

        Assert.Equal(2, Assert.Throws<CorpusException>(() => CorpusReader.Read(path, Recipe).Count()).Row);
    }

    [Fact]
    public void A_recipe_may_name_it_and_its_json_keeps_it()
    {
        var recipe = RecipeReader.Parse(RecipeWriter.Write(Recipe), ["corpus.format=toy-pairs"]);

        Assert.Equal("toy-pairs", recipe.Corpus.Format?.Name);
        Assert.Equal(recipe.Corpus.Format, RecipeJson.Read(RecipeJson.Write(recipe)).Corpus.Format);
        Assert.Contains("toy-pairs", Assert.Throws<RecipeException>(() => RecipeReader.Parse(RecipeWriter.Write(Recipe), ["corpus.format=toy"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_that_nobody_reads_is_refused()
    {
        var path = _folder["rows.dat"];
        File.WriteAllText(path, "id=a\n");
        var recipe = Recipe with { Corpus = Recipe.Corpus with { Format = CorpusFormat.Named("unknown") } };

        Assert.Contains("which this program cannot read", Assert.Throws<RecipeException>(() => CorpusReader.Read(path, recipe).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_without_a_way_to_find_its_fields_is_not_inspected()
    {
        var path = _folder["rows.pairs"];
        File.WriteAllText(path, "id=a;x=0.5;y=1;label=red\n");

        Assert.Contains("no recipe can be proposed", Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_is_registered_once() => Assert.Throws<ArgumentException>(() => RowFormat.Add(ToySource.Format));

    public void Dispose() => _folder.Dispose();
}

using Sisa.Readers.Inspection;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>Public data sets beside the repository; skipped where they are absent.</summary>
public sealed class RealDataTests
{
    [Theory]
    [InlineData("nusax-sentiment/english.jsonl.gz", 1000, 3)]
    [InlineData("diabetes130/diabetic_data.csv.gz", 101_766, 3)]
    [InlineData("fashion-mnist/t10k-images-idx3-ubyte.gz", 10_000, 10)]
    public void A_proposed_recipe_reads_every_row(string name, int rows, int labels)
    {
        var path = Find(name);
        var (recipe, _) = RecipeInspector.Inspect(path);
        Assert.Equal(labels, recipe.Labels.Count);
        var read = RecipeReader.Parse(RecipeWriter.Write(recipe));
        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(read));
        Assert.Equal(rows, CorpusReader.Read(path, read).Count());
    }

    [Fact]
    public void Patients_are_the_subjects_of_their_encounters()
    {
        var (recipe, _) = RecipeInspector.Inspect(Find("diabetes130/diabetic_data.csv.gz"));
        var fields = recipe.Corpus.Fields;
        Assert.Equal(("encounter_id", "patient_nbr", "readmitted"), (Assert.Single(fields.Id), Assert.Single(fields.Subject), fields.Label));
    }

    [Fact]
    public void Tab_separated_comments_keep_their_quotation_marks()
    {
        var recipe = new Recipe
        {
            Labels = [.. Enumerable.Range(0, 28).Select(i => i.ToString())],
            Corpus = new CorpusOptions { Header = false, Fields = new FieldOptions { Id = ["c3"], Text = ["c1"], Label = "c2" } },
            Features = new FeatureOptions { Text = new TextFeature() },
        };
        var several = 0;
        var rows = CorpusReader.Read(Find("goemotions/train.tsv.gz"), recipe, new ReadOptions
        {
            OnFault = fault =>
            {
                // Rows with several emotions, as in '2,14', are no single label.
                Assert.Contains("is not declared", fault.Message, StringComparison.Ordinal);
                several++;
                return true;
            },
        }).Count();
        Assert.Equal(43_410, rows + several);
    }

    [Theory]
    [InlineData("ja")]
    [InlineData("zh")]
    [InlineData("hi")]
    [InlineData("ar")]
    [InlineData("fi")]
    public void Sentences_of_every_language_have_tokens(string language)
    {
        var recipe = new Recipe { Corpus = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } }, Features = new FeatureOptions { Text = new TextFeature(WordNgrams: 1, Buckets: 1 << 20) } };
        var tokens = CorpusReader.Read(Find($"ud-text/{language}.jsonl.gz"), recipe, new ReadOptions { ForPrediction = true }).Average(item => item.Features.Length / sizeof(int));
        Assert.InRange(tokens, 5, 60);
    }

    internal static string Find(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sisa.sln")))
        {
            folder = folder.Parent;
        }

        var path = folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "data", name);
        Assert.SkipUnless(File.Exists(path), $"The data set {name} is not beside the repository (../shared/data).");
        return path!;
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using Sisa.Cli.Quickstart;
using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.TestKit;

namespace Sisa.Cli.Tests.Quickstart;

public sealed class SampleCorpusTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_bytes_are_the_same_on_every_machine()
    {
        var sample = Write();

        Assert.Equal(
            (
                "c873e7d309b52d32e6a7d3e5743e21a56e08b2ed913563488042833eda0d0a86",
                "591429b58403d35b5966d4bc9f322b743391e0566285e1f77a2b6075c9348974"),
            (Sha256(sample.TrainFile), Sha256(sample.TestFile)));
    }

    [Fact]
    public void Another_seed_makes_another_corpus()
    {
        var first = Sha256(Write().TrainFile);

        Assert.NotEqual(first, Sha256(SampleCorpus.Write(_folder.Path, SampleCorpus.DefaultSeed + 1).TrainFile));
    }

    [Fact]
    public void It_has_thousands_of_texts_by_hundreds_of_people_who_write_unequally_much()
    {
        var sample = Write();
        var train = Rows(sample.TrainFile);
        var counts = train.GroupBy(row => row.Author).Select(author => author.Count()).ToList();

        Assert.Equal(sample.TrainCount, train.Count);
        Assert.InRange(train.Count, 4_000, 10_000);
        Assert.Equal(SampleCorpus.AuthorCount, counts.Count);
        Assert.Equal(2, counts.Min());
        Assert.InRange(counts.Max(), 50, 60);
    }

    [Fact]
    public void Ids_and_texts_occur_once_and_labels_are_declared()
    {
        var sample = Write();
        var rows = Rows(sample.TrainFile).Concat(Rows(sample.TestFile)).ToList();

        Assert.Equal(rows.Count, rows.DistinctBy(row => row.Id).Count());
        Assert.Equal(rows.Count, rows.DistinctBy(row => row.Text).Count());
        Assert.Equal(RecipeReader.Parse(SampleRecipe.Yaml).Labels.Order(), rows.Select(row => row.Label).Distinct().Order());
    }

    [Fact]
    public void The_held_out_texts_are_by_other_people()
    {
        var sample = Write();
        var test = Rows(sample.TestFile);

        Assert.Equal(sample.TestCount, test.Count);
        Assert.InRange(test.Count, 700, 1_000);
        Assert.Empty(Rows(sample.TrainFile).Select(row => row.Author).Intersect(test.Select(row => row.Author)));
    }

    [Theory]
    [InlineData("Latin", 0x41, 0x24F)]
    [InlineData("Greek", 0x370, 0x3FF)]
    [InlineData("Cyrillic", 0x400, 0x4FF)]
    [InlineData("Arabic", 0x600, 0x6FF)]
    [InlineData("Devanagari", 0x900, 0x97F)]
    [InlineData("Han", 0x4E00, 0x9FFF)]
    public void Every_script_has_its_share(string script, int first, int last)
    {
        var rows = Rows(Write().TrainFile);

        var share = (double)rows.Count(row => row.Text.Any(c => c >= first && c <= last && char.IsLetter(c))) / rows.Count;

        Assert.True(share > 0.07, $"{script} is in {share:P1} of the texts.");
    }

    [Fact]
    public void Every_sentence_that_a_language_can_say_is_whole()
    {
        foreach (var row in Rows(Write().TrainFile))
        {
            Assert.DoesNotContain(row.Text, c => c is '[' or ']' or '{' or '}' or '|');
            Assert.DoesNotContain("  ", row.Text, StringComparison.Ordinal);
            Assert.Contains(row.Text[^1], ".!…।。！");
        }
    }

    [Fact]
    public void The_person_to_forget_has_texts_and_a_companion_of_their_own()
    {
        var sample = Write();
        var rows = Rows(sample.TrainFile);
        var own = rows.Where(row => row.Author == sample.Person.Name).ToList();

        Assert.Equal(sample.Person.TextCount, own.Count);
        Assert.InRange(own.Count, 30, 60);
        Assert.Contains(own, row => row.Text.Contains(sample.Person.Companion, StringComparison.Ordinal));
        Assert.DoesNotContain(rows.Except(own), row => row.Text.Contains(sample.Person.Companion, StringComparison.Ordinal));
    }

    [Fact]
    public void The_recipe_is_valid_and_its_labels_are_the_topics()
    {
        var recipe = RecipeReader.Parse(SampleRecipe.Yaml);

        Assert.Equal(SampleTopics.Labels, recipe.Labels);
        Assert.Equal((8, 4), (recipe.Ensemble.Shards, recipe.Ensemble.Slices));
        Assert.IsType<TextClassifierOptions>(recipe.Model);
        Assert.Equal(9, SampleLanguages.All.Count);
    }

    private static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static List<Row> Rows(string path) => [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!)];

    private Sample Write() => SampleCorpus.Write(_folder.Path, SampleCorpus.DefaultSeed);

    private sealed record Row(string Id, string Author, string Text, string Label);
}

using CsCheck;
using Sisa.Models;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class RecipeWriterTests
{
    private static readonly Gen<string> _name = Gen.String[Gen.Char.AlphaNumeric, 1, 6].Select(Gen.OneOf("", " ", ": ", "#", "\"", "'", "é", "\u0085", "\n", "\\", "{", "-", "~", "null", "😀", "\u2028", "\0"), (a, b) => a + b + a);

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        foreach (var recipe in (Recipe[])[Samples.Text, Samples.Table, Samples.Image])
        {
            AssertReadsBack(recipe);
        }
    }

    [Fact]
    public void Of_keys_that_both_kinds_of_language_models_have_each_is_written_once()
    {
        var fields = new CorpusOptions { Fields = new FieldOptions { Text = ["text"] } };
        AssertReadsBack(new Recipe { Task = TaskKind.LanguageModel, Corpus = fields, Model = new DecoderOptions { Context = 64, Layers = 2 } });
        var adapter = new AdapterOptions { Context = 64, Base = "base", TrainedOn = DataOrigin.Public };
        var read = (AdapterOptions)RecipeReader.Parse(RecipeWriter.Write(new Recipe { Task = TaskKind.LanguageModel, Corpus = fields, Model = adapter })).Model;
        Assert.Equal((64, "base", DataOrigin.Public), (read.Context, read.Base, read.TrainedOn));
    }

    [Fact]
    public void Any_names_and_numbers_survive_writing() =>
        Gen.Select(_name.HashSet[2, 5], _name.HashSet[1, 4], Gen.Double[-1e9, 1e9], Gen.Double[1e-3, 1e6], Gen.ULong).Sample((labels, fields, min, width, seed) =>
            AssertReadsBack(new Recipe
            {
                Name = labels.First(),
                Labels = [.. labels],
                Corpus = new CorpusOptions { Fields = new FieldOptions { Id = [.. fields], Label = labels.First(), Subject = [fields.First()] } },
                Features = new FeatureOptions { Numbers = [.. fields.Select(field => new NumberFeature(field, Math.Clamp(min, -1e9, 1e9), Math.Clamp(min, -1e9, 1e9) + width))] },
                Training = new TrainingOptions { Seed = seed, LearningRate = width / 1e6, Epochs = 1e-5 },
                DeclaredAfterInspection = ["labels"],
            }));

    [Fact]
    public void The_printed_recipe_names_every_key_of_what_is_written()
    {
        var printed = RecipeWriter.Print();
        foreach (var key in (string[])["name", "format", "risk", "batch", "riskClasses", "batches", "pixels", "deviation", "numbers", "categories", "vector", "hidden", "channels", "kernel", "learningRate", "warmup", "dueDays", "declaredAfterInspection"])
        {
            Assert.Contains(key + ":", printed, StringComparison.Ordinal);
        }
    }

    private static void AssertReadsBack(Recipe recipe)
    {
        var yaml = RecipeWriter.Write(recipe);
        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(RecipeReader.Parse(yaml)));
    }
}

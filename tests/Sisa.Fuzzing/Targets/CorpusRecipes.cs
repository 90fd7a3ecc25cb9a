using Sisa.Corpora;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Fuzzing.Targets;

/// <summary>Recipes under which corpus files are read: between them they map every role and every kind of feature.</summary>
internal static class CorpusRecipes
{
    /// <summary>Texts by author, with risk classes and batches.</summary>
    public static Recipe Text { get; } = new()
    {
        Labels = ["world", "sports"],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Subject = ["author", "team"], Text = ["text", "more"], Label = "topic", Risk = "risk", Batch = "batch" } },
        Features = new FeatureOptions { Text = new TextFeature(CharNgrams: 3, Buckets: 512, MaxTokens: 32) },
        Ensemble = new EnsembleOptions
        {
            Shards = 4,
            Slices = 2,
            Assign = AssignRule.ByBatch,
            Batches = ["b1", "b2"],
            RiskClasses = new Dictionary<string, RiskClass>(StringComparer.Ordinal) { ["high"] = new([0]), ["low"] = new([1, 2, 3]) },
        },
        Model = new TextClassifierOptions(),
    };

    /// <summary>Only what a text needs: to be written again and read as the same.</summary>
    public static Recipe PlainText { get; } = new()
    {
        Labels = ["world", "sports"],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Subject = ["author"], Text = ["text"], Label = "topic" } },
        Features = new FeatureOptions { Text = new TextFeature(Buckets: 512, MaxTokens: 32) },
        Model = new TextClassifierOptions(),
    };

    /// <summary>Numbers, categories and a vector.</summary>
    public static Recipe Table { get; } = new()
    {
        Labels = ["no", "yes"],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Label = "sick" } },
        Features = new FeatureOptions
        {
            Numbers = [new NumberFeature("age", 0, 100), new NumberFeature("weight", 50, 150, 50)],
            Categories = new CategoryFeature(["city"], 8),
            Vector = new VectorFeature("v", 3, -1, 1),
        },
    };

    /// <summary>The same without the vector, which CSV has not.</summary>
    public static Recipe FlatTable { get; } = Table with { Features = Table.Features with { Vector = null } };

    /// <summary>Images of two by three.</summary>
    public static Recipe Image { get; } = new()
    {
        Labels = ["zero", "one", "two"],
        Corpus = new CorpusOptions { Format = CorpusFormat.Idx },
        Features = new FeatureOptions { Pixels = new PixelFeature(2, 3) },
        Model = new CnnOptions { Channels = [4] },
    };

    /// <summary>Every recipe here, to begin with where recipes are read.</summary>
    public static IReadOnlyList<Recipe> All => [Text, PlainText, Table, FlatTable, Image];
}

using System.Runtime.InteropServices;
using System.Text;
using Sisa.Corpora;
using Sisa.Models;
using Sisa.Training;

namespace Sisa.Readers.Tests;

/// <summary>Recipes and copies of items that many tests share.</summary>
internal static class Samples
{
    public static Recipe Text { get; } = new()
    {
        Labels = ["world", "sports"],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Subject = ["author"], Text = ["text"], Label = "topic" } },
        Features = new FeatureOptions { Text = new TextFeature() },
        Model = new TextClassifierOptions(),
    };

    public static Recipe Table { get; } = new()
    {
        Labels = ["no", "yes"],
        Corpus = new CorpusOptions { Fields = new FieldOptions { Id = ["id"], Label = "sick" } },
        Features = new FeatureOptions
        {
            Numbers = [new NumberFeature("age", 0, 100), new NumberFeature("weight", 50, 150, 50)],
            Categories = new CategoryFeature(["city"], 8),
        },
    };

    public static Recipe Image { get; } = new()
    {
        Labels = ["zero", "one", "two"],
        Corpus = new CorpusOptions { Format = CorpusFormat.Idx },
        Features = new FeatureOptions { Pixels = new PixelFeature(2, 3) },
        Model = new CnnOptions { Channels = [4] },
    };

    public static List<Row> ReadAll(string path, Recipe recipe, ReadOptions? options = null) =>
        [.. CorpusReader.Read(path, recipe, options).Select(Row.Of)];

    public static List<Row> ReadLines(string lines, Recipe recipe, ReadOptions? options = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(lines));
        return [.. CorpusReader.Read(stream, "stdin", recipe, options).Select(Row.Of)];
    }

    public static CorpusException Fault(string path, Recipe recipe, ReadOptions? options = null) =>
        Assert.Throws<CorpusException>(() => ReadAll(path, recipe, options));

    public static CorpusException LineFault(string line, Recipe recipe) => Assert.Throws<CorpusException>(() => ReadLines(line, recipe));
}

/// <summary>A copy of an item, since readers reuse theirs.</summary>
internal sealed record Row(string Id, string Subject, int Label, string Text, byte[] Features, long Number, string? Risk, string? Batch)
{
    public int[] Tokens => MemoryMarshal.Cast<byte, int>(Features).ToArray();

    public float[] Numbers => MemoryMarshal.Cast<byte, float>(Features).ToArray();

    public static Row Of(Item item) => new(
        item.Id, item.Subject, item.Label, Encoding.UTF8.GetString(item.Text.Span), item.Features.ToArray(), item.Row, item.RiskClass, item.Batch);
}

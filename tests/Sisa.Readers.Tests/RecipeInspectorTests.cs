using System.Text;
using Sisa.Readers.Inspection;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class RecipeInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Texts_get_a_recipe_that_reads_them()
    {
        var lines = new StringBuilder();
        for (var i = 0; i < 200; i++)
        {
            lines.AppendLine($$"""{"id": {{i}}, "author": "person {{i % 40}}", "text": "Some words about number {{i}} and others", "topic": "{{(i == 7 ? "scandal" : i % 3 == 0 ? "world" : "sports")}}", "tags": ["a"]}""");
        }

        var path = _folder.Write("news.jsonl", lines.ToString());
        var (recipe, notes) = RecipeInspector.Inspect(path);
        Assert.Equal(["id"], recipe.Corpus.Fields.Id);
        Assert.Equal(["author"], recipe.Corpus.Fields.Subject);
        Assert.Equal(["text"], recipe.Corpus.Fields.Text);
        Assert.Equal("topic", recipe.Corpus.Fields.Label);
        Assert.NotNull(recipe.Features.Text);
        Assert.Contains("labels", recipe.DeclaredAfterInspection);
        Assert.Contains("ensemble.shards", recipe.DeclaredAfterInspection);
        Assert.Equal(["sports", "world"], recipe.Labels);
        Assert.Contains(notes, note => note.ToString().Contains("1 of 3 labels", StringComparison.Ordinal) && !note.ToString().Contains("scandal", StringComparison.Ordinal));

        var written = RecipeReader.Parse(RecipeWriter.Write(recipe));
        Assert.Equal(RecipeJson.Write(recipe), RecipeJson.Write(written));
        Assert.Equal(199, Samples.ReadAll(path, written, new ReadOptions { OnFault = _ => true }).Count);
    }

    [Fact]
    public void Tables_get_ranges_rounded_outward()
    {
        var lines = new StringBuilder("person_id,age,height,flag,city,constant,diagnosis\n");
        for (var i = 0; i < 300; i++)
        {
            lines.AppendLine($"{i % 100},{17 + (i % 73)},{(i == 5 ? "?" : (1.523 + (i / 1000.0)).ToString("R"))},{i % 2},c{i % 20},1,{(i % 3 == 0 ? "ill" : "well")}");
        }

        var path = _folder.Write("people.csv", lines.ToString());
        var (recipe, notes) = RecipeInspector.Inspect(path);
        Assert.Equal(["person_id"], recipe.Corpus.Fields.Subject);
        Assert.Equal("diagnosis", recipe.Corpus.Fields.Label);
        Assert.Equal(["ill", "well"], recipe.Labels);
        Assert.Equal([("age", 10, 90), ("height", 1.5, 1.9), ("flag", 0, 1)], recipe.Features.Numbers.Select(number => (number.Field, number.Min, number.Max)));
        Assert.Equal([null, 1.5, null], recipe.Features.Numbers.Select(number => number.Missing));
        Assert.Equal(["city"], recipe.Features.Categories!.Fields);
        Assert.Contains(notes, note => note.ToString().Contains("'constant'", StringComparison.Ordinal));
        Assert.Equal(300, Samples.ReadAll(path, RecipeReader.Parse(RecipeWriter.Write(recipe))).Count);
    }

    [Theory]
    [InlineData(new double[] { 17, 90 }, 10, 100)]
    [InlineData(new double[] { 0, 0.37 }, 0, 0.4)]
    [InlineData(new double[] { 100, 100_000 }, 0, 110_000)]
    [InlineData(new double[] { -3.2, 8.1 }, -10, 10)]
    public void A_declared_range_does_not_give_away_the_extreme_value(double[] values, double min, double max)
    {
        var lines = string.Concat(values.Select((value, i) => $"{{\"id\":{i},\"label\":\"{"ab"[i % 2]}\",\"x\":{value:R},\"z\":{i}}}\n"));
        var range = Assert.Single(RecipeInspector.Inspect(_folder.Write("a.jsonl", lines + lines.Replace("\"id\":", "\"id\":9", StringComparison.Ordinal).Replace("\"x\"", "\"w\"", StringComparison.Ordinal))).Recipe.Features.Numbers, number => number.Field == "x");
        Assert.Equal((min, max), (range.Min, range.Max));
    }

    [Fact]
    public void Files_without_a_header_have_numbered_columns()
    {
        var path = _folder.Write("a.csv", string.Concat(Enumerable.Range(0, 50).Select(i => $"{i * 3},{(i % 2 == 0 ? "yes" : "no")}\n")));
        var (recipe, _) = RecipeInspector.Inspect(path);
        Assert.False(recipe.Corpus.Header);
        Assert.Equal("c2", recipe.Corpus.Fields.Label);
        Assert.Equal(50, Samples.ReadAll(path, RecipeReader.Parse(RecipeWriter.Write(recipe))).Count);
    }

    [Fact]
    public void The_index_that_pandas_writes_without_a_name_does_not_hide_the_header()
    {
        var path = _folder.Write("a.csv", ",text,label\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},Some words about number {i} and others,{(i % 2 == 0 ? "yes" : "no")}\n")));
        var (recipe, _) = RecipeInspector.Inspect(path);
        Assert.True(recipe.Corpus.Header);
        Assert.Equal(("label", "text"), (recipe.Corpus.Fields.Label, Assert.Single(recipe.Corpus.Fields.Text)));
        Assert.Equal(50, Samples.ReadAll(path, RecipeReader.Parse(RecipeWriter.Write(recipe))).Count);
    }

    [Fact]
    public void A_label_that_says_nothing_is_not_proposed()
    {
        string[] labels = ["yes", "no", "?", " "];
        var path = _folder.Write("a.csv", "x,label\n" + string.Concat(Enumerable.Range(0, 80).Select(i => $"{i * 7},{labels[i % 4]}\n")));
        var (recipe, notes) = RecipeInspector.Inspect(path);
        Assert.Equal(["no", "yes"], recipe.Labels);
        Assert.Contains(notes, note => note.ToString().StartsWith("40 rows have no label", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 0, 1, 2, 9 }, 2, "2 labels above 1 each belong to a single image")]
    [InlineData(new byte[] { 0, 1, 3, 0, 1, 3 }, 4, "1 of the 4 labels belong to one image or none")]
    public void A_label_of_a_single_image_is_not_proposed_at_the_upper_end(byte[] labels, int count, string note)
    {
        _folder.Write("a-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, (byte)labels.Length, 0, 0, 0, 1, 0, 0, 0, 2, .. new byte[labels.Length * 2]]);
        _folder.Write("a-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, (byte)labels.Length, .. labels]);
        var (recipe, notes) = RecipeInspector.Inspect(_folder.PathOf("a-images-idx3-ubyte"));
        Assert.Equal(count, recipe.Labels.Count);
        Assert.Contains(notes, found => found.ToString().StartsWith(note, StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_rows_are_counted_and_not_repeated()
    {
        var path = _folder.Write("a.jsonl", string.Concat(Enumerable.Range(0, 50).Select(i => $"{{\"id\":{i},\"x\":{i},\"label\":\"{"ab"[i % 2]}\"}}\n")) + "{secret\n");
        var (recipe, notes) = RecipeInspector.Inspect(path);
        Assert.Equal(["a", "b"], recipe.Labels);
        Assert.Contains(notes, note => note.ToString().StartsWith("1 row cannot be read; the first is row 51", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_read_is_a_fault()
    {
        Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.PathOf("none.jsonl")));
        Assert.Equal(2, Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.Write("open.csv", "id,who,t,l\n1,ann,\"x,a\n2,bob,y,b\n3,cat,z,a\n4,d,w,a\n"))).Row);
        Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.Write("empty.csv", "")));
        Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.Write("bad.jsonl", "nothing\nof use\n")));
        Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.Write("bad.parquet", "nothing\nof use\n")));
        Assert.Throws<CorpusException>(() => RecipeInspector.Inspect(_folder.Write("a.jsonl.gz", TemporaryFolder.Gzip("{\"id\":1}"u8.ToArray())[..^4])));
    }

    [Fact]
    public async Task Vectors_and_parquet_are_seen()
    {
        var path = _folder.PathOf("v.parquet");
        await ParquetFiles.WriteVectorsAsync(path);
        var (recipe, _) = RecipeInspector.Inspect([path], ["corpus.fields.label=sick", "labels=[no, yes]"], TestContext.Current.CancellationToken);
        Assert.Equal(new VectorFeature("v", 3, -2, 2), recipe.Features.Vector);
    }
}

using System.Text;
using System.Text.Json;
using CsCheck;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class PropertyTests
{
    /// <summary>Texts that an id may be: no control characters, whole code points, 1 to 512 bytes.</summary>
    private static readonly Gen<string> _id = Gen.OneOf(Gen.Int[0x20, 0x7E], Gen.Int[0xA0, 0xD7FF], Gen.Int[0xE000, 0x10FFFF])
        .Select(value => new Rune(value).ToString()).Array[1, 40].Select(string.Concat);

    [Fact]
    public void Any_id_survives_json_and_csv() => Gen.Select(_id, _id).Sample((id, subject) =>
    {
        using var folder = new TemporaryFolder();
        var json = folder.Write("a.jsonl", JsonSerializer.Serialize(new { id, author = subject, text = "t", topic = "world" }));
        var csv = folder.Write("a.csv", $"id,author,text,topic\n{Quoted(id)},{Quoted(subject)},t,world\n");
        foreach (var path in (string[])[json, csv])
        {
            var row = Assert.Single(Samples.ReadAll(path, Samples.Text));
            Assert.Equal((id, subject), (row.Id, row.Subject));
        }
    }, iter: 300);

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    [InlineData("a.tsv")]
    [InlineData("a.txt")]
    [InlineData("a.parquet")]
    [InlineData("a.images-idx3")]
    public void Random_bytes_give_items_or_a_corpus_fault(string name)
    {
        var prefixes = new byte[][] { [], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0], "PAR1"u8.ToArray(), [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3], "{\"id\":\""u8.ToArray(), "id,author,text,topic\n"u8.ToArray() };
        var recipe = name.Contains("idx", StringComparison.Ordinal) ? Samples.Image : Samples.Text;
        Gen.Select(Gen.OneOf(prefixes), Gen.Byte.Array[0, 300], Gen.Bool).Sample((prefix, bytes, isGzip) =>
        {
            using var folder = new TemporaryFolder();
            byte[] content = [.. prefix, .. bytes];
            var path = folder.Write(name, isGzip ? TemporaryFolder.Gzip(content) : content);
            foreach (var forPrediction in (bool[])[false, true])
            {
                try
                {
                    Samples.ReadAll(path, recipe, new ReadOptions { OnFault = _ => true, ForPrediction = forPrediction });
                }
                catch (CorpusException)
                {
                    // What is expected of random bytes.
                    continue;
                }
            }
        }, iter: 300);
    }

    [Fact]
    public async Task Damaged_parquet_gives_items_or_a_corpus_fault()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("a.parquet");
        await ParquetFiles.WriteAsync(path);
        var whole = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            using var inner = new TemporaryFolder();
            var damaged = (byte[])whole.Clone();
            damaged[at] = value;
            try
            {
                Samples.ReadAll(inner.Write("a.parquet", damaged), Samples.Table, new ReadOptions { OnFault = _ => true });
            }
            catch (CorpusException)
            {
                // Refused; what Parquet does not checksum may pass as other values.
                return;
            }
        }, iter: 1000);
    }

    [Fact]
    public void Random_text_gives_a_recipe_or_a_recipe_fault() => Gen.String[Gen.OneOf(Gen.Char.AlphaNumeric, Gen.OneOf<char>(':', ' ', '\n', '[', ']', '{', '}', '-', '"', '\'', '&', '*', '#', ',', '!', '|', '>', '\t', '\0', '\ud800', '?', '%', '@')), 0, 60]
        .Sample(text =>
        {
            try
            {
                RecipeReader.Parse(text, [text]);
            }
            catch (RecipeException)
            {
                // What is expected of random text.
                return;
            }
        }, iter: 2000);

    [Fact]
    public void Any_text_encodes_within_the_limits() => Gen.String[0, 200].Sample(text =>
    {
        var recipe = Samples.Text with { Features = new FeatureOptions { Text = new TextFeature(WordNgrams: 3, CharNgrams: 3, Buckets: 50, MaxTokens: 20) } };
        var tokens = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(new Features.ItemEncoder(recipe).EncodeText(Encoding.UTF8.GetBytes(text)).Span).ToArray();
        Assert.InRange(tokens.Length, 1, 20);
        Assert.All(tokens, token => Assert.InRange(token, 0, 49));
    });

    private static string Quoted(string text) => "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}

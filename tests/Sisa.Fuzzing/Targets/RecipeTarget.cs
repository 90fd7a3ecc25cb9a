using System.Text;
using Sisa.Fuzzing.Engine;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Fuzzing.Targets;

/// <summary><c>sisa.yaml</c>. A recipe that is read and written again is the same recipe.</summary>
internal sealed class RecipeTarget() : FuzzTarget("recipe")
{
    public override int MaxBytes => 8 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
    [
        .. RecipeWriter.Print().Split('\n').Select(line => line.Trim().TrimStart('#').Trim()).Where(line => line.Length > 0 && line.EndsWith(':')).Distinct(StringComparer.Ordinal).Take(60),
        "&a ", "*a", "!!binary ", "!x ", "<<: ", "- ", "? ", ": ", "[", "]", "{", "}", ", ", "|\n", ">-\n", "%YAML 1.2\n---\n", "---\n", "...\n", "#", "\"", "'", "\\x41", "\\U00110000", "\\ud800", "~", "null", "yes", ".inf", "0x10", "1e400", "\t", "\u0085", "\u2028", "\uFEFF",
    ]);

    public override IEnumerable<byte[]> LargeInputs() =>
    [
        Repeat(string.Empty, i => $"k{i}: x\n", string.Empty, 1 << 20),
        Repeat("labels: [", i => $"{i},", "a]\n", 1 << 20),
        Repeat("labels: [", _ => "a,", "a]\n", 350_000),
        Repeat("features: { numbers: [", i => "{f: 1},", "] }\n", 1 << 20),
    ];

    public override IEnumerable<byte[]> Seeds() => Words([RecipeWriter.Print(), .. CorpusRecipes.All.Select(recipe => RecipeWriter.Write(recipe))]);

    protected override void Run(byte[] input)
    {
        var recipe = RecipeReader.Parse(Encoding.UTF8.GetString(input));
        if (OnlyReads)
        {
            return;
        }

        var json = RecipeJson.Write(recipe);
        Check(RecipeJson.Write(RecipeReader.Parse(RecipeWriter.Write(recipe))) == json, "a recipe that is written as YAML reads the same");
        Check(RecipeJson.Write(RecipeJson.Read(json)) == json, "a recipe that is written as JSON reads the same");
        _ = RecipeJson.RecipeDigest(recipe, default);
    }

    protected override bool IsDocumented(Exception e) => e is RecipeException;
}

/// <summary>The recipe as JSON, which manifests, job files and exports carry.</summary>
internal sealed class RecipeJsonTarget() : FuzzTarget("recipe-json")
{
    public override int MaxBytes => 8 * 1024;

    public override IReadOnlyList<byte[]> Tokens { get; } = Words(
        "null", "{}", "[]", "[null]", "0", "-1", "1e999", "\"\"", "true", "\"kind\":\"mlp\"", "\"kind\":\"cnn\"", "\"kind\":\"text-classifier\"", "\"$type\":\"System.Object\"", "\"labels\"", "\"features\"", "\"riskClasses\"", "2147483648", "\\ud800", "{\"kind\":null}");

    public override IEnumerable<byte[]> Seeds() => Words(CorpusRecipes.All.Select(RecipeJson.Write));

    protected override void Run(byte[] input)
    {
        var recipe = RecipeJson.Read(Encoding.UTF8.GetString(input));
        var json = RecipeJson.Write(recipe);
        Check(RecipeJson.Write(RecipeJson.Read(json)) == json, "a recipe that is written as JSON reads the same");
        _ = RecipeJson.RecipeDigest(recipe, default);
        try
        {
            var valid = RecipeReader.Parse(RecipeWriter.Write(recipe));
            Check(RecipeJson.RecipeDigest(valid, default) == RecipeJson.RecipeDigest(RecipeReader.Parse(RecipeWriter.Write(valid)), default), "a valid recipe has one digest");
        }
        catch (RecipeException)
        {
            // JSON can say what no valid recipe says.
            return;
        }
    }

    protected override bool IsDocumented(Exception e) => e is StoreException;
}

using System.Text.Json;
using CsCheck;
using Sisa.Readers.Recipes;
using Sisa.Training;

namespace Sisa.Readers.Tests;

public sealed class JoinedFieldsTests : IDisposable
{
    private const string Yaml = """
        corpus: { fields: { id: [org, name, n], subject: [org, name], text: [title, body], label: topic } }
        labels: [world, sports]
        """;

    // Few characters, so that joints, escapes and line feeds meet.
    private static readonly Gen<string> Part = Gen.Int[0, 2].Array[1, 6].Select(numbers => string.Concat(numbers.Select(number => "a/\\"[number])));
    private static readonly Gen<string> Prose = Gen.Int[0, 3].Array[1, 6].Select(numbers => string.Concat(numbers.Select(number => "a\n\\/"[number])));

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a/b", "c", @"a\/b/c")]
    [InlineData("a", "b/c", @"a/b\/c")]
    [InlineData(@"a\", "b", @"a\\/b")]
    [InlineData(@"a\/b", "c", @"a\\\/b/c")]
    [InlineData(@"a\b", @"c\", @"a\b/c\\")]
    [InlineData("alice", "x", "alice/x")]
    public void A_joint_within_a_field_and_the_backslashes_before_a_joint_are_escaped(string org, string name, string joined)
    {
        Assert.Equal(joined, JoinedFields.Name([org, name], FieldJoining.Escaped));
        Assert.Equal(joined, Read(new { org, name, n = "1", title = "t", body = "b", topic = "world" }).Subject);
        Assert.Equal([org, name], Split(joined, '/', 2, isText: false));
    }

    [Fact]
    public void Different_fields_never_give_the_same_id_subject_or_text() => Gen.Select(Part, Part, Part, Prose, Prose).Sample((org, name, n, title, body) =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.jsonl", JsonSerializer.Serialize(new { org, name, n, title, body, topic = "world" }));

        var row = Assert.Single(Samples.ReadAll(path, RecipeReader.Parse(Yaml)));

        Assert.Equal([org, name, n], Split(row.Id, '/', 3, isText: false));
        Assert.Equal([org, name], Split(row.Subject, '/', 2, isText: false));
        Assert.Equal([title, body], Split(row.Text, '\n', 2, isText: true));
        Assert.Contains(row.Subject, (string[])[.. JoinedFields.SpellingsOf($"{org}/{name}", 2), $"{org}/{name}"]);
    }, iter: 500);

    [Fact]
    public void A_single_field_is_never_changed()
    {
        const string Single = "corpus: { fields: { id: name, text: body, label: topic } }\nlabels: [world, sports]";
        var recipe = RecipeReader.Parse(Single);

        var row = Assert.Single(Samples.ReadAll(_folder.Write("a.jsonl", JsonSerializer.Serialize(new { name = @"a/b\", body = "x\\\ny", topic = "world" })), recipe));

        Assert.Equal((@"a/b\", @"a/b\", "x\\\ny"), (row.Id, row.Subject, row.Text));
        Assert.DoesNotContain("joining", RecipeJson.Write(recipe), StringComparison.Ordinal);
        Assert.DoesNotContain("joining", RecipeWriter.Write(recipe), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_was_stored_before_joins_as_it_did()
    {
        var current = RecipeReader.Parse(Yaml);
        var old = RecipeJson.Read(RecipeJson.Write(current).Replace(",\"joining\":\"escaped\"", string.Empty, StringComparison.Ordinal));
        var path = _folder.Write("a.jsonl", JsonSerializer.Serialize(new { org = "a/b", name = "c", n = "1", title = "x\ny", body = "z", topic = "world" }));

        var row = Assert.Single(Samples.ReadAll(path, old));

        Assert.Equal(("a/b/c/1", "a/b/c", "x\ny\nz"), (row.Id, row.Subject, row.Text));
        Assert.Equal(RecipeJson.Write(old), RecipeJson.Write(RecipeReader.Parse(RecipeWriter.Write(old))));
        Assert.Equal(RecipeJson.Write(current), RecipeJson.Write(RecipeReader.Parse(RecipeWriter.Write(current))));
        Assert.Equal(RecipeJson.Write(old), RecipeJson.Write(RecipeReader.Parse(Yaml, ["corpus.fields.joining=plain"])));
    }

    public void Dispose() => _folder.Dispose();

    private Row Read(object row) => Assert.Single(Samples.ReadAll(_folder.Write("a.jsonl", JsonSerializer.Serialize(row)), RecipeReader.Parse(Yaml)));

    // After the rule as docs/recipe.md has it, not by the product's code.
    private static List<string> Split(string joined, char joint, int count, bool isText)
    {
        var parts = new List<string>();
        var part = string.Empty;
        for (var at = 0; at < joined.Length; at++)
        {
            if (isText && parts.Count == count - 1)
            {
                part = joined[at..];
                break;
            }

            var run = 0;
            while (at + run < joined.Length && joined[at + run] == '\\')
            {
                run++;
            }

            at += run;
            if (at == joined.Length || joined[at] == joint)
            {
                part += new string('\\', run / 2);
                if (at < joined.Length && run % 2 == 1)
                {
                    part += joint;
                }
                else if (at < joined.Length)
                {
                    parts.Add(part);
                    part = string.Empty;
                }
            }
            else
            {
                part += new string('\\', run) + joined[at];
            }
        }

        return [.. parts, part];
    }
}

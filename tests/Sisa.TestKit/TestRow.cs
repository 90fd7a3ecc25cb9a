using System.Text.Json;

namespace Sisa.TestKit;

/// <summary>One row of a corpus: a text of an author, or two numbers.</summary>
public sealed record TestRow(string Id, string Author, string Text, int Label = 0)
{
    /// <summary>First number.</summary>
    public double X { get; init; }

    /// <summary>Second number.</summary>
    public double Y { get; init; }

    /// <summary>Its batch, for recipes that have batches.</summary>
    public string? Batch { get; init; }

    /// <summary>Its risk class, for recipes that have classes.</summary>
    public string? Risk { get; init; }

    /// <summary>Rows of made-up authors; a number decides all of it. Ids and texts are long enough to be searched for.</summary>
    public static TestRow[] Many(int count, int authors = 5, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(i => One(i, $"author-{i % authors:000}"))];

    /// <summary>The row that a number decides.</summary>
    public static TestRow One(int number, string author) => new($"item-{number:00000}", author, $"{Words[number % Words.Length]} says number {number} to {Words[number * 7 % Words.Length]}", number % 3)
    {
        X = number * 37 % 101 / 101.0,
        Y = number * 59 % 103 / 103.0,
    };

    /// <summary>The row as JSON, without the fields that it leaves out.</summary>
    public string ToJson()
    {
        var fields = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["id"] = Id,
            ["author"] = Author,
            ["text"] = Text,
            ["label"] = SmallRecipes.Labels[Label],
            ["x"] = X,
            ["y"] = Y,
        };
        if (Batch is not null)
        {
            fields["batch"] = Batch;
        }

        if (Risk is not null)
        {
            fields["risk"] = Risk;
        }

        return JsonSerializer.Serialize(fields);
    }

    /// <summary>Writes rows as JSON lines.</summary>
    public static string Write(string path, IEnumerable<TestRow> rows)
    {
        File.WriteAllLines(path, rows.Select(row => row.ToJson()));
        return path;
    }

    // Several scripts, a combining mark, and code points beyond the first plane.
    private static readonly string[] Words = ["amber", "naïve", "日本語", "🙂🙃", "Ωμέγα", "e\u0301tude", "שלום", "нет", "𝒳-ray"];
}

using System.Text;

namespace Sisa.Readers.Inspection;

/// <summary>Guesses which field plays which role, from names and from how values repeat.</summary>
internal sealed class FieldRoles
{
    private const int MaxLabels = 1_000;
    private const int MinTextBytes = 12;

    private static readonly string[] _subjectWords = ["subject", "person", "patient", "user", "author", "writer", "speaker", "customer", "client", "owner", "member", "account", "student", "employee", "participant", "creator"];
    private static readonly string[] _labelWords = ["label", "labels", "class", "target", "category", "topic", "intent", "sentiment", "emotion", "outcome", "readmitted", "income", "y"];
    private static readonly string[] _textWords = ["text", "body", "content", "sentence", "review", "document", "message", "comment", "utterance"];

    /// <summary>Makes the guesses.</summary>
    /// <param name="fields">What is known of the fields, in the file's order.</param>
    /// <param name="rows">Rows of the file.</param>
    public FieldRoles(IReadOnlyList<FieldStatistics> fields, long rows)
    {
        Id = GuessId(fields);
        Subject = GuessSubject(fields, rows);
        Label = GuessLabel(fields, rows);
        Text = GuessText(fields);
    }

    /// <summary>The field that names every row, or <see langword="null"/>.</summary>
    public FieldStatistics? Id { get; }

    /// <summary>The field that tells whose item a row is, or <see langword="null"/>.</summary>
    public FieldStatistics? Subject { get; }

    /// <summary>The field with few values that seems worth learning, or <see langword="null"/>.</summary>
    public FieldStatistics? Label { get; }

    /// <summary>The fields of the text; none for a table.</summary>
    public IReadOnlyList<string> Text { get; }

    /// <summary>Whether the text was told by its length alone.</summary>
    public bool IsTextGuessed { get; private set; }

    /// <summary>The words in a name, in lower case: <c>userId</c> and <c>user_id</c> hold <c>user</c> and <c>id</c>.</summary>
    public static HashSet<string> Words(string name)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var c in name)
        {
            if (!char.IsLetterOrDigit(c) || (char.IsUpper(c) && word.Length > 0 && char.IsLower(word[^1])))
            {
                words.Add(word.ToString().ToLowerInvariant());
                word.Clear();
            }

            if (char.IsLetterOrDigit(c))
            {
                word.Append(c);
            }
        }

        words.Add(word.ToString().ToLowerInvariant());
        return words;
    }

    private static FieldStatistics? GuessId(IReadOnlyList<FieldStatistics> fields)
    {
        var unique = fields.Where(field => field.IsUnique && field.MeanBytes <= 200).ToList();
        return unique.Find(field => Is(field, "id"))
            ?? unique.Find(field => Is(field, "uuid") || Is(field, "guid") || Is(field, "key"))
            ?? unique.Find(field => field.Name.EndsWith("_id", StringComparison.OrdinalIgnoreCase) || field.Name.EndsWith("Id", StringComparison.Ordinal) || field.Name.EndsWith("-id", StringComparison.OrdinalIgnoreCase));
    }

    private FieldStatistics? GuessSubject(IReadOnlyList<FieldStatistics> fields, long rows) => _subjectWords
        .Select(word => fields.FirstOrDefault(field =>
            field != Id && field.Missing == 0 && field.Nested == 0 && field.Vectors == 0 && field.Distinct >= 2 && field.Distinct < rows && field.MeanBytes <= 200
            && Words(field.Name).Contains(word)))
        .FirstOrDefault(found => found is not null);

    private FieldStatistics? GuessLabel(IReadOnlyList<FieldStatistics> fields, long rows)
    {
        var candidates = fields
            .Where(field => field != Id && field != Subject && field.Nested == 0 && field.Vectors == 0 && field.Values is { Count: >= 2 and <= MaxLabels } && field.Distinct <= Math.Max(2, rows / 2))
            .ToList();
        return _labelWords.Select(word => candidates.Find(field => Is(field, word))).FirstOrDefault(found => found is not null)
            ?? _labelWords.Where(word => word.Length > 1).Select(word => candidates.Find(field => Words(field.Name).Contains(word))).FirstOrDefault(found => found is not null)
            ?? (fields.Count > 0 && candidates.Contains(fields[^1]) && fields[^1].Distinct <= 50 ? fields[^1] : null);
    }

    private IReadOnlyList<string> GuessText(IReadOnlyList<FieldStatistics> fields)
    {
        var candidates = fields
            .Where(field => field != Id && field != Subject && field != Label && field.Nested == 0 && field.Vectors == 0 && field.Numbers < field.Present / 2 && field.MeanBytes >= MinTextBytes)
            .ToList();
        if (_textWords.Select(word => candidates.Find(field => Is(field, word))).FirstOrDefault(found => found is not null) is { } named)
        {
            return [named.Name];
        }

        if (candidates.Find(field => Is(field, "question")) is { } question && candidates.Find(field => Is(field, "answer")) is { } answer)
        {
            return [question.Name, answer.Name];
        }

        var longest = candidates.Where(field => field.Values is null && (field.SpaceShare > 0.5 || field.MeanBytes > 40)).MaxBy(field => field.MeanBytes);
        IsTextGuessed = longest is not null;
        return longest is null ? [] : [longest.Name];
    }

    private static bool Is(FieldStatistics field, string word) => string.Equals(field.Name, word, StringComparison.OrdinalIgnoreCase);
}

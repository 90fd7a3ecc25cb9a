using System.Text;

namespace Sisa.Readers.Inspection;

/// <summary>The role of a field by its name.</summary>
internal static class FieldName
{
    private static readonly string[] _subjects =
    [
        "subject", "person", "patient", "user", "author", "writer", "speaker", "customer", "client", "owner", "member", "account", "student", "employee", "participant", "creator",
        "respondent", "reviewer", "worker", "annotator", "citizen", "voter", "player", "passenger", "borrower", "subscriber", "contributor", "username",
    ];

    /// <summary>Endings of such words: <c>patient_nbr</c> names a patient, <c>customer_age</c> does not.</summary>
    private static readonly string[] _naming = ["id", "ids", "nbr", "number", "no", "num", "nr", "key", "uid", "uuid", "guid", "hash", "code", "name", "ref"];

    private static readonly string[] _labels =
    [
        "label", "labels", "class", "target", "category", "topic", "intent", "sentiment", "emotion", "outcome", "diagnosis", "readmitted", "income", "species", "spam", "toxic", "toxicity",
        "polarity", "stance", "verdict", "churn", "churned", "survived", "fraud", "default", "stars", "rating", "grade", "quality", "genre", "genres", "result", "y",
    ];

    private static readonly string[] _bodies =
        ["text", "body", "content", "sentence", "review", "document", "article", "message", "comment", "utterance", "post", "tweet", "sms", "abstract", "description", "transcript", "lyrics", "passage"];

    private static readonly string[] _titles = ["title", "headline", "heading"];

    private static readonly string[][] _pairs =
    [
        ["instruction", "input", "output"], ["instruction", "context", "response"], ["instruction", "output"], ["instruction", "response"], ["prompt", "completion"], ["prompt", "response"],
        ["prompt", "answer"], ["context", "question", "answer"], ["question", "answer"], ["question", "response"], ["query", "response"], ["query", "answer"], ["input", "output"],
    ];

    /// <summary>Names of fields that describe how a corpus was made, and are nothing to learn.</summary>
    private static readonly string[] _about =
    [
        "split", "fold", "set", "subset", "partition", "source", "lang", "language", "locale", "treebank", "doc", "version", "file", "filename", "path", "domain", "dataset", "corpus", "license", "licence",
        "model", "year", "month", "day", "date", "time", "timestamp", "index", "row", "role", "country", "region", "channel", "platform", "device", "gender", "sex", "age",
    ];

    private static readonly string[] _ids = ["id", "uuid", "guid", "key", "uid", "pk"];

    /// <summary>Names of values that identify rows by chance, and are not ids.</summary>
    private static readonly string[] _notIds = ["name", "title", "word", "token", "term", "city", "text", "password", "address", "time", "timestamp", "date", "price", "amount", "value", "score"];

    /// <summary>Names of whole numbers that stand for something and are no amounts.</summary>
    private static readonly string[] _codes = ["id", "ids", "code", "zip", "zipcode", "postcode", "type", "kind", "category", "class", "group", "cluster", "status", "department", "region", "store"];

    /// <summary>The words of a name, in lower case and in order: <c>userId</c>, <c>user_id</c> and <c>userid</c> are <c>user</c> and <c>id</c>.</summary>
    /// <param name="name">The name.</param>
    public static IReadOnlyList<string> Words(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i <= name.Length; i++)
        {
            if (word.Length > 0 && (i == name.Length || !char.IsLetterOrDigit(name[i]) || (char.IsUpper(name[i]) && char.IsLower(name[i - 1]))))
            {
                words.Add(word.ToString().ToLowerInvariant());
                word.Clear();
            }

            if (i < name.Length && char.IsLetterOrDigit(name[i]))
            {
                word.Append(name[i]);
            }
        }

        return [.. words.SelectMany(found => found.Length > 2 && found.EndsWith("id", StringComparison.Ordinal) && _subjects.Contains(found[..^2]) ? (string[])[found[..^2], "id"] : [found])];
    }

    /// <summary>How surely a name is that of a data subject: 0 at best, or <see langword="null"/> if it is not.</summary>
    /// <param name="name">The name.</param>
    public static int? SubjectRank(string name)
    {
        var words = Words(name);
        var at = words.ToList().FindLastIndex(word => _subjects.Contains(word));
        return at >= 0 && words.Skip(at + 1).All(word => _naming.Contains(word)) && words[0] is not ("is" or "has" or "num" or "n" or "count" or "number")
            ? Array.IndexOf(_subjects, words[at])
            : null;
    }

    /// <summary>How surely a name is that of a label: 0 at best, or <see langword="null"/> if it is not.</summary>
    /// <param name="name">The name.</param>
    public static int? LabelRank(string name)
    {
        var words = Words(name);
        var whole = words.Count == 1 ? Array.IndexOf(_labels, words[0]) : -1;
        if (whole >= 0)
        {
            return whole;
        }

        var part = words.Select(word => Array.IndexOf(_labels, word)).Where(rank => rank >= 0 && _labels[rank].Length > 1).DefaultIfEmpty(-1).Min();
        return part >= 0 ? _labels.Length + part : null;
    }

    /// <summary>How surely a name is that of an id: 0 at best, or <see langword="null"/> if it says nothing.</summary>
    /// <param name="name">The name.</param>
    public static int? IdRank(string name)
    {
        var words = Words(name);
        var whole = words.Count == 1 ? Array.IndexOf(_ids, words[0]) : -1;
        return whole >= 0 ? whole : words.Count > 1 && _ids.Contains(words[^1]) ? _ids.Length : words.Any(word => word.Length > 2 && word.EndsWith("id", StringComparison.Ordinal)) && name.EndsWith("ID", StringComparison.OrdinalIgnoreCase) ? _ids.Length + 1 : null;
    }

    /// <summary>Whether a name is that of something else than an id.</summary>
    /// <param name="name">The name.</param>
    public static bool IsNoId(string name) => Words(name).Any(word => _notIds.Contains(word) || _bodies.Contains(word));

    /// <summary>Whether a name is that of an index column which pandas wrote.</summary>
    /// <param name="name">The name.</param>
    public static bool IsPandasIndex(string name) =>
        name is "index" or "level_0" || name.StartsWith("Unnamed: ", StringComparison.Ordinal) || name.StartsWith("__index_level_", StringComparison.Ordinal);

    /// <summary>Whether a name describes how the corpus was made.</summary>
    /// <param name="name">The name.</param>
    public static bool IsAbout(string name) => Words(name).Any(word => _about.Contains(word));

    /// <summary>Whether whole numbers of this name are codes.</summary>
    /// <param name="name">The name.</param>
    public static bool IsCode(string name) => Words(name) is { Count: > 0 } words && (_codes.Contains(words[^1]) || words.Contains("id"));

    /// <summary>Whether the field holds the main text, by its name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Its rank, 0 at best, or <see langword="null"/>.</returns>
    public static int? BodyRank(string name) => Words(name) is [var word] && Array.IndexOf(_bodies, word) is var rank and >= 0 ? rank : null;

    /// <summary>Whether the field holds the title of a text, by its name.</summary>
    /// <param name="name">The name.</param>
    public static bool IsTitle(string name) => Words(name) is [var word] && _titles.Contains(word);

    /// <summary>Fields that belong together as one text, such as question and answer, in order; none where there are none.</summary>
    /// <param name="fields">The fields.</param>
    public static IReadOnlyList<FieldStatistics> Pair(IReadOnlyList<FieldStatistics> fields) => _pairs
        .Select(pair => pair.Select(word => fields.FirstOrDefault(field => Words(field.Name) is [var only] && (only == word || only == word + "s"))).ToList())
        .FirstOrDefault(found => found.TrueForAll(field => field is not null)) is { } whole ? [.. whole.Select(field => field!)] : [];
}

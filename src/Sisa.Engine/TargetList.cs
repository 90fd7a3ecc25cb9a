using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Sisa.Forgetting;

namespace Sisa.Engine;

/// <summary>A list of items, subjects and spans: what <c>--file</c>, <c>--except</c> and <c>--readmit</c> take.</summary>
/// <remarks>Immutable. Three forms, told apart by the first line: JSON objects, one a line, with <c>item</c> or <c>subject</c> and optionally
/// <c>span</c>; CSV with a header of these names and no other; or plain lines, each the id of an item.</remarks>
public sealed class TargetList
{
    private static readonly string[] Columns = ["item", "subject", "span"];

    private readonly HashSet<string> _items;
    private readonly HashSet<string> _subjects;

    /// <summary>Creates a list.</summary>
    /// <param name="items">Ids of items.</param>
    /// <param name="subjects">Subjects.</param>
    /// <param name="spans">Spans of items.</param>
    public TargetList(IEnumerable<string> items, IEnumerable<string> subjects, IEnumerable<ItemSpan> spans)
    {
        _items = [.. items];
        _subjects = [.. subjects];
        Spans = [.. spans.Distinct()];
    }

    /// <summary>Nothing.</summary>
    public static TargetList Empty { get; } = new([], [], []);

    /// <summary>Ids of items, each once.</summary>
    public IReadOnlyCollection<string> Items => _items;

    /// <summary>Subjects, each once.</summary>
    public IReadOnlyCollection<string> Subjects => _subjects;

    /// <summary>Spans of items, each once.</summary>
    public IReadOnlyList<ItemSpan> Spans { get; }

    /// <summary>Whether an item is on the list, by its id or its subject.</summary>
    /// <param name="item">The item's id.</param>
    /// <param name="subject">Whose it is.</param>
    public bool Holds(string item, string subject) => _items.Contains(item) || _subjects.Contains(subject);

    /// <summary>Reads a list.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="CorpusException">The file cannot be read or a line is malformed; named with its line.</exception>
    public static TargetList Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.DecoderFallbackException)
        {
            throw new CorpusException($"The list cannot be read: {e.Message}", "Name a file in UTF-8: JSONL, CSV with a header, or one item id a line.", path, null, e);
        }

        var entries = text.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal) ? FromJson(text, path)
            : HasHeader(text, path) ? FromCsv(text, path)
            : text.Split('\n').Select((id, i) => new Entry(id.Trim(), null, null, i + 1)).Where(e => e.Item!.Length > 0);
        return Collect(entries, path);
    }

    // A first line with one known name is a header: read as ids, a list with an unexpected column would exclude nothing, in silence.
    private static bool HasHeader(string text, string path)
    {
        var first = text.AsSpan().TrimStart();
        var end = first.IndexOfAny('\r', '\n');
        using var parser = new CsvParser(new StringReader(first[..(end < 0 ? first.Length : end)].ToString()), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            BadDataFound = null,
        });
        var names = parser.Read() ? parser.Record! : [];
        if (!names.Any(IsColumn))
        {
            return false;
        }

        var unknown = names.FirstOrDefault(name => !IsColumn(name));
        return unknown is null && names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? true
            : throw new CorpusException(
                $"The header names column '{unknown ?? names.GroupBy(name => name).First(g => g.Count() > 1).Key}'{(unknown is null ? " twice" : string.Empty)}; expected {string.Join(", ", Columns)}, each at most once.",
                "Remove the column. Ids that look like a header can be written as JSON lines.",
                path,
                1 + text.AsSpan(0, text.Length - first.Length).Count('\n'));
    }

    private static bool IsColumn(string name) => Columns.Contains(name, StringComparer.Ordinal);

    private static TargetList Collect(IEnumerable<Entry> entries, string path)
    {
        var items = new List<string>();
        var subjects = new List<string>();
        var spans = new List<ItemSpan>();
        foreach (var entry in entries)
        {
            var (item, subject, span) = (NonEmpty(entry.Item), NonEmpty(entry.Subject), NonEmpty(entry.Span));
            switch (item, subject, span)
            {
                case (not null, null, null):
                    items.Add(item);
                    break;
                case (null, not null, null):
                    subjects.Add(subject);
                    break;
                case (not null, null, not null) when TextSpan.TryParse(span, out var range):
                    spans.Add(new ItemSpan(item, range));
                    break;
                default:
                    throw new CorpusException(
                        $"Found item '{item}', subject '{subject}', span '{span}'; expected an item, a subject, or an item with a span A..B.",
                        "Give each line exactly one of 'item' and 'subject'; a span is two numbers, the second above the first.",
                        path,
                        entry.Line);
            }
        }

        return items.Count + subjects.Count + spans.Count > 0
            ? new TargetList(items, subjects, spans)
            : throw new CorpusException("The list is empty.", "Name a file with at least one line.", path);
    }

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static IEnumerable<Entry> FromJson(string text, string path)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            Entry entry;
            try
            {
                using var document = JsonDocument.Parse(line);
                var values = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind switch
                {
                    JsonValueKind.String => p.Value.GetString(),
                    JsonValueKind.Null => null,
                    _ => p.Value.GetRawText(),
                });
                if (values.Keys.FirstOrDefault(k => !Columns.Contains(k, StringComparer.Ordinal)) is { } unknown)
                {
                    throw new CorpusException($"Key '{unknown}' is unknown; expected {string.Join(", ", Columns)}.", "Rename the key.", path, number);
                }

                entry = new Entry(values.GetValueOrDefault("item"), values.GetValueOrDefault("subject"), values.GetValueOrDefault("span"), number);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
            {
                throw new CorpusException($"Not a JSON object: {e.Message}", "Write one object a line, such as {\"subject\": \"alice\"}.", path, number, e);
            }

            yield return entry;
        }
    }

    private static IEnumerable<Entry> FromCsv(string text, string path)
    {
        using var csv = new CsvReader(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim, MissingFieldFound = null });
        while (true)
        {
            Entry entry;
            try
            {
                if (csv.HeaderRecord is null)
                {
                    csv.Read();
                    csv.ReadHeader();
                }

                if (!csv.Read())
                {
                    yield break;
                }

                entry = new Entry(Field(csv, "item"), Field(csv, "subject"), Field(csv, "span"), csv.Parser.RawRow);
            }
            catch (CsvHelperException e)
            {
                throw new CorpusException($"Not a row of CSV: {e.Message.Split('\n')[0]}", "Correct the row.", path, csv.Parser.RawRow, e);
            }

            yield return entry;
        }
    }

    private static string? Field(CsvReader csv, string name) => csv.HeaderRecord!.Contains(name) ? csv.GetField(name) : null;

    private sealed record Entry(string? Item, string? Subject, string? Span, int Line);
}

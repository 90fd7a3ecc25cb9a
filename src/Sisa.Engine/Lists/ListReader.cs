using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Sisa.Forgetting;

namespace Sisa.Engine;

/// <summary>A line of a list: an item, a subject, or a span of an item, and whatever else its columns say.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Item">Id of an item.</param>
/// <param name="Subject">A subject; there is either this or an item.</param>
/// <param name="Span">Span of the item.</param>
/// <param name="Others">Values of further columns by name; empty ones are left out.</param>
internal sealed record ListEntry(long Line, string? Item, string? Subject, TextSpan? Span, IReadOnlyDictionary<string, string> Others);

/// <summary>Reads lists in their three forms: JSON objects, one a line; CSV with a header; or plain lines, each the id of an item.</summary>
/// <param name="path">Path of the file.</param>
/// <param name="columns">Names of columns or keys that mean something; any other is a fault.</param>
/// <param name="onFault">Told of every line that is wrong; may throw, else the line is left out.</param>
internal sealed class ListReader(string path, IReadOnlyList<string> columns, Action<CorpusException> onFault)
{
    /// <summary>The columns that name what a list is about.</summary>
    public static IReadOnlyList<string> TargetColumns { get; } = ["item", "subject", "span"];

    /// <summary>Reads the file.</summary>
    /// <exception cref="CorpusException">It cannot be read, its header is wrong, or it has no lines.</exception>
    public IReadOnlyList<ListEntry> Read()
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

        var rows = text.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal) ? FromJson(text)
            : HasHeader(text) ? FromCsv(text)
            : FromLines(text);
        var isEmpty = true;
        var entries = new List<ListEntry>();
        foreach (var (line, values) in rows)
        {
            isEmpty = false;
            if (values is not null && Entry(line, values) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return isEmpty ? throw new CorpusException("The list is empty.", "Name a file with at least one line.", path) : entries;
    }

    // A first line with one known name is a header: read as ids, a list with an unexpected column would exclude nothing, in silence.
    private bool HasHeader(string text)
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
                $"The header names column '{unknown ?? names.GroupBy(name => name).First(g => g.Count() > 1).Key}'{(unknown is null ? " twice" : string.Empty)}; expected {string.Join(", ", columns)}, each at most once.",
                "Remove the column. Ids that look like a header can be written as JSON lines.",
                path,
                1 + text.AsSpan(0, text.Length - first.Length).Count('\n'));
    }

    private bool IsColumn(string name) => columns.Contains(name, StringComparer.Ordinal);

    private ListEntry? Entry(long line, Dictionary<string, string?> values)
    {
        var (item, subject, span) = (NonEmpty(values, "item"), NonEmpty(values, "subject"), NonEmpty(values, "span"));
        var range = default(TextSpan);
        if ((item is null) == (subject is null) || (span is not null && (item is null || !TextSpan.TryParse(span, out range))))
        {
            onFault(new CorpusException(
                $"Found item '{item}', subject '{subject}', span '{span}'; expected an item, a subject, or an item with a span A..B.",
                "Give each line exactly one of 'item' and 'subject'; a span is two numbers, the second above the first.",
                path,
                line));
            return null;
        }

        var others = values.Where(v => !TargetColumns.Contains(v.Key, StringComparer.Ordinal) && !string.IsNullOrEmpty(v.Value)).ToDictionary(v => v.Key, v => v.Value!, StringComparer.Ordinal);
        return new ListEntry(line, item, subject, span is null ? null : range, others);
    }

    private static string? NonEmpty(Dictionary<string, string?> values, string name) => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static IEnumerable<(long Line, Dictionary<string, string?>? Values)> FromLines(string text)
    {
        var number = 0L;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.Trim() is { Length: > 0 } id)
            {
                yield return (number, new Dictionary<string, string?>(StringComparer.Ordinal) { ["item"] = id });
            }
        }
    }

    private IEnumerable<(long Line, Dictionary<string, string?>? Values)> FromJson(string text)
    {
        var number = 0L;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, FromJson(line, number));
            }
        }
    }

    private Dictionary<string, string?>? FromJson(string line, long number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var values = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind switch
            {
                JsonValueKind.String => p.Value.GetString(),
                JsonValueKind.Null => null,
                _ => p.Value.GetRawText(),
            });
            if (values.Keys.FirstOrDefault(k => !IsColumn(k)) is not { } unknown)
            {
                return values;
            }

            onFault(new CorpusException($"Key '{unknown}' is unknown; expected {string.Join(", ", columns)}.", "Rename the key.", path, number));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            onFault(new CorpusException($"Not a JSON object: {e.Message}", "Write one object a line, such as {\"subject\": \"alice\"}.", path, number, e));
        }

        return null;
    }

    private IEnumerable<(long Line, Dictionary<string, string?>? Values)> FromCsv(string text)
    {
        using var csv = new CsvReader(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim, MissingFieldFound = null });
        while (FromCsv(csv, out var values))
        {
            yield return (csv.Parser.RawRow, values);
        }
    }

    private bool FromCsv(CsvReader csv, out Dictionary<string, string?>? values)
    {
        values = null;
        try
        {
            if (csv.HeaderRecord is null)
            {
                csv.Read();
                csv.ReadHeader();
            }

            if (!csv.Read())
            {
                return false;
            }

            values = csv.HeaderRecord!.ToDictionary(name => name, csv.GetField, StringComparer.Ordinal);
        }
        catch (CsvHelperException e)
        {
            onFault(new CorpusException($"Not a row of CSV: {e.Message.Split('\n')[0]}", "Correct the row.", path, csv.Parser.RawRow, e));
        }

        // Without a header no row means anything.
        return csv.HeaderRecord is not null;
    }
}

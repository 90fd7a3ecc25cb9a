using Sisa.Forgetting;

namespace Sisa.Readers.Lists;

/// <summary>Reads lists in their forms: JSON objects, one a line or in an array; delimited columns with a header; or one name a line.</summary>
/// <remarks>A list whose form is not certain is refused, never guessed.</remarks>
/// <param name="path">Path of the file.</param>
/// <param name="roles">The allowed roles of columns or keys; any other is a fault.</param>
/// <param name="reading">How to understand the list.</param>
/// <param name="onFault">Told of every line that is wrong; may throw, else the line is left out.</param>
internal sealed class ListReader(string path, IReadOnlyList<ListRole> roles, ListReading reading, Action<CorpusException> onFault)
{
    /// <summary>The columns that name what a list is about.</summary>
    public static IReadOnlyList<ListRole> TargetRoles { get; } = [ListRole.Item, ListRole.Subject, ListRole.Span];

    /// <summary>Reads the file.</summary>
    /// <exception cref="CorpusException">It cannot be read, its form is not certain, or it has no lines.</exception>
    public IReadOnlyList<ListEntry> Read()
    {
        var text = ListFile.Read(path);
        var columns = new ListColumns(roles, reading.Fields);
        var rows = text.AsSpan().TrimStart() switch
        {
            ['{', ..] => new JsonList(path, columns, reading, onFault).Lines(NoNames(text)),
            ['[', ..] => new JsonList(path, columns, reading, onFault).Array(NoNames(text)),
            _ => new DelimitedList(path, columns, reading, onFault).Rows(text),
        };
        var isEmpty = true;
        var entries = new List<ListEntry>();
        foreach (var row in rows)
        {
            isEmpty = false;
            if (row.Values is not null && Entry(row.Line, row.Values) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return isEmpty ? throw new CorpusException("The list is empty.", "Name a file with at least one line.", path) : entries;
    }

    // An id may look like JSON.
    private string NoNames(string text)
    {
        string[] lines = [.. text.Split('\n').Select(line => line.Trim('\uFEFF', ' ', '\t'))];
        if (reading.LookUp?.Invoke([.. lines.Where(line => line.Length > 0)]) is { } known && Array.FindIndex(lines, line => known.Items.Contains(line) || known.SubjectsOfOthers.Contains(line)) is >= 0 and var at)
        {
            throw new CorpusException($"'{lines[at]}' is a name in the store, and it is JSON as well.", "Put a header above the names, 'item' or 'subject'.", path, at + 1);
        }

        return text;
    }

    private ListEntry? Entry(long line, IReadOnlyDictionary<ListRole, string?> values)
    {
        var (item, subject, span) = (NonEmpty(values, ListRole.Item), NonEmpty(values, ListRole.Subject), NonEmpty(values, ListRole.Span));
        var range = default(TextSpan);
        if ((item is null) == (subject is null) || (span is not null && (item is null || !TextSpan.TryParse(span, out range))))
        {
            onFault(new CorpusException(
                $"Found item '{item}', subject '{subject}', span '{span}'; expected an item, a subject, or an item with a span A..B.",
                "Give each line exactly one of 'item' and 'subject'. A span is two numbers, the second above the first.",
                path,
                line));
            return null;
        }

        var others = values.Where(v => !TargetRoles.Contains(v.Key) && !string.IsNullOrEmpty(v.Value)).ToDictionary(v => v.Key, v => v.Value!);
        return new ListEntry(line, item, subject, span is null ? null : range, others);
    }

    private static string? NonEmpty(IReadOnlyDictionary<ListRole, string?> values, ListRole role) => values.GetValueOrDefault(role) is { Length: > 0 } value ? value : null;
}

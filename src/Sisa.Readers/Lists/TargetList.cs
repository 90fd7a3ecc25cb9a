using Sisa.Forgetting;

namespace Sisa.Readers.Lists;

/// <summary>A list of items, subjects and spans: what <c>--file</c>, <c>--except</c> and <c>--readmit</c> take.</summary>
/// <remarks>Immutable. Its forms: JSON objects, one a line or in an array, with <c>item</c> or <c>subject</c> and optionally <c>span</c>; columns with a header of
/// these names, their synonyms or the recipe's mapped fields, and no other; or one name a line, where it is certain what they name.</remarks>
public sealed class TargetList
{
    private readonly HashSet<string> _items;
    private readonly HashSet<string> _subjects;

    /// <summary>Creates a list.</summary>
    /// <param name="items">Ids of items.</param>
    /// <param name="subjects">The subjects.</param>
    /// <param name="spans">Spans of items.</param>
    public TargetList(IEnumerable<string> items, IEnumerable<string> subjects, IEnumerable<ItemSpan> spans)
    {
        _items = [.. items];
        _subjects = [.. subjects];
        Spans = [.. spans.Distinct()];
    }

    /// <summary>An empty list.</summary>
    public static TargetList Empty { get; } = new([], [], []);

    /// <summary>Ids of items, each once.</summary>
    public IReadOnlyCollection<string> Items => _items;

    /// <summary>Subjects, each once.</summary>
    public IReadOnlyCollection<string> Subjects => _subjects;

    /// <summary>Spans of items, each once.</summary>
    public IReadOnlyList<ItemSpan> Spans { get; }

    /// <summary>Whether an item is on the list, by its id or its subject.</summary>
    /// <param name="item">The item's id.</param>
    /// <param name="subject">Its subject.</param>
    public bool Holds(string item, string subject) => _items.Contains(item) || _subjects.Contains(subject);

    /// <summary>Reads a list.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="reading">How to understand it; <see langword="null"/> for its own header or keys only.</param>
    /// <exception cref="CorpusException">The file cannot be read, its form is not certain, or a line is malformed; named with its line.</exception>
    public static TargetList Read(string path, ListReading? reading = null)
    {
        var items = new List<string>();
        var subjects = new List<string>();
        var spans = new List<ItemSpan>();
        foreach (var entry in new ListReader(path, ListReader.TargetRoles, reading ?? new ListReading(), fault => throw fault).Read())
        {
            if (entry.Span is { } span)
            {
                spans.Add(new ItemSpan(entry.Item!, span));
            }
            else if (entry.Item is { } item)
            {
                items.Add(item);
            }
            else
            {
                subjects.Add(entry.Subject!);
            }
        }

        return new TargetList(items, subjects, spans);
    }
}

namespace Sisa.Readers.Lists;

/// <summary>The names of a list's columns, checked: each known, each certain, each once.</summary>
/// <param name="path">Path of the list.</param>
/// <param name="columns">The meanings of columns.</param>
/// <param name="of">What the lines name, by the command line.</param>
internal sealed class ListHeader(string path, ListColumns columns, ListKind? of)
{
    /// <summary>The remedy for a list of ambiguous form.</summary>
    public static readonly Remedy WayOut = $"Name the column 'item' or 'subject'. For lines without a header, give {Step.ListOf.With("items")} or {Step.ListOf.With("subjects")}.";

    /// <summary>The roles of columns.</summary>
    /// <param name="names">Names of the columns, or keys of an object.</param>
    /// <param name="line">Their line, for messages.</param>
    /// <param name="kind">What messages call them: a column or a key.</param>
    /// <exception cref="CorpusException">A name is unknown, uncertain or there twice, or contradicts the command line.</exception>
    public ListRole[] Check(IReadOnlyList<string> names, long line, string kind)
    {
        if (names.FirstOrDefault(name => columns.Doubt(name) is not null) is { } doubtful)
        {
            throw Fault($"{kind} {columns.Doubt(doubtful)}", line);
        }

        if (names.FirstOrDefault(name => columns.Find(name) is null) is { } unknown)
        {
            throw Fault($"{kind} '{unknown}' is unknown; expected {columns.Expected}, each at most once.", line);
        }

        ListRole[] roles = [.. names.Select(name => columns.Find(name)!.Value)];
        for (var i = 0; i < roles.Length; i++)
        {
            if (Array.IndexOf(roles, roles[i]) is var first && first < i)
            {
                throw Fault($"{kind} '{names[i]}' has the same meaning as '{names[first]}'; expected {columns.Expected}, each at most once.", line);
            }

            if (of is { } said && roles[i] is ListRole.Item or ListRole.Subject && (roles[i] == ListRole.Item) != (of == ListKind.Items))
            {
                throw new CorpusException($"{kind} '{names[i]}' names {(roles[i] == ListRole.Item ? "items" : "subjects")}, but the command says that the list names {KebabName.Of(of.Value)}.", "Correct the one that is wrong.", path, line);
            }
        }

        return roles;
    }

    private CorpusException Fault(string message, long line) => new(message, $"Remove the other columns. {WayOut}", path, line);
}

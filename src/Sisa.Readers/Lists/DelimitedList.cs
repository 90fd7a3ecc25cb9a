namespace Sisa.Readers.Lists;

/// <summary>A list as a table with a header, or with one name a line.</summary>
/// <remarks>Without a header and without a word on the command line, the lines count as ids of items only where each of them is one and none is a subject of
/// another item: then there is one way to understand them.</remarks>
/// <param name="path">Path of the file.</param>
/// <param name="columns">The meanings of columns.</param>
/// <param name="reading">How to understand the list.</param>
/// <param name="onFault">Told of every line that is wrong; may throw.</param>
internal sealed class DelimitedList(string path, ListColumns columns, ListReading reading, Action<CorpusException> onFault)
{
    private const string NameToTheLetter = "Remove the extra characters. Names are taken literally within quotation marks, between commas or semicolons, and in JSON.";

    private static readonly char[] Delimiters = [',', ';', '\t'];

    private readonly ListHeader _header = new(path, columns, reading.Of);

    /// <summary>Reads the lines.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="CorpusException">The form is not certain.</exception>
    public IEnumerable<ListRow> Rows(string text)
    {
        (long Number, string Text)[] lines = [.. text.Split('\n').Select((line, i) => (Number: i + 1L, Text: line)).Where(line => !string.IsNullOrWhiteSpace(line.Text))];
        var delimiter = lines.Length > 0 ? SpreadsheetDelimiter(lines[0].Text) : null;
        lines = delimiter is null ? lines : lines[1..];
        if (lines.Length == 0)
        {
            return [];
        }

        return Header(lines[0].Text, delimiter is { } only ? [only] : Delimiters) is var (names, found)
            ? Table(_header.Check(names, lines[0].Number, "Column"), found, lines[1..])
            : Names(lines);
    }

    // Excel's first line 'sep=;' names the delimiter.
    private static char? SpreadsheetDelimiter(string line) =>
        line.Trim('\uFEFF', ' ', '"') is { Length: 5 } said && said.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? said[4] : null;

    // A first line with one known name is a header. Its delimiter is the one by which most names are known.
    private (IReadOnlyList<string> Names, char Delimiter)? Header(string line, char[] delimiters)
    {
        var best = default((IReadOnlyList<string> Names, char Delimiter, int Known)?);
        foreach (var delimiter in delimiters)
        {
            if (CsvLine.Split(line, delimiter) is { } fields && fields.Select(field => field.Text).ToArray() is var names && names.Count(IsKnown) is var known and > 0 && (best is null || known > best.Value.Known || (known == best.Value.Known && names.Length > best.Value.Names.Count)))
            {
                best = (names, delimiter, known);
            }
        }

        return best is { } found ? (found.Names, found.Delimiter) : null;
    }

    private bool IsKnown(string name) => columns.Find(name) is not null || columns.Doubt(name) is not null;

    private IEnumerable<ListRow> Table(ListRole[] roles, char delimiter, IEnumerable<(long Number, string Text)> lines)
    {
        foreach (var (number, text) in lines)
        {
            var cells = CsvLine.Split(text, delimiter);
            if (cells is null)
            {
                onFault(new CorpusException("A quotation mark stands within a field, or is not closed.", "Put quotation marks around the whole field and double those within it.", path, number));
            }
            else if (cells.Count > roles.Length)
            {
                onFault(new CorpusException($"The row has {Counted.Of(cells.Count, "column")}, the header has {roles.Length}.", "Correct the row. A field that holds the delimiter needs quotation marks around it.", path, number));
                cells = null;
            }
            else if (cells.Zip(roles).Where(cell => cell.Second is ListRole.Item or ListRole.Subject).Select(cell => Doubt(cell.First, delimiter)).FirstOrDefault(doubt => doubt is not null) is { } doubt)
            {
                onFault(new CorpusException(doubt, NameToTheLetter, path, number));
                cells = null;
            }

            yield return new ListRow(number, cells?.Zip(roles).ToDictionary(pair => pair.Second, pair => (string?)pair.First.Text));
        }
    }

    private IEnumerable<ListRow> Names((long Number, string Text)[] lines)
    {
        var fields = lines.Select(line => (line.Number, Field: CsvLine.Whole(line.Text.TrimStart('\uFEFF')))).ToArray();
        (long Number, string Name)[] names = [.. fields.Select(line => (line.Number, line.Field.Text))];
        if (reading.Of is null)
        {
            RequireItems(names);
        }

        var role = reading.Of == ListKind.Subjects ? ListRole.Subject : ListRole.Item;
        foreach (var (number, field) in fields)
        {
            var doubt = Doubt(field, '\n');
            if (doubt is not null)
            {
                onFault(new CorpusException(doubt, NameToTheLetter, path, number));
            }

            yield return new ListRow(number, doubt is null ? new Dictionary<ListRole, string?> { [role] = field.Text } : null);
        }
    }

    // Trailing spaces from a spreadsheet may distinguish two persons, and corpora are read literally.
    private static string? Doubt(CsvField field, char delimiter) => field switch
    {
        { IsPadded: true, Text.Length: > 0 } => $"'{field.Text}' has white space before or after it, which may belong to the name.",
        { IsQuoted: true } when delimiter == '\t' => $"'{field.Text}' is in quotation marks, which between tabs may belong to the name.",
        _ => null,
    };

    private void RequireItems((long Number, string Name)[] names)
    {
        var known = reading.LookUp?.Invoke([.. names.Select(line => line.Name)]);
        var seen = known is null
            ? "and no store is at hand to tell."
            : names.FirstOrDefault(line => known.SubjectsOfOthers.Contains(line.Name)) is { Name: not null } ambiguous
                ? $"and '{ambiguous.Name}' in line {ambiguous.Number} is also the subject of other items."
                : names.FirstOrDefault(line => !known.Items.Contains(line.Name)) is { Name: not null } unknown
                    ? $"and '{unknown.Name}' in line {unknown.Number} is not the id of an item in the store."
                    : null;
        if (seen is not null)
        {
            throw new CorpusException(
                $"The list does not say what its lines name: it begins with '{names[0].Name}', which is not a known header (expected {columns.Expected}), {seen}",
                ListHeader.WayOut,
                path,
                names[0].Number);
        }
    }
}

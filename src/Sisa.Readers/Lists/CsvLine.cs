using System.Text;

namespace Sisa.Readers.Lists;

/// <summary>A field of a line.</summary>
/// <param name="Text">Its text, without quotation marks and without the white space around it.</param>
/// <param name="IsQuoted">Whether quotation marks stand around it; what is within them is taken to the letter.</param>
/// <param name="IsPadded">Whether white space around it was left off that might belong to it.</param>
internal readonly record struct CsvField(string Text, bool IsQuoted, bool IsPadded);

/// <summary>A line of CSV. Ids and subjects hold no line breaks, so that a quotation mark never reaches beyond its line.</summary>
internal static class CsvLine
{
    /// <summary>Cuts a line into its fields.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="delimiter">The delimiter.</param>
    /// <returns>The fields; <see langword="null"/> if a quotation mark stands within a field or is not closed.</returns>
    public static IReadOnlyList<CsvField>? Split(string line, char delimiter)
    {
        var fields = new List<CsvField>();
        var at = 0;
        while (true)
        {
            var start = at;
            at = PassSpaces(line, at, delimiter);
            if ((at < line.Length && line[at] == '"' ? Quoted(line, ref at, delimiter) : Bare(line, start, ref at, delimiter)) is not { } field)
            {
                return null;
            }

            fields.Add(field);
            if (at == line.Length)
            {
                return fields;
            }

            at++;
        }
    }

    /// <summary>A line that is one field: without quotation marks where they stand around the whole of it.</summary>
    /// <param name="line">The line.</param>
    public static CsvField Whole(string line)
    {
        var at = 0;
        var text = line.Trim();
        return text.StartsWith('"') && Quoted(text, ref at, '\n') is { } field && at == text.Length ? field : new(text, false, text.Length < line.Length);
    }

    private static int PassSpaces(string line, int at, char delimiter)
    {
        while (at < line.Length && line[at] != delimiter && (char.IsWhiteSpace(line[at]) || line[at] == '\uFEFF'))
        {
            at++;
        }

        return at;
    }

    private static CsvField? Bare(string line, int start, ref int at, char delimiter)
    {
        var end = line.IndexOf(delimiter, at);
        at = end < 0 ? line.Length : end;
        var whole = line[start..at].TrimStart('\uFEFF');
        var text = whole.Trim();
        return text.Contains('"', StringComparison.Ordinal) ? null : new(text, false, text.Length < whole.Length);
    }

    private static CsvField? Quoted(string line, ref int at, char delimiter)
    {
        var field = new StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] != '"')
            {
                field.Append(line[at]);
            }
            else if (at + 1 < line.Length && line[at + 1] == '"')
            {
                field.Append(line[at++]);
            }
            else
            {
                at = PassSpaces(line, at + 1, delimiter);
                return at == line.Length || line[at] == delimiter ? new(field.ToString(), true, false) : null;
            }
        }

        return null;
    }
}

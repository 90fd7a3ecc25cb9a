using System.Text;

namespace Sisa.Engine.Lists;

/// <summary>A line of CSV. Ids and subjects hold no line breaks, so that a quotation mark never reaches beyond its line.</summary>
internal static class CsvLine
{
    /// <summary>Cuts a line into its fields.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="delimiter">What stands between fields.</param>
    /// <returns>The fields without quotation marks and the spaces around them; <see langword="null"/> where a quotation mark stands within a field or is not closed.</returns>
    public static IReadOnlyList<string>? Split(string line, char delimiter)
    {
        var fields = new List<string>();
        var at = 0;
        while (true)
        {
            at = PassSpaces(line, at, delimiter);
            var field = at < line.Length && line[at] == '"' ? Quoted(line, ref at, delimiter) : Bare(line, ref at, delimiter);
            if (field is null)
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

    /// <summary>A line that is one field: without quotation marks where they stand around the whole of it, and else to the letter.</summary>
    /// <param name="line">The line.</param>
    public static string Whole(string line)
    {
        var at = 0;
        line = line.Trim();
        return line.StartsWith('"') && Quoted(line, ref at, '\n') is { } field && at == line.Length ? field : line;
    }

    private static int PassSpaces(string line, int at, char delimiter)
    {
        while (at < line.Length && line[at] != delimiter && (char.IsWhiteSpace(line[at]) || line[at] == '\uFEFF'))
        {
            at++;
        }

        return at;
    }

    private static string? Bare(string line, ref int at, char delimiter)
    {
        var end = line.IndexOf(delimiter, at);
        var field = line[at..(end < 0 ? line.Length : end)].Trim();
        at += (end < 0 ? line.Length : end) - at;
        return field.Contains('"', StringComparison.Ordinal) ? null : field;
    }

    private static string? Quoted(string line, ref int at, char delimiter)
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
                return at == line.Length || line[at] == delimiter ? field.ToString() : null;
            }
        }

        return null;
    }
}

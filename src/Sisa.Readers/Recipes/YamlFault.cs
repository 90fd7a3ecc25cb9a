namespace Sisa.Readers.Recipes;

/// <summary>Says in plain words what makes a line no YAML, by looking at the line.</summary>
internal static class YamlFault
{
    /// <summary>The likely cause, as the second half of a sentence without its full stop.</summary>
    /// <param name="yaml">The whole text.</param>
    /// <param name="line">The line at which the parser gave up, from 1.</param>
    public static string Of(string yaml, long line)
    {
        var lines = yaml.Split('\n');
        var text = line >= 1 && line <= lines.Length ? lines[line - 1].TrimEnd('\r') : string.Empty;
        var trimmed = text.TrimStart(' ');
        var value = trimmed.IndexOf(": ", StringComparison.Ordinal) is var colon and >= 0 ? trimmed[(colon + 2)..].TrimStart() : trimmed;
        return trimmed.StartsWith('\t') ? "a tab indents it, and YAML allows only spaces"
            : IsOdd(text, '"') || IsOdd(text, '\'') ? "a quotation mark is not closed"
            : text.Count(c => c is '[' or '{') != text.Count(c => c is ']' or '}') ? "a bracket is not closed"
            : value.Length > 0 && value[0] is '@' or '`' or '%' ? $"its value begins with '{value[0]}' and needs quotation marks"
            : value.Length > 0 && value != trimmed && value[0] is not ('"' or '\'' or '[' or '{') && value.Contains(": ", StringComparison.Ordinal) ? "a value that holds ': ' needs quotation marks"
            : "it does not match the lines before it";
    }

    private static bool IsOdd(string text, char mark) => text.Count(c => c == mark) % 2 == 1;
}

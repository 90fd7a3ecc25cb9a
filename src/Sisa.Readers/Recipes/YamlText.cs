using System.Globalization;
using System.Text;

namespace Sisa.Readers.Recipes;

/// <summary>Writes YAML values.</summary>
internal static class YamlText
{
    private static readonly string[] _words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

    /// <summary>A text as a YAML value or key: bare where no reader of YAML could take it for anything else, otherwise in double quotation marks.</summary>
    /// <param name="text">Any text.</param>
    public static string Scalar(string text)
    {
        var isBare = text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+')
            && !_words.Contains(text.ToLowerInvariant());
        return isBare ? text : Quoted(text);
    }

    /// <summary>A text that cannot leave the line of a comment: control characters and ends of lines become spaces.</summary>
    /// <param name="text">Any text.</param>
    public static string Comment(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' ? ' ' : c));

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            var value = rune.Value;
            switch (value)
            {
                case '"':
                    quoted.Append("\\\"");
                    break;
                case '\\':
                    quoted.Append("\\\\");
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case var _ when Rune.IsControl(rune) || value is 0x2028 or 0x2029 or 0xFEFF or 0xFFFE or 0xFFFF:
                    quoted.Append("\\u").Append(value.ToString("X4", CultureInfo.InvariantCulture));
                    break;
                default:
                    quoted.Append(rune.ToString());
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }
}

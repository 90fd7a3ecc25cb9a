using System.Globalization;
using System.Text;
using Sisa.Finding;

namespace Sisa;

/// <summary>Text for people: invisible characters, and characters that move others, are written as code points, <c>\u{202E}</c>.</summary>
/// <remarks>
/// <para>Pure and thread-safe. Escaped are control characters, marks of direction, zero-width and other formatting characters, variation selectors and fillers, every white space but the
/// plain space, separators of lines and paragraphs, private and unassigned code points, and halves of surrogate pairs. A backslash before <c>u{</c> is escaped too, so that the shown form
/// means one text only.</para>
/// <para>For messages, tables and pages. JSON has an escape of its own, <see cref="InJson"/>, which changes no value.</para>
/// </remarks>
public static class VisibleText
{
    /// <summary>Shows a text on one line.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Escape(text, IsShown, (builder, value) => builder.Append(CultureInfo.InvariantCulture, $"\\u{{{value:X}}}"), guardsBackslash: true);
    }

    /// <summary>Shows a message that may have several lines. A line break remains if the next line is indented by two spaces, as in lists. Within a name it is escaped.</summary>
    /// <param name="message">Any text.</param>
    public static string OfMessage(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return string.Join("\n  ", message.Split("\n  ").Select(Of));
    }

    /// <summary>Escapes a JSON text for a terminal: the same characters as <c>\u202e</c>. The value is the same.</summary>
    /// <param name="json">A JSON document; only its strings can hold such characters.</param>
    public static string InJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Escape(json, static rune => rune.Value is '\n' or '\r' or '\t' || IsShown(rune), AppendUnits, guardsBackslash: false);
    }

    private static string Escape(string text, Func<Rune, bool> isShown, Action<StringBuilder, int> append, bool guardsBackslash)
    {
        // Almost every text is plain.
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !(guardsBackslash && text.Contains("\\u{", StringComparison.Ordinal)))
        {
            return text;
        }

        var builder = new StringBuilder(text.Length + 16);
        for (var at = 0; at < text.Length;)
        {
            var isRune = Rune.TryGetRuneAt(text, at, out var rune);
            var length = isRune ? rune.Utf16SequenceLength : 1;
            if (!isRune || !isShown(rune) || (guardsBackslash && text.AsSpan(at).StartsWith("\\u{", StringComparison.Ordinal)))
            {
                append(builder, isRune ? rune.Value : text[at]);
            }
            else
            {
                builder.Append(text, at, length);
            }

            at += length;
        }

        return builder.ToString();
    }

    private static void AppendUnits(StringBuilder builder, int value)
    {
        foreach (var unit in value < 0x10000 ? ((char)value).ToString() : char.ConvertFromUtf32(value))
        {
            builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }
    }

    private static bool IsShown(Rune rune) => rune.Value is >= ' ' and <= '~'
        || (rune.Value > '~'
            && !IsInvisible(rune.Value)
            && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.SpaceSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate));

    // Variation selectors and fillers are marks and letters by category; the table folds them to nothing.
    private static bool IsInvisible(int codePoint) => FoldTable.Instance.TryFold(codePoint, out var fold) && fold.IsEmpty;
}

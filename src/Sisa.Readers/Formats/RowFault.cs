using System.Text;
using Sisa.Corpora;

namespace Sisa.Readers.Formats;

/// <summary>Why one row cannot be used. The rows around it can.</summary>
/// <param name="Message">What, which, found, expected; without the place.</param>
/// <param name="Hint">The remedy.</param>
/// <param name="Reason">The kind of the fault.</param>
public sealed record RowFault(string Message, string? Hint, RowFaultReason Reason = RowFaultReason.Value)
{
    /// <summary>Longest piece of a user's value that a message repeats, in characters.</summary>
    private const int QuotedChars = 60;

    /// <summary>A line or field is longer than allowed.</summary>
    public static RowFault TooLong(string what, long limitBytes) => new(
        $"{what} is longer than {limitBytes} bytes.",
        "Correct the row, or raise corpus.maxFieldBytes in the recipe.",
        RowFaultReason.Length);

    /// <summary>Bytes that are not UTF-8.</summary>
    public static RowFault InvalidUtf8(string what) => new(
        $"{what} is not valid UTF-8.",
        "Convert the file first, for instance with 'iconv -f WINDOWS-1252 -t UTF-8'.",
        RowFaultReason.Encoding);

    /// <summary>A field that should hold one value holds several.</summary>
    public static RowFault NotScalar(string field) => new($"Field '{field}' holds an object or an array, expected one value.", "Correct the row, or map another field.");

    /// <summary>A value as messages show it: in quotation marks, shortened.</summary>
    /// <param name="utf8">Bytes of the value.</param>
    internal static string Quote(ReadOnlySpan<byte> utf8)
    {
        // Four bytes make at most one character, so the piece decoded is long enough for what is shown.
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, QuotedChars * 4)]);
        return Quote(text);
    }

    /// <summary>A value as messages show it: in quotation marks, shortened, control characters replaced.</summary>
    /// <param name="text">The value.</param>
    internal static string Quote(string text)
    {
        var shown = text.Length <= QuotedChars ? text : text[..(char.IsHighSurrogate(text[QuotedChars - 1]) ? QuotedChars - 1 : QuotedChars)] + "…";
        return "'" + string.Create(shown.Length, shown, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '\uFFFD' : source[i];
            }
        }) + "'";
    }
}

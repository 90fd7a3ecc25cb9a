using System.Globalization;
using System.Net;
using System.Text;

namespace Sisa.Readers.Inspection;

/// <summary>The form of one value, by its characters only.</summary>
/// <param name="IsNumber">A finite number, as the encoder of number features takes it.</param>
/// <param name="IsInteger">A number without fraction or exponent.</param>
/// <param name="IsCode">Digits behind a leading zero, such as <c>007</c>: a code, not an amount.</param>
/// <param name="IsDate">A date, with or without a time of day.</param>
/// <param name="IsContact">An address of one person or machine: e-mail, IP, URL, telephone.</param>
/// <param name="HasDigit">At least one digit.</param>
/// <param name="HasSpace">White space inside.</param>
/// <param name="Words">Words; two characters of a script that writes no spaces count as one.</param>
internal readonly record struct ValueShape(bool IsNumber, bool IsInteger, bool IsCode, bool IsDate, bool IsContact, bool HasDigit, bool HasSpace, double Words)
{
    /// <summary>Longest value that may be a date or an address.</summary>
    private const int MaxShortChars = 320;

    private static readonly string[] _months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    /// <summary>Looks at a value.</summary>
    /// <param name="utf8">The value, not blank.</param>
    public static ValueShape Of(ReadOnlySpan<byte> utf8)
    {
        var trimmed = utf8.Trim(" \t\r\n"u8);
        var isNumber = double.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        var hasDigit = trimmed.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;
        var hasSpace = trimmed.IndexOfAny(" \t\r\n"u8) >= 0;
        if (isNumber)
        {
            var digits = trimmed.TrimStart("+-"u8);
            var isCode = digits.Length > 1 && digits[0] == '0' && digits[1] is >= (byte)'0' and <= (byte)'9';
            return new ValueShape(true, trimmed.IndexOfAny(".eE"u8) < 0, isCode, false, false, hasDigit, hasSpace, 1);
        }

        var text = trimmed.Length <= MaxShortChars ? Encoding.UTF8.GetString(trimmed) : string.Empty;
        var isDate = hasDigit && IsDateText(text);
        return new ValueShape(false, false, false, isDate, !isDate && IsContactText(text, hasSpace), hasDigit, hasSpace, CountWords(trimmed));
    }

    private static bool IsDateText(string text)
    {
        if (text.Length is < 6 or > 40)
        {
            return false;
        }

        var numbers = new List<int>();
        var separators = new List<char>();
        var at = 0;
        while (at < text.Length && numbers.Count < 3)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }

            if (at == start || at - start > 4)
            {
                break;
            }

            numbers.Add(at - start);
            if (numbers.Count < 3 && at < text.Length)
            {
                separators.Add(text[at++]);
            }
        }

        if (numbers.Count == 3 && separators[0] == separators[1] && separators[0] is '-' or '/' or '.'
            && ((numbers[0] == 4 && numbers[1] <= 2 && numbers[2] <= 2) || (numbers[0] <= 2 && numbers[1] <= 2 && numbers[2] is 2 or 4))
            && (at == text.Length || text[at] is ' ' or 'T'))
        {
            return true;
        }

        return _months.Any(month => text.Contains(month, StringComparison.OrdinalIgnoreCase))
            && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    private static bool IsContactText(string text, bool hasSpace)
    {
        if (text.Length < 3)
        {
            return false;
        }

        if (!hasSpace)
        {
            var mark = text.IndexOf('@', StringComparison.Ordinal);
            if ((mark > 0 && mark == text.LastIndexOf('@') && text.IndexOf('.', mark) > mark + 1)
                || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("www.", StringComparison.OrdinalIgnoreCase)
                || ((text.Count(c => c == '.') == 3 || text.Count(c => c == ':') >= 2) && IPAddress.TryParse(text, out _)))
            {
                return true;
            }
        }

        return text.Count(char.IsAsciiDigit) >= 7 && text[0] is '+' or '(' or (>= '0' and <= '9')
            && text.AsSpan(1).IndexOfAnyExcept("0123456789 ()-./") < 0 && text.AsSpan(1).IndexOfAny(" ()-") >= 0;
    }

    private static double CountWords(ReadOnlySpan<byte> utf8)
    {
        var words = 0.0;
        var isInside = false;
        foreach (var rune in new Utf8Runes(utf8))
        {
            // Thai to Khmer, and the scripts of China and Japan; Korean has spaces.
            if (rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0x20000 and <= 0x3FFFF))
            {
                words += 0.5;
                isInside = false;
            }
            else if (Rune.IsWhiteSpace(rune))
            {
                isInside = false;
            }
            else if (!isInside && Rune.IsLetterOrDigit(rune))
            {
                words++;
                isInside = true;
            }
        }

        return words;
    }

    private readonly ref struct Utf8Runes(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;

        public Enumerator GetEnumerator() => new(_utf8);

        public ref struct Enumerator(ReadOnlySpan<byte> utf8)
        {
            private ReadOnlySpan<byte> _rest = utf8;

            public Rune Current { get; private set; }

            public bool MoveNext()
            {
                if (_rest.IsEmpty)
                {
                    return false;
                }

                Rune.DecodeFromUtf8(_rest, out var rune, out var bytes);
                Current = rune;
                _rest = _rest[bytes..];
                return true;
            }
        }
    }
}

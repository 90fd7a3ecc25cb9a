using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sisa.Finding;

/// <summary>The folded form of a name, which its near spellings share. Ids and subjects are exact text: names with equal folded forms are different names, but a person may confuse them.</summary>
/// <remarks>
/// <para>A name is folded like a text (<see cref="FoldedText"/>: compatibility caseless form, white space and control characters joined to one space, none at the ends, without
/// formatting characters, variation selectors and fillers), but its punctuation stays: <c>a.b</c> is not <c>a-b</c>.</para>
/// <para>A name that is a number as a whole folds to its value: an optional sign, decimal digits of any script with at most one point, and an optional exponent.
/// <c>1000</c>, <c>01000</c>, <c>+1000</c>, <c>1000.0</c> and <c>1e3</c> are alike; <c>1,000</c> and <c>0x3e8</c> are no numbers here. Exponents have at most nine digits.</para>
/// <para>Names that fold to nothing have equal folded forms. Never fails: invalid text folds as U+FFFD. Mutable for reuse; not thread-safe.</para>
/// </remarks>
public sealed class FoldedName
{
    private const int MaxExponentDigits = 9;
    private const int MinusSign = 0x2212;

    private readonly FoldedText _text = new(keepsPunctuation: true);
    private int[] _plain = new int[64];
    private int[] _number = new int[64];

    /// <summary>The folded form of a name.</summary>
    /// <param name="name">Any text.</param>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return string.Concat(new FoldedName().Fold(Encoding.UTF8.GetBytes(name)).ToArray().Select(char.ConvertFromUtf32));
    }

    /// <summary>Folds a name.</summary>
    /// <param name="utf8">UTF-8; what is not valid folds as U+FFFD.</param>
    /// <returns>Code points; valid until the next name is folded.</returns>
    public ReadOnlySpan<int> Fold(ReadOnlySpan<byte> utf8)
    {
        // Almost every name is plain, and all of a store are folded at once.
        var codes = Ascii.IsValid(utf8) ? FoldAscii(utf8) : _text.Fold(utf8).Codes;
        return Value(codes) is var length && length < 0 ? codes : _number.AsSpan(0, length);
    }

    /// <summary>A 64-bit hash of a folded name, for a quick comparison. Equal names have equal hashes; different names almost never do.</summary>
    /// <param name="codes">Folded code points.</param>
    public static ulong HashOf(ReadOnlySpan<int> codes)
    {
        // FNV-1a (Fowler, Noll and Vo) a code point at a time; the end spreads it over all bits.
        const ulong Offset = 0xCBF29CE484222325UL;
        const ulong Prime = 0x100000001B3UL;
        const ulong Multiplier = 0x9E3779B97F4A7C15UL;
        var hash = Offset;
        foreach (var code in codes)
        {
            hash = (hash ^ (uint)code) * Prime;
        }

        return (hash ^ BitOperations.RotateRight(hash, 32)) * Multiplier;
    }

    private ReadOnlySpan<int> FoldAscii(ReadOnlySpan<byte> ascii)
    {
        if (_plain.Length < ascii.Length)
        {
            _plain = new int[2 * ascii.Length];
        }

        var table = FoldedText.NameAscii;
        var length = 0;
        foreach (var value in ascii)
        {
            var code = table[value];
            if (code != ' ' || (length > 0 && _plain[length - 1] != ' '))
            {
                _plain[length++] = code;
            }
        }

        return _plain.AsSpan(0, length > 0 && _plain[length - 1] == ' ' ? length - 1 : length);
    }

    // Writes sign, digits without zeros at either end, 'e' and the power of ten; -1 where the name is no number.
    private int Value(ReadOnlySpan<int> codes)
    {
        var at = 0;
        var isNegative = codes.Length > 0 && codes[0] is '-' or MinusSign;
        at += codes.Length > 0 && (isNegative || codes[0] == '+') ? 1 : 0;
        var (digits, fraction, hasPoint) = (0, 0, false);
        EnsureCapacity(codes.Length);
        for (var hasDigit = false; ; at++)
        {
            if (at < codes.Length && DigitOf(codes[at]) is >= 0 and var digit)
            {
                hasDigit = true;
                fraction += hasPoint ? 1 : 0;
                if (digits > 0 || digit > 0)
                {
                    _number[1 + digits++] = '0' + digit;
                }
            }
            else if (at < codes.Length && codes[at] == '.' && !hasPoint)
            {
                hasPoint = true;
            }
            else if (!hasDigit)
            {
                return -1;
            }
            else
            {
                break;
            }
        }

        if (Exponent(codes[at..]) is not { } exponent)
        {
            return -1;
        }

        if (digits == 0)
        {
            _number[0] = '0';
            return 1;
        }

        exponent -= fraction;
        while (_number[digits] == '0')
        {
            digits--;
            exponent++;
        }

        return Finish(isNegative, digits, exponent);
    }

    private int Finish(bool isNegative, int digits, long exponent)
    {
        // The sign of a positive number would be one more way to spell it.
        _number[0] = isNegative ? '-' : '+';
        var length = 1 + digits;
        foreach (var character in exponent.ToString("'e'0;'e-'0", CultureInfo.InvariantCulture))
        {
            _number[length++] = character;
        }

        return length;
    }

    private static long? Exponent(ReadOnlySpan<int> codes)
    {
        if (codes.IsEmpty)
        {
            return 0;
        }

        var sign = codes.Length > 1 && codes[1] is '+' or '-' or MinusSign ? 1 : 0;
        var digits = codes[(1 + sign > codes.Length ? codes.Length : 1 + sign)..];
        if (codes[0] != 'e' || digits.Length is 0 or > MaxExponentDigits)
        {
            return null;
        }

        long exponent = 0;
        foreach (var code in digits)
        {
            if (DigitOf(code) is not (>= 0 and var digit))
            {
                return null;
            }

            exponent = (10 * exponent) + digit;
        }

        return sign == 1 && codes[1] != '+' ? -exponent : exponent;
    }

    private static int DigitOf(int code) =>
        code < 128 ? (code is >= '0' and <= '9' ? code - '0' : -1)
        : new Rune(code) is var rune && Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber ? (int)Rune.GetNumericValue(rune)
        : -1;

    // Sign, digits, and at most twelve characters of an exponent.
    private void EnsureCapacity(int codes)
    {
        if (_number.Length < codes + 16)
        {
            _number = new int[2 * (codes + 16)];
        }
    }
}

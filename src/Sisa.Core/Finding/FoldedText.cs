using System.Text;
using Sisa.Forgetting;

namespace Sisa.Finding;

/// <summary>The folded form of a text, for comparison. Texts that differ only in case, width or composition of characters, white space or punctuation have equal folded forms.</summary>
/// <remarks>
/// <para>Each code point gives its compatibility caseless form (Unicode Standard, section 3.13, D146: NFKD and full case folding), without formatting characters,
/// variation selectors and fillers; runs of white space, punctuation and control characters give one space, none at the ends; marks are in canonical
/// order; Hangul is composed, so that a code point is a syllable. Symbols, digits and accents remain: <c>C++</c> differs from <c>C</c>, and <c>résumé</c> from <c>resume</c>.</para>
/// <para>Each code point knows the range of the text that it comes from. Mutable for reuse; not thread-safe.</para>
/// <para>With punctuation kept, it is the first half of <see cref="FoldedName"/>: only white space and control characters give spaces.</para>
/// </remarks>
public sealed class FoldedText
{
    private const int Space = ' ';
    private static readonly FoldTable Table = FoldTable.Instance;
    private static readonly int[] AsciiOfTexts = [.. Enumerable.Range(0, 128).Select(code => FoldAscii(code, keepsPunctuation: false))];
    private static readonly int[] AsciiOfNames = [.. Enumerable.Range(0, 128).Select(code => FoldAscii(code, keepsPunctuation: true))];

    private readonly bool _keepsPunctuation;
    private readonly int[] _ascii;
    private int[] _codes = new int[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];
    private int _count;
    private bool _isSeparated;

    /// <summary>Creates a text; nothing is folded yet.</summary>
    public FoldedText()
        : this(keepsPunctuation: false)
    {
    }

    internal FoldedText(bool keepsPunctuation) => (_keepsPunctuation, _ascii) = (keepsPunctuation, keepsPunctuation ? AsciiOfNames : AsciiOfTexts);

    /// <summary>The folding of each ASCII character of a name, one code point each.</summary>
    internal static ReadOnlySpan<int> NameAscii => AsciiOfNames;

    /// <summary>Folded code points.</summary>
    public ReadOnlySpan<int> Codes => _codes.AsSpan(0, _count);

    /// <summary>Folds a text, instead of what was folded before.</summary>
    /// <param name="utf8">UTF-8; what is not valid folds as U+FFFD.</param>
    /// <returns>This object.</returns>
    public FoldedText Fold(ReadOnlySpan<byte> utf8)
    {
        (_count, _isSeparated) = (0, false);
        for (var position = 0; !utf8.IsEmpty; position++)
        {
            if (utf8[0] < 0x80)
            {
                Append(_ascii[utf8[0]], position);
                utf8 = utf8[1..];
                continue;
            }

            Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            utf8 = utf8[length..];
            if (!Table.TryFold(rune.Value, out var fold))
            {
                Append(Separated(rune.Value, _keepsPunctuation), position);
                continue;
            }

            foreach (var code in fold)
            {
                Append(Separated(code, _keepsPunctuation), position);
            }
        }

        return this;
    }

    /// <summary>The part of the text that a range of folded code points comes from, in code points; characters count whole.</summary>
    /// <param name="from">First folded code point.</param>
    /// <param name="to">Behind the last one; above <paramref name="from"/>.</param>
    public TextSpan SpanOf(int from, int to)
    {
        // Marks may have changed places, so that neither end need be the outermost.
        var (first, last) = (int.MaxValue, 0);
        for (var i = from; i < to; i++)
        {
            first = Math.Min(first, _starts[i]);
            last = Math.Max(last, _ends[i]);
        }

        return new TextSpan(first, last);
    }

    /// <summary>Whether a character ends before a folded code point, so that none is torn there.</summary>
    /// <param name="index">A folded code point, or behind the last one.</param>
    public bool IsBoundary(int index) => index == _count || !Table.IsMark(_codes[index]);

    private static int FoldAscii(int code, bool keepsPunctuation) => Separated(Table.TryFold(code, out var fold) ? fold[0] : code, keepsPunctuation);

    private static int Separated(int code, bool keepsPunctuation) => Table.IsSeparator(code) && !(keepsPunctuation && IsPunctuation(code)) ? Space : code;

    // The table's separators are white space, control characters and punctuation.
    private static bool IsPunctuation(int code) => new Rune(code) is var rune && !Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune);

    private void Append(int code, int position)
    {
        if (code == Space)
        {
            _isSeparated = true;
            return;
        }

        if (_isSeparated && _count > 0)
        {
            Put(_count, Space, position, position);
        }

        _isSeparated = false;
        if (_count > 0 && Compose(_codes[_count - 1], code) is { } syllable)
        {
            (_codes[_count - 1], _ends[_count - 1]) = (syllable, position + 1);
            return;
        }

        Put(PlaceOf(code), code, position, position + 1);
    }

    // Canonical ordering (Unicode Standard, D109): a mark goes before marks of a higher class.
    private int PlaceOf(int code)
    {
        var place = _count;
        var order = code < 0x300 ? 0 : Table.ClassOf(code);
        while (order > 0 && place > 0 && Table.ClassOf(_codes[place - 1]) > order)
        {
            place--;
        }

        return place;
    }

    // Hangul composition (Unicode Standard, section 3.12): leading consonant and vowel, then a trailing consonant.
    private static int? Compose(int last, int next)
    {
        const int FirstSyllable = 0xAC00;
        const int FirstLeading = 0x1100;
        const int FirstVowel = 0x1161;
        const int BeforeTrailing = 0x11A7;
        const int LeadingCount = 19;
        const int VowelCount = 21;
        const int TrailingCount = 28;
        if (next is < FirstVowel or >= BeforeTrailing + TrailingCount)
        {
            return null;
        }

        var (leading, vowel, trailing, syllable) = (last - FirstLeading, next - FirstVowel, next - BeforeTrailing, last - FirstSyllable);
        return leading is >= 0 and < LeadingCount && vowel is >= 0 and < VowelCount ? FirstSyllable + (((leading * VowelCount) + vowel) * TrailingCount)
            : syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount && syllable % TrailingCount == 0 && trailing is > 0 and < TrailingCount ? last + trailing
            : null;
    }

    private void Put(int place, int code, int start, int end)
    {
        if (_count == _codes.Length)
        {
            Array.Resize(ref _codes, _count * 2);
            Array.Resize(ref _starts, _count * 2);
            Array.Resize(ref _ends, _count * 2);
        }

        if (place < _count)
        {
            Array.Copy(_codes, place, _codes, place + 1, _count - place);
            Array.Copy(_starts, place, _starts, place + 1, _count - place);
            Array.Copy(_ends, place, _ends, place + 1, _count - place);
        }

        (_codes[place], _starts[place], _ends[place]) = (code, start, end);
        _count++;
    }
}

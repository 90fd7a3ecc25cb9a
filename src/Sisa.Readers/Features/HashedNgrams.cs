using System.Buffers;
using System.Text;
using Sisa.Training;

namespace Sisa.Readers.Features;

/// <summary>Hashed n-grams of words and of characters within words: any language, no learnt state (rule E5).</summary>
/// <remarks>
/// <para>A word is a run of letters, digits and the marks on them, in lower case. Scripts that are written without spaces give a word per
/// character, so that their word n-grams are character n-grams; so do emoji and other symbols, which carry much of the tone of short texts.
/// Everything else separates.</para>
/// <para>Tokens come in the order in which words end; of one word first the n-grams that end with it, shortest first, then its character n-grams, with a
/// mark at each end of the word.</para>
/// <para>Case is mapped code point by code point by the tables inside .NET (the program runs in invariant globalization mode), so no machine's
/// ICU matters. Text is not normalised: .NET leaves that to ICU. A corpus that mixes composed and decomposed accents holds two
/// spellings of such a word; normalise it beforehand if that matters.</para>
/// </remarks>
internal sealed class HashedNgrams : ITextEncoding
{
    private const uint WordStart = 0x110000;
    private const uint WordEnd = 0x110001;
    private const ulong CharSeed = 0x9E3779B97F4A7C15;

    private static readonly byte[] _asciiWord = CreateAscii();

    private readonly int _wordNgrams;
    private readonly int _charNgrams;
    private readonly int _buckets;
    private readonly ulong[] _history;
    private uint[] _runes = new uint[64];

    /// <summary>Creates the encoding.</summary>
    /// <param name="feature">Its sizes.</param>
    public HashedNgrams(TextFeature feature)
    {
        _wordNgrams = feature.WordNgrams;
        _charNgrams = feature.CharNgrams;
        _buckets = feature.Buckets;
        _history = new ulong[Math.Max(1, feature.WordNgrams)];
    }

    private enum RuneRole
    {
        Separator,
        Word,
        Mark,
        Alone,
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> utf8, Span<int> tokens)
    {
        var run = new Run { Tokens = tokens };
        while (!utf8.IsEmpty && run.Count < tokens.Length)
        {
            var first = utf8[0];
            if (first < 0x80)
            {
                utf8 = utf8[1..];
                var lower = _asciiWord[first];
                if (lower == 0)
                {
                    EndWord(ref run);
                    continue;
                }

                if (run.IsAlone)
                {
                    EndWord(ref run);
                }

                Append(ref run, lower);
                continue;
            }

            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done)
            {
                throw new ArgumentException("The text is not valid UTF-8.", nameof(utf8));
            }

            utf8 = utf8[length..];
            switch (RoleOf(rune))
            {
                case RuneRole.Word:
                    if (run.IsAlone)
                    {
                        EndWord(ref run);
                    }

                    Append(ref run, (uint)Rune.ToLowerInvariant(rune).Value);
                    break;
                case RuneRole.Mark:
                    if (run.RuneCount > 0)
                    {
                        Append(ref run, (uint)rune.Value);
                    }

                    break;
                case RuneRole.Alone:
                    EndWord(ref run);
                    Append(ref run, (uint)rune.Value);
                    run.IsAlone = true;
                    break;
                default:
                    EndWord(ref run);
                    break;
            }
        }

        EndWord(ref run);
        return run.Count;
    }

    private void Append(ref Run run, uint rune)
    {
        run.Hash = FeatureHash.Add(run.RuneCount == 0 ? FeatureHash.Start : run.Hash, rune);
        if (_charNgrams > 0 && run.RuneCount < run.Tokens.Length + _charNgrams)
        {
            if (run.RuneCount + 2 >= _runes.Length)
            {
                Array.Resize(ref _runes, _runes.Length * 2);
            }

            _runes[run.RuneCount + 1] = rune;
            run.KeptRunes = run.RuneCount + 1;
        }

        run.RuneCount++;
    }

    private void EndWord(ref Run run)
    {
        if (run.RuneCount == 0)
        {
            return;
        }

        if (_wordNgrams > 0)
        {
            _history[run.WordCount % _wordNgrams] = run.Hash;
            var longest = Math.Min(_wordNgrams, run.WordCount + 1);
            for (var length = 1; length <= longest; length++)
            {
                var hash = (ulong)length;
                for (var back = length - 1; back >= 0; back--)
                {
                    hash = FeatureHash.Mix(unchecked(hash + _history[(run.WordCount - back) % _wordNgrams]));
                }

                Emit(ref run, hash);
            }
        }

        if (_charNgrams > 0)
        {
            EmitCharacters(ref run);
        }

        run.WordCount++;
        run.RuneCount = 0;
        run.IsAlone = false;
    }

    private void EmitCharacters(ref Run run)
    {
        _runes[0] = WordStart;
        _runes[run.KeptRunes + 1] = WordEnd;
        var marked = _runes.AsSpan(0, run.KeptRunes + 2);
        for (var start = 0; start == 0 || start + _charNgrams <= marked.Length; start++)
        {
            var hash = CharSeed;
            foreach (var rune in marked.Slice(start, Math.Min(_charNgrams, marked.Length - start)))
            {
                hash = FeatureHash.Add(hash, rune);
            }

            Emit(ref run, hash);
        }
    }

    private void Emit(ref Run run, ulong hash)
    {
        if (run.Count < run.Tokens.Length)
        {
            run.Tokens[run.Count++] = FeatureHash.Bucket(hash, _buckets);
        }
    }

    private static RuneRole RoleOf(Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case System.Globalization.UnicodeCategory.UppercaseLetter:
            case System.Globalization.UnicodeCategory.LowercaseLetter:
            case System.Globalization.UnicodeCategory.TitlecaseLetter:
            case System.Globalization.UnicodeCategory.DecimalDigitNumber:
            case System.Globalization.UnicodeCategory.LetterNumber:
            case System.Globalization.UnicodeCategory.OtherNumber:
                return RuneRole.Word;
            case System.Globalization.UnicodeCategory.OtherLetter:
            case System.Globalization.UnicodeCategory.ModifierLetter:
                return IsUnspaced(rune.Value) ? RuneRole.Alone : RuneRole.Word;
            case System.Globalization.UnicodeCategory.NonSpacingMark:
            case System.Globalization.UnicodeCategory.SpacingCombiningMark:
            case System.Globalization.UnicodeCategory.EnclosingMark:
                return RuneRole.Mark;
            case System.Globalization.UnicodeCategory.OtherSymbol:
                return RuneRole.Alone;
            default:
                return RuneRole.Separator;
        }
    }

    /// <summary>Scripts whose words no space separates: Thai, Lao, Myanmar, Khmer, Tai, Han, Hiragana, Katakana, Bopomofo, Yi.</summary>
    private static bool IsUnspaced(int value) => value switch
    {
        < 0x0E00 => false,
        <= 0x0EFF => true,
        >= 0x1000 and <= 0x109F => true,
        >= 0x1780 and <= 0x17FF => true,
        >= 0x1950 and <= 0x19DF => true,
        >= 0x1A20 and <= 0x1AAF => true,
        >= 0x3005 and <= 0x3007 => true,
        >= 0x3021 and <= 0x312F => true,
        >= 0x31A0 and <= 0x31FF => true,
        >= 0x3400 and <= 0x4DBF => true,
        >= 0x4E00 and <= 0xA4CF => true,
        >= 0xA9E0 and <= 0xA9FF => true,
        >= 0xAA60 and <= 0xAADF => true,
        >= 0xF900 and <= 0xFAFF => true,
        >= 0xFF66 and <= 0xFF9F => true,
        >= 0x1AFF0 and <= 0x1B2FF => true,
        >= 0x20000 and <= 0x3FFFF => true,
        _ => false,
    };

    private static byte[] CreateAscii()
    {
        var table = new byte[128];
        for (var c = 0; c < table.Length; c++)
        {
            table[c] = char.IsAsciiLetterOrDigit((char)c) ? (byte)char.ToLowerInvariant((char)c) : (byte)0;
        }

        return table;
    }

    private ref struct Run
    {
        public Span<int> Tokens;
        public int Count;
        public int WordCount;
        public int RuneCount;
        public int KeptRunes;
        public ulong Hash;
        public bool IsAlone;
    }
}

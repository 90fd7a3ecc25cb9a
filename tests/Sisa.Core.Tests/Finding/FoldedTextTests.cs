using System.Text;
using CsCheck;
using Sisa.Finding;
using Sisa.Forgetting;

namespace Sisa.Core.Tests.Finding;

public sealed class FoldedTextTests
{
    private static readonly string[] Pieces = ["a", "B", "ß", "é", "e\u0301", "ﬁ", "Ａ", "각", "\u1100\u1161", "\u11A8", "日", "🙂", "\u0323\u0307", "\u0307\u0323", "\u200B", " ", "\u3000", ", ", "½", "Σ", "ς"];

    private static readonly Gen<string> Text = Gen.Int[0, Pieces.Length - 1].List[0, 20].Select(parts => string.Concat(parts.Select(i => Pieces[i])));

    [Theory]
    [InlineData("STRASSE", "straße")]
    [InlineData("ﬁle", "FILE")]
    [InlineData("Ｃａｆｅ\u0301", "café")]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφος")]
    [InlineData("ａ１½", "a11⁄2")]
    [InlineData("ｶﾞ", "ガ")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글")]
    [InlineData("\uFFA1\uFFC2\uFFA1", "가\u1100")]
    [InlineData("a\u0323\u0307", "a\u0307\u0323")]
    [InlineData("soft\u00ADhyphen ze\u200Bro", "softhyphen zero")]
    [InlineData("❤\uFE0F", "❤")]
    [InlineData("  To be,\r\n\tor — not\u00A0to be!", "to be or not to be")]
    [InlineData("「日本」、語。", "日本 語")]
    [InlineData("İ", "i\u0307")]
    [InlineData("…!?", " ")]
    public void Texts_that_differ_in_form_alone_fold_alike(string first, string second) => Assert.Equal(Fold(first), Fold(second));

    [Theory]
    [InlineData("C++", "C")]
    [InlineData("résumé", "resume")]
    [InlineData("don't", "dont")]
    [InlineData("각", "가")]
    [InlineData("1", "2")]
    [InlineData("a\u0323", "a\u0307")]
    public void Texts_that_differ_in_more_do_not(string first, string second) => Assert.NotEqual(Fold(first), Fold(second));

    [Fact]
    public void What_is_folded_folds_to_itself() => Text.Sample(text => Fold(Fold(text)) == Fold(text));

    [Fact]
    public void No_code_point_is_left_to_fold_and_none_is_0()
    {
        var faults = Enumerable.Range(0, 0x110000)
            .Where(Rune.IsValid)
            .Select(code => new Rune(code).ToString())
            .Where(text => Fold(Fold(text)) != Fold(text) || Fold(text).Contains('\0', StringComparison.Ordinal));

        Assert.Empty(faults);
    }

    [Fact]
    public void A_folded_part_comes_from_the_range_that_folds_to_it() => Gen.Select(Text, Text, Text).Sample((before, middle, after) =>
    {
        // Words apart, so that nothing composes, reorders or vanishes across the borders.
        var text = $"x{before} y{middle} z{after}";
        var folded = new FoldedText().Fold(Encoding.UTF8.GetBytes(text));
        var codes = folded.Codes.ToArray();
        for (var from = 0; from < codes.Length; from++)
        {
            if (codes[from] == ' ')
            {
                continue;
            }

            var span = folded.SpanOf(from, from + 1);
            var source = Fold(Part(text, span));
            if (!source.EnumerateRunes().Contains(new Rune(codes[from])))
            {
                return false;
            }
        }

        return codes.Length == 0 || Fold(Part(text, folded.SpanOf(0, codes.Length))) == Fold(text);
    });

    [Theory]
    [InlineData("Ab ﬁn", "fin", "3..5")]
    [InlineData("x \u1100\u1161\u11A8 y", "각", "2..5")]
    [InlineData("🙂  É!", "é", "3..4")]
    public void Ranges_count_code_points_and_whole_characters(string text, string part, string span)
    {
        var folded = new FoldedText().Fold(Encoding.UTF8.GetBytes(text));
        var wanted = new FoldedText().Fold(Encoding.UTF8.GetBytes(part)).Codes;
        var at = folded.Codes.IndexOf(wanted);

        Assert.Equal(span, folded.SpanOf(at, at + wanted.Length).ToString());
    }

    [Fact]
    public void A_folding_leaves_nothing_of_the_one_before()
    {
        var folded = new FoldedText();
        folded.Fold(Encoding.UTF8.GetBytes(new string('x', 1000) + " "));

        Assert.Equal("ab", String(folded.Fold("ab"u8)));
        Assert.Equal(string.Empty, String(folded.Fold([])));
    }

    private static string Fold(string text) => String(new FoldedText().Fold(Encoding.UTF8.GetBytes(text)));

    private static string String(FoldedText folded) => string.Concat(folded.Codes.ToArray().Select(code => new Rune(code).ToString()));

    private static string Part(string text, TextSpan span) => string.Concat(text.EnumerateRunes().Skip(span.From).Take(span.To - span.From).Select(r => r.ToString()));
}

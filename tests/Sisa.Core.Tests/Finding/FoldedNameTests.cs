using CsCheck;
using Sisa.Finding;

namespace Sisa.Core.Tests.Finding;

public sealed class FoldedNameTests
{
    [Theory]
    [InlineData("ann@example.org", "Ann@Example.org")]
    [InlineData("ann@example.org", "ＡＮＮ＠example.org")]
    [InlineData("caf\u00e9", "cafe\u0301")]
    [InlineData("  Ann \u00A0 Lee\t", "ann lee")]
    [InlineData("x", "x\u200b")]
    [InlineData("evil", "\u202eevil")]
    [InlineData("a\u034Fb\uFEFF", "ab")]
    [InlineData("GROẞ", "gross")]
    [InlineData("İ", "i\u0307")]
    [InlineData("각", "\u1100\u1161\u11A8")]
    [InlineData("a\u0323\u0307", "a\u0307\u0323")]
    [InlineData("\u200b", "\u2060")]
    [InlineData("1000", "1e3")]
    [InlineData("1000", "1E+03")]
    [InlineData("1000", "1000.0")]
    [InlineData("1000", "01000")]
    [InlineData("1000", "+1000")]
    [InlineData("1000", " 1000.")]
    [InlineData("1000", "١٠٠٠")]
    [InlineData("0.05", "5e-2")]
    [InlineData("0.05", ".050")]
    [InlineData("0", "-0.00")]
    [InlineData("-7", "−7.0")]
    public void Near_spellings_fold_alike(string first, string second) => Assert.Equal(FoldedName.Of(first), FoldedName.Of(second));

    [Theory]
    [InlineData("a.b", "a-b")]
    [InlineData("a b", "ab")]
    [InlineData("résumé", "resume")]
    [InlineData("1000", "100")]
    [InlineData("1000", "-1000")]
    [InlineData("1000", "1,000")]
    [InlineData("1.0.0", "1")]
    [InlineData("1e", "1")]
    [InlineData("1e9999999999", "1e9999999998")]
    [InlineData("e3", "1e3")]
    [InlineData(".", "0")]
    [InlineData("+", "-")]
    [InlineData("12-3", "12")]
    public void Other_names_do_not(string first, string second) => Assert.NotEqual(FoldedName.Of(first), FoldedName.Of(second));

    [Fact]
    public void A_plain_name_folds_like_one_with_an_invisible_character_in_it() =>
        Gen.String[Gen.Char["aB1.- \t\0'"], 0, 12].Sample(text => FoldedName.Of(text) == FoldedName.Of(text + '\u200b'));

    [Fact]
    public void Any_text_folds_also_one_with_half_a_surrogate_pair() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789+-.eE \ud83d\ude42\u202e"], 0, 20]).Sample(text => FoldedName.Of(text) is not null);
}

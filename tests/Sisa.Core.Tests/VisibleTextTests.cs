using System.Text.Json;
using CsCheck;

namespace Sisa.Core.Tests;

public sealed class VisibleTextTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData("\u202egnp.exe", @"\u{202E}gnp.exe")]
    [InlineData("zero\u200bwidth", @"zero\u{200B}width")]
    [InlineData("\u001b[31mred", @"\u{1B}[31mred")]
    [InlineData("a\nb\tc", @"a\u{A}b\u{9}c")]
    [InlineData("a\u00A0b", @"a\u{A0}b")]
    [InlineData("❤\uFE0F", @"❤\u{FE0F}")]
    [InlineData("\u3164", @"\u{3164}")]
    [InlineData("\U000E0041", @"\u{E0041}")]
    [InlineData(@"\u{202E}", @"\u{5C}u{202E}")]
    [InlineData(@"C:\users", @"C:\users")]
    [InlineData("Zoë 日本 🙂 हिन्दी", "Zoë 日本 🙂 हिन्दी")]
    public void What_cannot_be_seen_is_shown_as_its_code_point(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_its_code_unit() => Assert.Equal(@"half \u{D83D}", VisibleText.Of("half \ud83d"));

    [Fact]
    public void Two_texts_are_never_shown_alike() => Gen.Select(Gen.String, Gen.String).Sample((a, b) => a == b || VisibleText.Of(a) != VisibleText.Of(b));

    [Fact]
    public void A_message_keeps_the_line_breaks_of_its_lists_alone() =>
        Assert.Equal("Two faults:\n  one\\u{A}sisa: error: forged\n  two", VisibleText.OfMessage("Two faults:\n  one\nsisa: error: forged\n  two"));

    [Fact]
    public void Json_keeps_its_value() => Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text =>
    {
        var json = JsonSerializer.Serialize(new[] { text }, Relaxed);
        var shown = VisibleText.InJson(json);
        return JsonSerializer.Deserialize<string[]>(shown)![0] == text && !shown.Contains('\u202e', StringComparison.Ordinal);
    });
}

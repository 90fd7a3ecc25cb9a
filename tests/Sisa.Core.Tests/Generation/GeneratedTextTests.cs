using System.Text;
using CsCheck;
using Sisa.Generation;

namespace Sisa.Core.Tests.Generation;

public sealed class GeneratedTextTests
{
    [Fact]
    public void Code_points_come_whole()
    {
        var text = new GeneratedText();
        var shown = Encoding.UTF8.GetBytes("né😀").Select(value => text.Append([value])).ToArray();

        Assert.Equal(["n", "", "é", "", "", "", "😀"], shown);
        Assert.Equal("né😀", text.Text);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_half_a_code_point_at_the_end_too()
    {
        var text = new GeneratedText();

        Assert.Equal("�a", text.Append([0xff, (byte)'a']));
        Assert.Equal(string.Empty, text.Append([0xf0, 0x9f]));
        Assert.Equal("�", text.Finish());
    }

    [Fact]
    public void A_stop_ends_the_text_before_it_and_what_may_begin_one_waits()
    {
        var text = new GeneratedText("\n\n", "STOP");

        Assert.Equal("one", text.Append("one\n"u8));
        Assert.Equal("\ntwo ", text.Append("two ST"u8));
        Assert.Equal("STA", text.Append("A"u8));
        Assert.Equal(string.Empty, text.Append("STO"u8));
        Assert.Equal(string.Empty, text.Append("P and more"u8));
        Assert.True(text.IsStopped);
        Assert.Equal(string.Empty, text.Append("lost"u8));
        Assert.Equal(string.Empty, text.Finish());
        Assert.Equal("one\ntwo STA", text.Text);
    }

    [Fact]
    public void Whatever_the_parts_the_text_ends_before_the_first_stop() =>
        Gen.Select(Gen.String[Gen.Char["ab\n"], 0, 30], Gen.String[Gen.Char["ab\n"], 1, 3], Gen.String[Gen.Char["ab\n"], 1, 3]).Sample((whole, first, second) =>
        {
            var text = new GeneratedText(first, second);
            var shown = string.Concat(whole.Select(character => text.Append([(byte)character]))) + text.Finish();

            // The stop that is complete first ends it; of those that are complete at once, the one that begins first.
            var end = Enumerable.Range(0, whole.Length + 1)
                .Select(length => new[] { first, second }.Where(stop => whole[..length].EndsWith(stop, StringComparison.Ordinal)).Select(stop => length - stop.Length).DefaultIfEmpty(-1).Min())
                .FirstOrDefault(at => at >= 0, -1);
            Assert.Equal(end < 0 ? whole : whole[..end], shown);
            Assert.Equal(end >= 0, text.IsStopped);
            Assert.Equal(shown, text.Text);
        });

    [Fact]
    public void An_empty_stop_is_refused() => Assert.Throws<ArgumentException>(() => new GeneratedText(""));
}

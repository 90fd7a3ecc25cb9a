using System.Text;
using CsCheck;
using Sisa.Forgetting;

namespace Sisa.Core.Tests.Forgetting;

public sealed class CutRangesTests
{
    [Theory]
    [InlineData("0..10", "", "0..10")]
    [InlineData("0..10", "3..5", "0..3 5..10")]
    [InlineData("0..10", "0..2 8..12", "2..8")]
    [InlineData("2..4 6..9", "0..20", "")]
    [InlineData("2..4 6..9", "3..7", "2..3 7..9")]
    [InlineData("2..4", "4..6", "2..4")]
    public void What_is_left_of_ranges_without_others(string ranges, string others, string left) =>
        Assert.Equal(left, string.Join(' ', Parse(ranges).Except(Parse(others)).Ranges));

    private static readonly string[] Characters = ["a", "é", "日", "🙂", "e\u0301", "𝒳", " "];

    private static readonly Gen<string> Text = Gen.Int[0, 6].List[0, 25].Select(parts => string.Concat(parts.Select(i => Characters[i])));

    private static readonly Gen<List<TextSpan>> Spans = Gen.Select(Gen.Int[0, 30], Gen.Int[1, 8]).Select((from, length) => new TextSpan(from, from + length)).List[0, 6];

    // The model: a set of positions.
    [Fact]
    public void Ranges_are_a_set_of_code_points() => Gen.Select(Spans, Spans).Sample((first, second) =>
    {
        var cuts = new CutRanges(first).Union(second);
        var model = Positions(first.Concat(second));
        return Positions(cuts.Ranges).SetEquals(model)
            && cuts.Length == model.Count
            && cuts.Ranges.Zip(cuts.Ranges.Skip(1)).All(p => p.First.To < p.Second.From)
            && second.TrueForAll(cuts.Contains)
            && first.TrueForAll(s => new CutRanges(second).Contains(s) == Positions([s]).IsSubsetOf(Positions(second)));
    });

    [Fact]
    public void Cutting_in_steps_gives_what_cutting_at_once_gives() => Gen.Select(Text, Spans, Spans).Sample((text, first, second) =>
    {
        var nothing = new CutRanges([]);
        var before = new CutRanges(first);
        var after = before.Union(second);
        var current = nothing.Apply(text, before);
        var model = Positions(after.Ranges);
        var expected = string.Concat(text.EnumerateRunes().Where((_, i) => !model.Contains(i)).Select(r => r.ToString()));
        return before.Apply(current, after) == expected && nothing.Apply(text, after) == expected && after.Apply(expected, after) == expected;
    });

    [Fact]
    public void A_range_of_what_is_left_is_found_again_in_the_text_as_first_ingested() => Gen.Select(Spans, Gen.Int[0, 20], Gen.Int[1, 8]).Sample((spans, from, length) =>
    {
        var cuts = new CutRanges(spans);
        var left = Enumerable.Range(0, 100).Except(Positions(spans)).Order().ToArray();
        return cuts.AsIngested(new TextSpan(from, from + length)) == new TextSpan(left[from], left[from + length - 1] + 1);
    });

    [Fact]
    public void Code_points_are_counted_and_not_code_units() => Text.Sample(text => CutRanges.CodePoints(text) == Encoding.UTF32.GetByteCount(text) / 4);

    [Theory]
    [InlineData("0..1", 0, 1)]
    [InlineData("12..340", 12, 340)]
    public void A_span_comes_back_from_its_text(string text, int from, int to)
    {
        Assert.True(TextSpan.TryParse(text, out var span));
        Assert.Equal(new TextSpan(from, to), span);
        Assert.Equal(text, span.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5..5")]
    [InlineData("6..5")]
    [InlineData("-1..5")]
    [InlineData("1..2..3")]
    [InlineData("a..b")]
    [InlineData("1...3")]
    [InlineData("1.. 3")]
    [InlineData("1..99999999999")]
    public void Anything_else_is_no_span(string text) => Assert.False(TextSpan.TryParse(text, out _));

    private static HashSet<int> Positions(IEnumerable<TextSpan> spans) => [.. spans.SelectMany(s => Enumerable.Range(s.From, s.To - s.From))];

    private static CutRanges Parse(string ranges) => new(
        ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => TextSpan.TryParse(text, out var span) ? span : throw new FormatException(text)));

    [Fact]
    public void Where_a_range_lies_in_what_is_left_is_where_cutting_leaves_it()
    {
        // 0123456789 without 2..4 and 7..8 is 0145689.
        var cuts = new CutRanges([new TextSpan(2, 4), new TextSpan(7, 8)]);

        Assert.Equal(new TextSpan(2, 4), cuts.Remaining(new TextSpan(4, 6)));
        Assert.Equal(new TextSpan(0, 2), cuts.Remaining(new TextSpan(0, 3)));
        Assert.Equal(new TextSpan(5, 7), cuts.Remaining(new TextSpan(7, 10)));
        Assert.Equal(new TextSpan(2, 2), cuts.Remaining(new TextSpan(2, 4)));
        Assert.Equal(new TextSpan(4, 6), cuts.AsIngested(cuts.Remaining(new TextSpan(4, 6))));
    }
}

using System.Text;
using CsCheck;
using Sisa.Finding;
using Sisa.Forgetting;

namespace Sisa.Core.Tests.Finding;

public sealed class PhraseSearchTests
{
    private static readonly string[] Pieces = ["a", "A", "b", " ", ", ", "é", "🙂", "日"];

    private static readonly Gen<string> Text = Gen.Int[0, Pieces.Length - 1].List[0, 25].Select(parts => string.Concat(parts.Select(i => Pieces[i])));

    private static readonly Gen<string> Phrase = Gen.Int[0, Pieces.Length - 1].List[1, 4].Select(parts => string.Concat(parts.Select(i => Pieces[i])));

    [Theory]
    [InlineData("ab", "xxabyyab", "2..4 exact, 6..8 exact")]
    [InlineData("aa", "aaaaa", "0..2 exact, 2..4 exact")]
    [InlineData("ab", "AB ab", "0..2 normalised, 3..5 exact")]
    [InlineData("To be, or not", "🙂 to  be; OR-not!", "2..16 normalised")]
    [InlineData("日本", "今日は日本語", "3..5 exact")]
    [InlineData("cafe", "café cafe\u0301 CAFE", "5..9 exact, 11..15 normalised")]
    [InlineData("(a)", "(a) a", "0..3 exact, 4..5 normalised")]
    [InlineData("...", "a... b", "1..4 exact")]
    [InlineData("x", "", "")]
    public void Every_occurrence_is_listed_with_its_range_and_kind(string phrase, string text, string expected) =>
        Assert.Equal(expected, Describe(new PhraseSearch(phrase, MatchKind.Normalised).In(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Exactly_means_the_same_bytes() =>
        Assert.Equal("3..5 exact", Describe(new PhraseSearch("ab", MatchKind.Exact).In("AB ab"u8)));

    [Fact]
    public void A_passage_with_edits_is_near_and_its_range_is_the_passage()
    {
        const string Passage = "the quick brown fox jumps over the lazy dog and runs away";
        var text = $"Before the end, something else. {Passage.Replace("lazy", "idle", StringComparison.Ordinal).ToUpperInvariant()} afterwards, and the rest.";

        var occurrence = Assert.Single(new PhraseSearch(Passage, MatchKind.Near).In(Encoding.UTF8.GetBytes(text)));

        Assert.Equal(MatchKind.Near, occurrence.Kind);
        Assert.InRange(occurrence.Resemblance, 0.7, 0.9);
        Assert.Equal(Passage.Replace("lazy", "idle", StringComparison.Ordinal).ToUpperInvariant(), Part(text, occurrence.Span));
        Assert.Empty(new PhraseSearch(Passage, MatchKind.Near, 0.99).In(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Each_of_several_near_passages_is_listed_beside_the_exact_one()
    {
        const string Passage = "a sentence that is long enough to be told from others even where somebody has changed a word of it";
        var text = $"{Passage}. {Passage.Replace("long", "tall", StringComparison.Ordinal)}! And {Passage.Replace("told", "known", StringComparison.Ordinal)}?";

        var found = new PhraseSearch(Passage, MatchKind.Near).In(Encoding.UTF8.GetBytes(text));

        Assert.Equal([MatchKind.Exact, MatchKind.Near, MatchKind.Near], found.Select(o => o.Kind));
        Assert.All(found.Zip(found.Skip(1)), pair => Assert.True(pair.First.Span.To <= pair.Second.Span.From));
    }

    [Fact]
    public void A_phrase_shorter_than_a_shingle_is_never_near() =>
        Assert.Empty(new PhraseSearch("abcd", MatchKind.Near, 0.1).In("abce abc bcd"u8));

    // The model: every position is tried.
    [Fact]
    public void Exact_occurrences_are_those_of_a_naive_search() => Gen.Select(Text, Phrase).Sample((text, phrase) =>
    {
        var (runes, wanted) = (text.EnumerateRunes().ToArray(), phrase.EnumerateRunes().ToArray());
        var expected = new List<TextSpan>();
        for (var i = 0; i + wanted.Length <= runes.Length; i++)
        {
            if (runes.AsSpan(i, wanted.Length).SequenceEqual(wanted) && (expected.Count == 0 || expected[^1].To <= i))
            {
                expected.Add(new TextSpan(i, i + wanted.Length));
            }
        }

        return new PhraseSearch(phrase, MatchKind.Exact).In(Encoding.UTF8.GetBytes(text)).Select(o => o.Span).SequenceEqual(expected);
    });

    [Fact]
    public void Without_the_ranges_found_the_phrase_is_not_there_where_it_was() => Gen.Select(Text, Phrase).Sample((text, phrase) =>
    {
        var found = new PhraseSearch(phrase, MatchKind.Normalised).In(Encoding.UTF8.GetBytes(text));
        return found.All(o => Fold(Part(text, o.Span)) == Fold(phrase))
            && found.Zip(found.Skip(1)).All(p => p.First.Span.To <= p.Second.Span.From)
            && (Fold(phrase).Length == 0 || (found.Count > 0) == Fold(text).Contains(Fold(phrase), StringComparison.Ordinal));
    });

    private static string Fold(string text) => string.Join(' ', new FoldedText().Fold(Encoding.UTF8.GetBytes(text)).Codes.ToArray().Select(c => $"<{c}>"));

    private static string Part(string text, TextSpan span) => string.Concat(text.EnumerateRunes().Skip(span.From).Take(span.To - span.From).Select(r => r.ToString()));

    private static string Describe(IEnumerable<TextOccurrence> found) => string.Join(", ", found.Select(o => $"{o.Span} {KebabName.Of(o.Kind)}"));
}

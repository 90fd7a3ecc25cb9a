using System.Text;
using CsCheck;
using Sisa.Finding;

namespace Sisa.Core.Tests.Finding;

public sealed class ShinglesTests
{
    // Few letters, so that texts have much in common.
    private static readonly Gen<string> Text = Gen.Int[0, 2].List[0, 18].Select(letters => string.Concat(letters.Select(i => "ab日"[i])));

    private static readonly Gen<string[]> Texts = Text.Array[0, 8];

    [Fact]
    public void Resemblance_is_that_of_the_sets_by_definition() => Gen.Select(Text, Text).Sample((first, second) =>
        Math.Abs(Shingles.Resemblance(Set(first), Set(second)) - Naive(first, second)) < 1e-12);

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("...", "!!!", 0)]
    [InlineData("abc", "abc", 1)]
    [InlineData("abc", "abd", 0)]
    [InlineData("abc", "abcde", 0)]
    [InlineData("abcdef", "abcdeX", 1 / 3.0)]
    [InlineData("aaaaaaaa", "AAAAA", 1)]
    public void Short_texts_are_one_shingle_and_empty_ones_none(string first, string second, double resemblance) =>
        Assert.Equal(resemblance, Shingles.Resemblance(Set(first), Set(second)), 12);

    [Fact]
    public void The_index_finds_exactly_what_comparing_with_each_finds() => Gen.Select(Texts, Text, Gen.Int[1, 20]).Sample((named, text, twentieths) =>
    {
        var threshold = twentieths / 20.0;
        var index = new ResemblanceIndex([.. named.Select(Set)], threshold);
        var buffer = Array.Empty<UInt128>();
        var found = index.Find(buffer.AsSpan(0, 0));
        if (found.Count > 0)
        {
            return false;
        }

        var count = Shingles.Fill(Codes(text), ref buffer);
        var expected = named.Select((n, i) => (Named: i, Resemblance: Naive(n, text))).Where(r => r.Resemblance > 0 && r.Resemblance >= threshold).ToArray();
        var actual = index.Find(buffer.AsSpan(0, count));
        return actual.Select(r => r.Named).SequenceEqual(expected.Select(r => r.Named))
            && actual.Zip(expected).All(p => Math.Abs(p.First.Resemblance - p.Second.Resemblance) < 1e-12);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(1.01)]
    public void A_threshold_that_everything_or_nothing_passes_is_refused(double threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResemblanceIndex([], threshold));

    private static double Naive(string first, string second)
    {
        var (a, b) = (NaiveSet(first), NaiveSet(second));
        return a.Intersect(b).Any() ? (double)a.Intersect(b).Count() / a.Union(b).Count() : 0;
    }

    private static HashSet<string> NaiveSet(string text) =>
        text.Length == 0 ? [] : text.Length < Shingles.Length ? [text] : [.. Enumerable.Range(0, text.Length - Shingles.Length + 1).Select(i => text.Substring(i, Shingles.Length))];

    private static UInt128[] Set(string text) => Shingles.SetOf(Codes(text));

    private static int[] Codes(string text) => new FoldedText().Fold(Encoding.UTF8.GetBytes(text)).Codes.ToArray();
}

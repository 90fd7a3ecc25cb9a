using Sisa.Models;
using Sisa.Torch.Inference;
using Sisa.Torch.Models;
using TorchSharp;

namespace Sisa.Torch.Tests.Inference;

public sealed class DecoderGroupTests
{
    private const float Tolerance = 2e-5f;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void However_an_ensemble_is_cut_into_groups_it_says_the_same(int size)
    {
        using var family = DecoderFamily.Create(LanguageBench.Recipe(), torch.CPU);
        ParameterSet[] members = [.. Enumerable.Range(0, 5).Select(shard => Initialised(family, shard))];
        var whole = DecoderGroup.Cut(family, members, 5);
        var cut = DecoderGroup.Cut(family, members, size);
        ReadOnlyMemory<byte>[] documents = [LanguageBench.Encode(LanguageBench.Text("first", 9)), LanguageBench.Encode("a")];
        using var together = new DocumentScorer(family, TokenNumbers.OfBytes, 5, torch.CPU);
        using var apart = new DocumentScorer(family, TokenNumbers.OfBytes, size, torch.CPU);
        foreach (var (expected, actual) in together.Score(whole, documents, normalise: true).Zip(apart.Score(cut, documents, normalise: true)))
        {
            AssertClose(expected.LogProbabilities, actual.LogProbabilities);
            AssertClose(expected.Normalisers, actual.Normalisers);
            Assert.All(actual.Normalisers, value => Assert.True(value < 0));
        }

        using var one = new TextReading(family, whole, torch.CPU);
        using var other = new TextReading(family, cut, torch.CPU);
        var (seen, seenApart) = (new List<float>(), new List<float>());
        foreach (var tokens in new int[][] { [256, 'a', ' ', 'k'], ['i'], ['n', 'g', ' '], ['x'] })
        {
            one.Read(tokens, seen.AddRange);
            other.Read(tokens, seenApart.AddRange);
            AssertClose(one.Next, other.Next);
        }

        Assert.Equal(5 * 5, seen.Count);
        AssertClose(seen, seenApart);
        foreach (var disposable in whole.Concat(cut).Cast<IDisposable>().Concat(members))
        {
            disposable.Dispose();
        }
    }

    private static ParameterSet Initialised(DecoderFamily family, int shard)
    {
        var weights = new ParameterSet(family.Parameters, torch.CPU);
        weights.Initialise(17, shard);
        return weights;
    }

    private static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i], Tolerance);
        }
    }
}

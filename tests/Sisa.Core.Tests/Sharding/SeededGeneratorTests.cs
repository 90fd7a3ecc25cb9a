using System.Buffers.Binary;
using CsCheck;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Sharding;

public sealed class SeededGeneratorTests
{
    // The vector that the authors' C code gives from the state 1, 2, 3, 4; rand_xoshiro tests against the same one.
    private static readonly ulong[] Published =
    [
        11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625, 8476171486693032832, 10595114339597558777, 2904607092377533576,
    ];

    [Fact]
    public void It_gives_the_published_vector()
    {
        var generator = new SeededGenerator(State(1, 2, 3, 4));

        Assert.Equal(Published, Published.Select(_ => generator.NextUInt64()));
    }

    [Fact]
    public void It_does_not_stick_at_zero()
    {
        var generator = new SeededGenerator(default);

        Assert.Contains(Enumerable.Range(0, 10), _ => generator.NextUInt64() != 0);
    }

    [Fact]
    public void Every_other_state_is_a_stream_of_its_own()
    {
        Digest[] states = [State(1, 0, 0, 0), State(5, 0, 0, 0), State(0, 5, 0, 0), State(1, 5, 0, 0), State(0, 0, 5, 0), State(1, 0, 5, 0), State(0, 0, 0, 5), State(1, 0, 0, 5)];

        Assert.Equal(states.Length, states.Select(Beginning).Distinct().Count());

        static string Beginning(Digest state)
        {
            var generator = new SeededGenerator(state);
            return string.Join(' ', Enumerable.Range(0, 8).Select(_ => generator.NextUInt64()));
        }
    }

    [Fact]
    public void Numbers_stay_in_their_range() => Gen.Select(Gen.ULong, Gen.Int[1, int.MaxValue]).Sample((seed, bound) =>
    {
        var generator = new SeededGenerator(Seeds.Derive(seed, "test"));
        return generator.NextInt32(bound) is var number && number >= 0 && number < bound;
    });

    [Fact]
    public void A_bound_of_zero_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SeededGenerator(default).NextInt32(0));

    [Fact]
    public void Uniform_numbers_fill_the_interval_evenly()
    {
        var numbers = new float[40_000];
        new SeededGenerator(Seeds.Derive(1, "uniform")).FillUniform(numbers, 0.5f);

        Assert.All(numbers, n => Assert.InRange(n, -0.5f, 0.5f));
        Assert.InRange(numbers.Average(), -0.01f, 0.01f);
        Assert.InRange(numbers.Count(n => n < -0.25f), 9_500, 10_500);
        Assert.InRange(numbers.Count(n => n >= 0.25f), 9_500, 10_500);
    }

    private static Digest State(params ulong[] words)
    {
        var bytes = new byte[32];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * 8), words[i]);
        }

        return new Digest(bytes);
    }
}

using Sisa.Cli.Quickstart;
using Sisa.Sharding;

namespace Sisa.Cli.Tests.Quickstart;

public sealed class SamplePatternTests
{
    [Fact]
    public void Choices_nest_and_may_be_empty()
    {
        var generator = new SeededGenerator(Seeds.Derive(1, "pattern"));
        var made = Enumerable.Range(0, 200).Select(_ => SamplePattern.Expand("a[|b[1|2]] {word}.", generator, name => name + "!")).ToHashSet();

        Assert.Equal(["a word!.", "ab1 word!.", "ab2 word!."], made.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_choice_that_is_not_closed_is_refused() =>
        Assert.Throws<MalformedException>(() => SamplePattern.Expand("a [b|c", new SeededGenerator(Seeds.Derive(1, "pattern")), name => name));
}

using CsCheck;
using Sisa.Sharding;

namespace Sisa.Core.Tests.Sharding;

public sealed class KeyedSampleTests
{
    private static readonly Digest Key = Seeds.Derive(17, "sample");

    [Fact]
    public void The_choice_does_not_depend_on_the_order() =>
        Gen.Select(Gen.Int[0, 9].Array[1, 30], Gen.Int[1, 8], Gen.Int[1, 40], Gen.ULong).Sample((sizes, count, size, seed) =>
        {
            var items = Enumerable.Range(0, sizes.Length).ToArray();
            var chosen = Choose(items, sizes, count, size);
            var generator = new SeededGenerator(Seeds.Derive(seed, "order"));
            int[] shuffled = [.. items.OrderBy(_ => generator.NextUInt64())];

            Assert.Equal(chosen, Choose(shuffled, sizes, count, size));
            Assert.InRange(chosen.Count, 1, count);
            Assert.True(chosen.Count == 1 || chosen.Sum(i => sizes[i]) <= size);
        });

    [Fact]
    public void Without_one_of_the_items_the_others_stay()
    {
        var sizes = Enumerable.Repeat(1, 100).ToArray();
        var all = Choose([.. Enumerable.Range(0, 100)], sizes, 10, 1000);
        var without = Choose([.. Enumerable.Range(0, 100).Where(i => i != all[3])], sizes, 10, 1000);

        Assert.Equal(10, without.Count);
        Assert.Equal(all.Where(i => i != all[3]), without.Take(9));
    }

    [Fact]
    public void An_item_that_comes_twice_counts_once_and_what_is_not_taken_is_not_asked_for()
    {
        var sample = new KeyedSample<string>(Key, 1, 1);
        sample.Offer("a", 1, () => "a");
        sample.Offer("a", 1, () => throw new InvalidOperationException());

        Assert.Equal(["a"], sample.Items);
    }

    private static IReadOnlyList<int> Choose(int[] items, int[] sizes, int count, long size)
    {
        var sample = new KeyedSample<int>(Key, count, size);
        foreach (var item in items)
        {
            sample.Offer($"item-{item}", sizes[item], () => item);
        }

        return sample.Items;
    }
}

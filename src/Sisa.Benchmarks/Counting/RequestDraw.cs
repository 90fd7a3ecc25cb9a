using Sisa.Benchmarks.Designs;
using Sisa.Sharding;

namespace Sisa.Benchmarks.Counting;

/// <summary>Draws the requesters, each at most once.</summary>
/// <remarks>Pure: the same for every cell of the grid, so that cells are compared on the same requests.</remarks>
public static class RequestDraw
{
    /// <summary>One sequence of requesters.</summary>
    /// <param name="population">Who may ask.</param>
    /// <param name="pattern">Who is likely to.</param>
    /// <param name="design">Its seed and shares are read.</param>
    /// <param name="number">Which sequence: different numbers, independent sequences.</param>
    /// <param name="count">Requests; at most half of the population.</param>
    /// <returns>Numbers of requesters in the order of their requests.</returns>
    public static IReadOnlyList<int> Of(Population population, RequestPattern pattern, CostDesign design, long number, int count)
    {
        ArgumentNullException.ThrowIfNull(population);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population.Requesters.Count / 2);
        var generator = new SeededGenerator(Seeds.Derive(design.Seed, $"requests/{KebabName.Of(pattern)}", number));
        var drawn = new List<int>(count);
        var seen = new HashSet<int>();
        var frequentLeft = population.Frequent.Count;
        while (drawn.Count < count)
        {
            var isFrequent = pattern == RequestPattern.Skewed && generator.NextUInt64() < design.FrequentRequests * Math.Pow(2, 64);
            var pool = pattern == RequestPattern.Uniform ? null : isFrequent && frequentLeft > 0 ? population.Frequent : population.Others;
            var next = pool is null ? generator.NextInt32(population.Requesters.Count) : pool[generator.NextInt32(pool.Count)];
            if (seen.Add(next))
            {
                drawn.Add(next);
                frequentLeft -= pool == population.Frequent ? 1 : 0;
            }
        }

        return drawn;
    }
}

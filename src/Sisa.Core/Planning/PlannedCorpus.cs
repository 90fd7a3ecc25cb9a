using Sisa.Sharding;

namespace Sisa.Planning;

/// <summary>A subject as planning sees it.</summary>
/// <param name="Items">Its items.</param>
/// <param name="Rare">Items with the rarest label; all items if there are no labels.</param>
/// <param name="RiskClass">Position of its risk class in <see cref="RequestLoad.Classes"/>; 0 where there are none.</param>
public readonly record struct PlannedSubject(long Items, long Rare, int RiskClass);

/// <summary>A corpus as planning sees it: how much each subject has, not what.</summary>
/// <remarks>Immutable.</remarks>
public sealed class PlannedCorpus
{
    /// <summary>Takes a corpus as it is.</summary>
    /// <param name="subjects">Its subjects, each with an item at least.</param>
    public PlannedCorpus(IReadOnlyList<PlannedSubject> subjects)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        Subjects = subjects;
        Items = subjects.Sum(s => s.Items);
    }

    /// <summary>Its subjects.</summary>
    public IReadOnlyList<PlannedSubject> Subjects { get; }

    /// <summary>Its items.</summary>
    public long Items { get; }

    /// <summary>Makes up a corpus that fits a declaration.</summary>
    /// <param name="items">Items, at least as many as subjects.</param>
    /// <param name="subjects">Subjects, at least one.</param>
    /// <param name="exponent">Zipf's exponent: the i-th subject has items in proportion to i⁻ᵃ, and one at least; 0 for subjects of equal size.</param>
    /// <param name="classes">Risk classes; each gets its share of the subjects, drawn without regard to their size. None for one class.</param>
    /// <param name="rareShare">Share of the items that have the rarest label, 1 where there are no labels; drawn item by item.</param>
    /// <param name="seed">Decides what is drawn.</param>
    public static PlannedCorpus Declare(long items, int subjects, double exponent, IReadOnlyList<PlannedRisk> classes, double rareShare, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(subjects, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(items, subjects);
        ArgumentNullException.ThrowIfNull(classes);
        var random = new SeededGenerator(Seeds.Derive(seed, "planned corpus"));
        var sizes = Sizes(items, subjects, exponent);
        var risks = Risks(subjects, classes, random);
        return new PlannedCorpus([.. sizes.Select((size, i) => new PlannedSubject(size, Rare(size, rareShare, random), risks[i]))]);
    }

    // What is behind the decimal point is carried from subject to subject, so that the sum is exact.
    private static long[] Sizes(long items, int subjects, double exponent)
    {
        double[] weights = [.. Enumerable.Range(1, subjects).Select(i => Math.Pow(i, -exponent))];
        var (total, sum, given) = (weights.Sum(), 0.0, 0L);
        var sizes = new long[subjects];
        for (var i = 0; i < subjects; i++)
        {
            sum += weights[i];
            var until = i + 1 == subjects ? items - subjects : (long)Math.Round((items - subjects) * (sum / total));
            sizes[i] = 1 + until - given;
            given = until;
        }

        return sizes;
    }

    private static int[] Risks(int subjects, IReadOnlyList<PlannedRisk> classes, SeededGenerator random)
    {
        var risks = new int[subjects];
        var (sum, given) = (0.0, 0);
        for (var c = 0; c < classes.Count; c++)
        {
            sum += classes[c].ShareOfSubjects;
            var until = c + 1 == classes.Count ? subjects : Math.Min(subjects, (int)Math.Round(subjects * sum));
            for (; given < until; given++)
            {
                risks[given] = c;
            }
        }

        for (var i = subjects - 1; i > 0; i--)
        {
            var j = random.NextInt32(i + 1);
            (risks[i], risks[j]) = (risks[j], risks[i]);
        }

        return risks;
    }

    private static long Rare(long items, double share, SeededGenerator random)
    {
        if (share >= 1)
        {
            return items;
        }

        long rare = 0;
        for (long i = 0; i < items; i++)
        {
            rare += random.NextUnit() < share ? 1 : 0;
        }

        return rare;
    }
}

using Sisa.Training;

namespace Sisa.Planning;

/// <summary>The shards and slices of risk classes: a proposal for unassigned classes, or a transfer to another number of shards and slices.</summary>
/// <remarks>Pure. What it makes is a declaration of the recipe: items are placed by it and their own fields alone (rule E1). The idea is the paper's adaptive sharding (Bourtoule et al. 2021), there for items of known
/// probability of being asked for.</remarks>
public static class RiskAssignment
{
    /// <summary>Gives the class that asks most often, subject by subject, shards of its own, and the later half of their slices.</summary>
    /// <param name="ensemble">Shards and slices; its classes are replaced.</param>
    /// <param name="classes">The classes, two at least.</param>
    /// <returns>The ensemble with classes, or <see langword="null"/> if there is nothing to divide: a single shard or class.</returns>
    /// <remarks>As many shards as its share of the subjects, rounded, so that they are about as full as the others.</remarks>
    public static EnsembleOptions? Propose(EnsembleOptions ensemble, IReadOnlyList<PlannedRisk> classes)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(classes);
        if (ensemble.Shards < 2 || classes.Count < 2 || ensemble.Assign == AssignRule.ByBatch)
        {
            return null;
        }

        var risky = classes.MaxBy(c => c.ShareOfRequests / Math.Max(c.ShareOfSubjects, 1e-12))!;
        var own = Math.Clamp((int)Math.Round(ensemble.Shards * risky.ShareOfSubjects), 1, ensemble.Shards - 1);
        int[] late = [.. Enumerable.Range(1, ensemble.Slices).Where(k => k > ensemble.Slices / 2)];
        return ensemble with
        {
            RiskClasses = classes.ToDictionary(
                c => c.Name,
                c => c == risky
                    ? new RiskClass([.. Enumerable.Range(0, own)]) { Slices = late.Length < ensemble.Slices ? late : null }
                    : new RiskClass([.. Enumerable.Range(own, ensemble.Shards - own)]),
                StringComparer.Ordinal),
        };
    }

    /// <summary>Transfers the classes to another number of shards and slices: each gets every part that overlaps its part of the corpus.</summary>
    /// <param name="declared">The ensemble that declares classes, or none.</param>
    /// <param name="shards">New number of shards.</param>
    /// <param name="slices">New number of slices.</param>
    public static EnsembleOptions Scale(EnsembleOptions declared, int shards, int slices)
    {
        ArgumentNullException.ThrowIfNull(declared);
        if (shards == declared.Shards && slices == declared.Slices)
        {
            return declared;
        }

        return declared with
        {
            Shards = shards,
            Slices = slices,
            Batches = [],
            Assign = AssignRule.BySubject,
            RiskClasses = declared.RiskClasses.ToDictionary(
                c => c.Key,
                c => new RiskClass(Overlapping(c.Value.Shards, 0, declared.Shards, shards))
                {
                    Slices = c.Value.Slices is { } own ? Overlapping(own, 1, declared.Slices, slices) : null,
                },
                StringComparer.Ordinal),
        };
    }

    // Part i of n covers [i/n, (i + 1)/n); compared in whole numbers.
    private static int[] Overlapping(IReadOnlyList<int> parts, int first, int count, int otherCount) =>
    [
        .. Enumerable.Range(0, otherCount)
            .Where(j => parts.Any(part => (long)(part - first) * otherCount < (long)(j + 1) * count && (long)j * count < (long)(part - first + 1) * otherCount))
            .Select(j => j + first),
    ];
}

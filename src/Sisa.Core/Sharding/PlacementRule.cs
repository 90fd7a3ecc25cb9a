using Sisa.Training;

namespace Sisa.Sharding;

/// <summary>Scales the keyed hash of a subject onto the shards and slices that are open to it (rule E1).</summary>
/// <remarks>Immutable and thread-safe. The shard is the hash's first word scaled onto the shards of the risk class, the slice its second word scaled onto the slices of the class; a class that declares
/// no slices uses all.</remarks>
public sealed class PlacementRule
{
    private readonly EnsembleOptions _options;
    private readonly (int[] Shards, int[] Slices) _all;

    /// <summary>Prepares the rule of an ensemble.</summary>
    /// <param name="options">Number of shards and slices, and risk classes; validated with the recipe.</param>
    public PlacementRule(EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _all = ([.. Enumerable.Range(0, options.Shards)], [.. Enumerable.Range(1, options.Slices)]);
    }

    /// <summary>Where a subject lives; of the slice, only where it follows from the subject.</summary>
    /// <param name="hash">HMAC-SHA256(κ, subject).</param>
    /// <param name="riskClass">The subject's risk class, or <see langword="null"/> if the recipe declares none.</param>
    /// <returns>The shard, and the slice unless it follows the batch.</returns>
    /// <exception cref="CorpusException">The class is not declared in the recipe.</exception>
    public (ShardId Shard, SliceIndex? Slice) Find(Digest hash, string? riskClass)
    {
        var (shards, slices) = OpenTo(riskClass);
        var shard = new ShardId(shards[(int)Seeds.Scale(hash.High64, shards.Count)]);
        return (shard, _options.Assign == AssignRule.ByBatch ? null : new SliceIndex(slices[(int)Seeds.Scale(hash.Low64, slices.Count)]));
    }

    /// <summary>Shards and slices that no risk class may use, in sentences. They stay empty.</summary>
    /// <param name="options">The ensemble.</param>
    public static IReadOnlyList<string> Unused(EnsembleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.RiskClasses.Count == 0)
        {
            return [];
        }

        int[] shards = [.. Enumerable.Range(0, options.Shards).Except(options.RiskClasses.Values.SelectMany(c => c.Shards))];
        int[] slices = options.RiskClasses.Values.Any(c => c.Slices is null) ? [] : [.. Enumerable.Range(1, options.Slices).Except(options.RiskClasses.Values.SelectMany(c => c.Slices!))];
        var sentences = new List<string>();
        if (shards.Length > 0)
        {
            sentences.Add($"No risk class uses shard {string.Join(", ", shards)}. It stays empty, and its model abstains.");
        }

        if (slices.Length > 0)
        {
            sentences.Add($"No risk class uses slice {string.Join(", ", slices)}. It stays empty, and its stage trains on the earlier slices.");
        }

        return sentences;
    }

    /// <summary>The shards and slices of a class, in the order declared.</summary>
    /// <param name="riskClass">The class, or <see langword="null"/> if the recipe declares none.</param>
    /// <exception cref="CorpusException">The class is not declared in the recipe.</exception>
    public (IReadOnlyList<int> Shards, IReadOnlyList<int> Slices) OpenTo(string? riskClass)
    {
        if (_options.RiskClasses.Count == 0)
        {
            return _all;
        }

        return riskClass is not null && _options.RiskClasses.TryGetValue(riskClass, out var declared)
            ? (declared.Shards, declared.Slices ?? _all.Slices)
            : throw new CorpusException(
                $"Risk class '{riskClass}' is not declared; expected one of {string.Join(", ", _options.RiskClassNames)}.",
                "Declare it under 'ensemble.riskClasses' of the recipe, or correct the row.");
    }
}

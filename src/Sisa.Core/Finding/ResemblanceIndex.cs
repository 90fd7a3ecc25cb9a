namespace Sisa.Finding;

/// <summary>Finds those of some named texts that another text resembles, without comparing it with each.</summary>
/// <remarks>
/// <para>Immutable; thread-safe. Whoever resembles A by a threshold t shares at least t·|A| of its shingles, and so at least one of any |A| − ⌈t·|A|⌉ + 1 of them. The
/// rarest of A's shingles are indexed, that many of them: nothing is missed, and almost nothing is compared in vain (prefix filtering: Bayardo, Ma and Srikant,
/// <i>Scaling Up All Pairs Similarity Search</i>, WWW 2007). One side of the comparison is known and the other streamed by, so no signatures are kept of either.</para>
/// </remarks>
public sealed class ResemblanceIndex
{
    // A product with rounding below a whole number must not make the prefix shorter.
    private const double Rounding = 1e-9;
    private const int FilterBits = 20;

    private readonly IReadOnlyList<UInt128[]> _named;
    private readonly double _threshold;
    private readonly Dictionary<UInt128, List<int>> _index = [];
    private readonly ulong[] _filter = new ulong[1 << (FilterBits - 6)];

    /// <summary>Makes the index.</summary>
    /// <param name="named">Sets of shingles, each in ascending order; one without shingles resembles nothing.</param>
    /// <param name="threshold">Least resemblance that counts, above 0 and at most 1.</param>
    public ResemblanceIndex(IReadOnlyList<UInt128[]> named, double threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        (_named, _threshold) = (named, threshold);
        var frequency = new Dictionary<UInt128, int>();
        foreach (var shingle in named.SelectMany(set => set))
        {
            frequency[shingle] = frequency.GetValueOrDefault(shingle) + 1;
        }

        for (var i = 0; i < named.Count; i++)
        {
            var needed = (int)Math.Ceiling((threshold * named[i].Length) - Rounding);
            foreach (var shingle in named[i].OrderBy(s => frequency[s]).ThenBy(s => s).Take(named[i].Length - needed + 1))
            {
                Add(shingle, i);
            }
        }
    }

    /// <summary>The named texts that a text resembles at least by the threshold.</summary>
    /// <param name="shingles">Shingles of the text; sorted, and without repetitions, when anything had to be compared.</param>
    /// <returns>Numbers of named texts in ascending order, each with its resemblance; mostly none.</returns>
    public IReadOnlyList<(int Named, double Resemblance)> Find(Span<UInt128> shingles)
    {
        SortedSet<int>? candidates = null;
        foreach (var shingle in shingles)
        {
            var bit = BitOf(shingle);
            if ((_filter[bit >> 6] >> (bit & 63) & 1) != 0 && _index.TryGetValue(shingle, out var named))
            {
                (candidates ??= []).UnionWith(named);
            }
        }

        if (candidates is null)
        {
            return [];
        }

        var set = shingles[..Shingles.Distinct(shingles)];
        var found = new List<(int Named, double Resemblance)>();
        foreach (var candidate in candidates)
        {
            var resemblance = Shingles.Resemblance(_named[candidate], set);
            if (resemblance >= _threshold)
            {
                found.Add((candidate, resemblance));
            }
        }

        return found;
    }

    private void Add(UInt128 shingle, int named)
    {
        if (!_index.TryGetValue(shingle, out var list))
        {
            _index.Add(shingle, list = []);
        }

        list.Add(named);
        var bit = BitOf(shingle);
        _filter[bit >> 6] |= 1UL << (bit & 63);
    }

    // Turns almost every shingle away without a look into the dictionary.
    private static int BitOf(UInt128 shingle)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15UL;
        return (int)((((ulong)shingle * Multiplier) ^ ((ulong)(shingle >> 64) * (Multiplier | 2))) * Multiplier >> (64 - FilterBits));
    }
}

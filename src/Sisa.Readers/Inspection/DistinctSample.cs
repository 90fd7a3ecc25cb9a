namespace Sisa.Readers.Inspection;

/// <summary>How many different values there are and how often they repeat, in bounded memory.</summary>
/// <remarks>Exact up to its limit. Beyond, adaptive sampling (Flajolet 1990): it keeps the values whose hash ends in more and more zero bits, with <i>all</i> of
/// their repetitions, from the whole file and not from its beginning.</remarks>
/// <param name="limit">Values that are kept at most.</param>
internal sealed class DistinctSample(int limit)
{
    private readonly Dictionary<ulong, long> _counts = [];
    private ulong _mask;

    /// <summary>Different values; an estimate where <see cref="IsExact"/> is false.</summary>
    public long Distinct => _counts.Count * (long)(_mask + 1);

    /// <summary>Whether every value was kept.</summary>
    public bool IsExact => _mask == 0;

    /// <summary>Share of different values among all: 1 where none came twice.</summary>
    public double Ratio => _counts.Count == 0 ? 0 : (double)_counts.Count / _counts.Values.Sum();

    /// <summary>Rows that hold another value than the most frequent one, among those kept.</summary>
    public long Others => _counts.Count == 0 ? 0 : _counts.Values.Sum() - _counts.Values.Max();

    /// <summary>Adds a value.</summary>
    /// <param name="hash">Its hash, spread over all bits.</param>
    public void Add(ulong hash)
    {
        if ((hash & _mask) != 0)
        {
            return;
        }

        _counts[hash] = _counts.GetValueOrDefault(hash) + 1;
        while (_counts.Count > limit)
        {
            _mask = (_mask << 1) | 1;
            foreach (var value in _counts.Keys.Where(value => (value & _mask) != 0).ToList())
            {
                _counts.Remove(value);
            }
        }
    }
}

namespace Sisa.Finding;

/// <summary>Finds the ranges of a text that resemble a phrase, from the places where the phrase's shingles begin in it.</summary>
/// <remarks>The resemblance of a range is |A ∩ W| / |A ∪ W| for the shingles of phrase and range with their repetitions (Broder 1997, option A): a range that
/// holds the phrase twice resembles it less than one that holds it once, so that two passages are never taken for one.</remarks>
/// <param name="hits">Places in ascending order, and which shingle of the phrase begins there.</param>
/// <param name="counts">How often each different shingle occurs in the phrase.</param>
/// <param name="threshold">Least resemblance, above 0.</param>
internal sealed class ShingleWindow(IReadOnlyList<(int Place, int Shingle)> hits, IReadOnlyList<int> counts, double threshold)
{
    private readonly int _size = counts.Sum();

    // For each shingle the last range in which it was counted, and how often there.
    private readonly (int Range, int Times)[] _counted = [.. Enumerable.Repeat((-1, 0), counts.Count)];
    private int _next;

    /// <summary>The next range: from the first place that resembles the phrase enough, or a later one as long as each resembles it more.</summary>
    /// <returns>Places of its first and last shingle, and its resemblance; <see langword="null"/> when there is none left.</returns>
    public (int From, int To, double Resemblance)? Next()
    {
        (int From, int To, double Resemblance)? best = null;
        for (; _next < hits.Count; _next++)
        {
            var (to, resemblance) = Best(_next);

            // Looking for the most of all that begin within it would join the end of one passage with the beginning of the next.
            if (best is { } found && resemblance <= found.Resemblance)
            {
                SkipTo(found.To + 1);
                return best;
            }

            if (resemblance >= threshold)
            {
                best = (hits[_next].Place, to, resemblance);
            }
        }

        return best;
    }

    private void SkipTo(int place)
    {
        while (_next < hits.Count && hits[_next].Place < place)
        {
            _next++;
        }
    }

    private (int To, double Resemblance) Best(int first)
    {
        var best = (To: 0, Resemblance: 0.0);
        var common = 0;
        for (var last = first; last < hits.Count; last++)
        {
            var (place, shingle) = hits[last];
            var times = _counted[shingle].Range == first ? _counted[shingle].Times + 1 : 1;
            _counted[shingle] = (first, times);
            common += times <= counts[shingle] ? 1 : 0;
            var places = place - hits[first].Place + 1;
            var resemblance = (double)common / (_size + places - common);
            if (resemblance > best.Resemblance)
            {
                best = (place, resemblance);
            }

            // In a range of that length not even the whole phrase would be enough.
            if (_size < threshold * places)
            {
                break;
            }
        }

        return best;
    }
}

namespace Sisa.Finding;

/// <summary>Finds the ranges of a text that resemble a phrase, from the places where the phrase's shingles begin in it.</summary>
/// <remarks>The resemblance of a range is c / (|A| + m): c different shingles of the phrase's set A begin in it, and at m places of it something else.
/// That is |A ∩ W| / |A ∪ W| for the range's set W, but that a foreign shingle which comes twice is counted twice.</remarks>
/// <param name="hits">Places in ascending order, and which shingle of the phrase begins there.</param>
/// <param name="size">Number of different shingles of the phrase.</param>
/// <param name="threshold">Least resemblance, above 0.</param>
internal sealed class ShingleWindow(IReadOnlyList<(int Place, int Shingle)> hits, int size, double threshold)
{
    // For each shingle the last range in which it was counted.
    private readonly int[] _countedIn = [.. Enumerable.Repeat(-1, size)];
    private int _next;

    /// <summary>The next range: the one that resembles the phrase most, of all that begin within it.</summary>
    /// <returns>Places of its first and last shingle, and its resemblance; <see langword="null"/> when there is none left.</returns>
    public (int From, int To, double Resemblance)? Next()
    {
        (int From, int To, double Resemblance)? best = null;
        for (; _next < hits.Count && (best is not { } found || hits[_next].Place <= found.To); _next++)
        {
            var (to, resemblance) = Best(_next);
            if (resemblance >= threshold && resemblance > (best?.Resemblance ?? 0))
            {
                best = (hits[_next].Place, to, resemblance);
            }
        }

        return best;
    }

    private (int To, double Resemblance) Best(int first)
    {
        var best = (To: 0, Resemblance: 0.0);
        var count = 0;
        for (var last = first; last < hits.Count; last++)
        {
            count += _countedIn[hits[last].Shingle] == first ? 0 : 1;
            _countedIn[hits[last].Shingle] = first;
            var foreign = hits[last].Place - hits[first].Place - (last - first);
            var resemblance = (double)count / (size + foreign);
            if (resemblance > best.Resemblance)
            {
                best = (hits[last].Place, resemblance);
            }

            // With so many foreign shingles not even all of the phrase's would be enough.
            if (size < threshold * (size + foreign))
            {
                break;
            }
        }

        return best;
    }
}

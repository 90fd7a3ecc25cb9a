using Sisa.Sharding;

namespace Sisa.Planning;

/// <summary>A request of a simulated year.</summary>
/// <param name="Hours">When it comes, in hours from the start of the year.</param>
/// <param name="Subjects">Positions of the subjects that it names.</param>
internal readonly record struct SimulatedRequest(double Hours, int[] Subjects);

/// <summary>Draws the subjects of requests and their times. No subject is drawn twice.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RequestStream
{
    private readonly RequestLoad _load;
    private readonly SeededGenerator _random;
    private readonly List<int>[] _left;

    public RequestStream(PlannedCorpus corpus, RequestLoad load, Digest seed)
    {
        (_load, _random) = (load, new SeededGenerator(seed));
        _left = [.. Enumerable.Range(0, Math.Max(1, load.Classes.Count)).Select(_ => new List<int>())];
        for (var i = 0; i < corpus.Subjects.Count; i++)
        {
            _left[corpus.Subjects[i].RiskClass].Add(i);
        }
    }

    /// <summary>The requests of a year, until all subjects have asked.</summary>
    public List<SimulatedRequest> Year()
    {
        var requests = new List<SimulatedRequest>();
        for (double hours = 0; _load.PerYear > 0;)
        {
            // The time between two requests is exponential; a logarithm of 1 − u, since u may be 0.
            hours -= Math.Log(1 - _random.NextUnit()) * RequestLoad.HoursOfYear / _load.PerYear;
            if (hours >= RequestLoad.HoursOfYear || Next() is not { Length: > 0 } subjects)
            {
                break;
            }

            requests.Add(new SimulatedRequest(hours, subjects));
        }

        return requests;
    }

    /// <summary>The subjects of the next request; fewer than usual, or none, if few are left.</summary>
    public int[] Next()
    {
        var named = new List<int>();
        for (var i = 0; i < _load.SubjectsPerRequest && Pool() is { } pool; i++)
        {
            var at = _random.NextInt32(pool.Count);
            named.Add(pool[at]);
            pool[at] = pool[^1];
            pool.RemoveAt(pool.Count - 1);
        }

        return [.. named];
    }

    // A class without remaining subjects gives its turn to the others.
    private List<int>? Pool()
    {
        var drawn = _random.NextUnit();
        double sum = 0;
        for (var c = 0; c < _left.Length; c++)
        {
            sum += _load.Classes.Count > 0 ? _load.Classes[c].ShareOfRequests : 1;
            if (drawn < sum && _left[c].Count > 0)
            {
                return _left[c];
            }
        }

        return Array.Find(_left, pool => pool.Count > 0);
    }
}

using Sisa.TestKit;

namespace Sisa.Campaigns;

/// <summary>Where a case runs, and what it counts. Owned by whoever runs it; not thread-safe.</summary>
public sealed class CampaignCase : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>An empty folder of its own, removed afterwards.</summary>
    public string Folder => _folder.Path;

    /// <summary>What was counted: kinds of harm that were done, answers that were given.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Counts something; sums over all cases stand in the result table.</summary>
    /// <param name="what">A few words, the same for what is to be summed up.</param>
    /// <param name="times">How often.</param>
    public void Count(string what, long times = 1) => _counts[what] = _counts.GetValueOrDefault(what) + times;

    /// <summary>Fails the case where something does not hold.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="what">What was expected, what was found.</param>
    /// <exception cref="CampaignFaultException">It does not.</exception>
    public static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new CampaignFaultException(what);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}

/// <summary>A case showed that something which must hold does not.</summary>
/// <param name="what">What was expected, what was found.</param>
public sealed class CampaignFaultException(string what) : Exception(what);

using System.Text;
using Sisa.Sharding;

namespace Sisa.Benchmarks.Counting;

/// <summary>All possible requesters, with their items.</summary>
/// <remarks>Immutable. Requests name subjects; where a corpus has none, each item is its own.</remarks>
public sealed class Population
{
    /// <summary>Takes the requesters.</summary>
    /// <param name="requesters">In a fixed order: draws are numbers into it.</param>
    /// <param name="seed">Seed of who is frequent.</param>
    /// <param name="frequentShare">Share that is frequent.</param>
    public Population(IReadOnlyList<Requester> requesters, ulong seed, double frequentShare)
    {
        Requesters = requesters;
        Items = requesters.Sum(r => r.Items.Count);
        var frequent = requesters.Select((r, i) => (Is: IsFrequent(r.Subject, seed, frequentShare), Number: i)).ToLookup(r => r.Is, r => r.Number);
        (Frequent, Others) = ([.. frequent[true]], [.. frequent[false]]);
    }

    /// <summary>All requesters.</summary>
    public IReadOnlyList<Requester> Requesters { get; }

    /// <summary>Items of all together.</summary>
    public int Items { get; }

    /// <summary>Numbers of those who are frequent in the skewed pattern.</summary>
    public IReadOnlyList<int> Frequent { get; }

    /// <summary>Numbers of the others.</summary>
    public IReadOnlyList<int> Others { get; }

    /// <summary>Whether a subject is declared frequent: by a hash of its name, so that a corpus can be written with it row by row.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="share">Share that is frequent.</param>
    public static bool IsFrequent(string subject, ulong seed, double share) =>
        Digest.Of(Encoding.UTF8.GetBytes(FormattableString.Invariant($"frequent/{seed}/{subject}"))).High64 < share * Math.Pow(2, 64);
}

/// <summary>A possible requester.</summary>
/// <param name="Subject">Name, by which shards are assigned.</param>
/// <param name="Items">The items.</param>
public sealed record Requester(string Subject, IReadOnlyList<OwnedItem> Items);

/// <summary>An item of a requester.</summary>
/// <param name="Id">UTF-8 id.</param>
/// <param name="Place">Where a store of the user's has it; <see langword="null"/> in a generated corpus.</param>
public sealed record OwnedItem(byte[] Id, Placement? Place = null);

using Sisa.Finding;
using Sisa.Sharding;

namespace Sisa.Engine.Finding;

/// <summary>The result of a search of the corpus.</summary>
public sealed record FindReport
{
    /// <summary>Items searched: all items of the store, except those of pending requests.</summary>
    public required long Items { get; init; }

    /// <summary>The kinds that were looked for: this one and those before it.</summary>
    public required MatchKind Level { get; init; }

    /// <summary>Least resemblance that counted as near; <see langword="null"/> if near ones were not looked for.</summary>
    public double? Threshold { get; init; }

    /// <summary>The matches, by shard, slice and id.</summary>
    public required IReadOnlyList<FoundItem> Found { get; init; }

    /// <summary>Names the corpus as it was searched: digest over the roots of all slices.</summary>
    public required Digest Corpus { get; init; }

    /// <summary>Items whose duplicates were looked for and that the store does not hold.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Named items without text, of which only exact copies could be found.</summary>
    public int WithoutText { get; init; }
}

/// <summary>An item that was found.</summary>
public sealed record FoundItem
{
    /// <summary>Its id.</summary>
    public required string Item { get; init; }

    /// <summary>Its subject.</summary>
    public required string Subject { get; init; }

    /// <summary>Where it lives.</summary>
    public required Placement Place { get; init; }

    /// <summary>How close it is, at its closest.</summary>
    public required MatchKind Kind { get; init; }

    /// <summary>Its resemblance, from 0 to 1, at its closest.</summary>
    public required double Resemblance { get; init; }

    /// <summary>The item of which it is a duplicate, where duplicates were looked for: of several the closest.</summary>
    public string? Of { get; init; }

    /// <summary>Where its text holds the phrase, where one was looked for: ranges in code points of the text as first ingested, as a request to cut them takes them.</summary>
    public IReadOnlyList<TextOccurrence> Occurrences { get; init; } = [];
}

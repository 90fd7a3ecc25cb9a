using Sisa.Engine.Finding;
using Sisa.Finding;
using Sisa.Storage.Manifest;

namespace Sisa.Engine.Reporting;

/// <summary>The result of a search of the corpus, in a documented, stable shape; written as JSON with camel-case names.</summary>
public sealed record SearchReport
{
    /// <summary>Items that were looked at.</summary>
    public required long Items { get; init; }

    /// <summary>The kinds that were looked for: this one and those before it.</summary>
    public required MatchKind Match { get; init; }

    /// <summary>How they were compared, in fixed words.</summary>
    public required string Method { get; init; }

    /// <summary>Least resemblance that counted as near; <see langword="null"/> if near ones were not looked for.</summary>
    public double? Threshold { get; init; }

    /// <summary>Items of the subject that was asked for; <see langword="null"/> if there are none.</summary>
    public IReadOnlyList<OwnItem>? Own { get; init; }

    /// <summary>The matches, by shard, slice and id.</summary>
    public required IReadOnlyList<FoundMatch> Found { get; init; }

    /// <summary>Items whose duplicates were looked for and that the store does not hold.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>Names of the store that differ from a given name only in spelling; <see langword="null"/> if no name was given.</summary>
    public IReadOnlyList<NearSpelling>? NearSpellings { get; init; }

    /// <summary>Takes what a search found.</summary>
    /// <param name="report">The result.</param>
    /// <param name="own">Items of the subject that was asked for.</param>
    /// <param name="near">Near spellings of what was named; <see langword="null"/> if no name was given.</param>
    public static SearchReport Of(FindReport report, IReadOnlyList<ItemRow> own, NearSpellings? near = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(own);
        return new SearchReport
        {
            Items = report.Items,
            Match = report.Level,
            Method = MatchMethod.Of(report.Level),
            Threshold = report.Threshold,
            Own = own.Count == 0 ? null : [.. own.Select(row => new OwnItem(row.Id, row.Subject, row.Place.Shard.Value, row.Place.Slice.Value))],
            Found = [.. report.Found.Select(FoundMatch.From)],
            Unknown = report.Unknown,
            NearSpellings = near?.Found,
        };
    }
}

/// <summary>An item of a subject.</summary>
/// <param name="Item">Its id.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Shard">Number of its shard.</param>
/// <param name="Slice">Number of its slice.</param>
public sealed record OwnItem(string Item, string Subject, int Shard, int Slice);

/// <summary>An item that a search found.</summary>
/// <param name="Item">Its id.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Shard">Number of its shard.</param>
/// <param name="Slice">Number of its slice.</param>
/// <param name="Kind">How close it is, at its closest.</param>
/// <param name="Resemblance">Its resemblance, from 0 to 1, at its closest.</param>
/// <param name="Of">The item of which it is a duplicate; <see langword="null"/> if a phrase was looked for.</param>
/// <param name="Spans">Where its text holds the phrase; <see langword="null"/> if duplicates were looked for.</param>
public sealed record FoundMatch(string Item, string Subject, int Shard, int Slice, MatchKind Kind, double Resemblance, string? Of, IReadOnlyList<FoundSpan>? Spans)
{
    internal static FoundMatch From(FoundItem found) => new(
        found.Item,
        found.Subject,
        found.Place.Shard.Value,
        found.Place.Slice.Value,
        found.Kind,
        found.Resemblance,
        found.Of,
        found.Of is null ? [.. found.Occurrences.Select(o => new FoundSpan(o.Span.ToString(), o.Kind, o.Resemblance))] : null);
}

/// <summary>A place of a phrase.</summary>
/// <param name="Span">Where, as <c>A..B</c>: a half-open range in code points of the text as first ingested.</param>
/// <param name="Kind">How close it is.</param>
/// <param name="Resemblance">Its resemblance, from 0 to 1.</param>
public sealed record FoundSpan(string Span, MatchKind Kind, double Resemblance);
